# The libraries that berta stands on. Also read by an installed berta-config.cmake, since the user of a static
# library links them too.
set(dependencies Threads ZLIB simdjson fmt hwy PkgConfig)
foreach(dependency ${dependencies})
  find_package(${dependency} REQUIRED)
endforeach()
pkg_check_modules(PCRE2 QUIET REQUIRED IMPORTED_TARGET libpcre2-8)
