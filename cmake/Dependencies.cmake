# The libraries that berta stands on. Also read by an installed berta-config.cmake, since the user of a static
# library links them too.
set(dependencies Threads ZLIB simdjson fmt hwy PkgConfig)
foreach(dependency ${dependencies})
  find_package(${dependency} REQUIRED)
endforeach()
pkg_check_modules(PCRE2 QUIET REQUIRED IMPORTED_TARGET libpcre2-8)
# Trains tokenizers; everything else is there without it.
pkg_check_modules(SENTENCEPIECE QUIET IMPORTED_TARGET sentencepiece)
set(BERTA_SENTENCEPIECE_LIBRARY "")
if(SENTENCEPIECE_FOUND)
  set(BERTA_SENTENCEPIECE_LIBRARY PkgConfig::SENTENCEPIECE)
endif()
