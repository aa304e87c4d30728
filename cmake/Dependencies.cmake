# The libraries that berta stands on. Also read by an installed berta-config.cmake, since a static library's
# user links them too.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
if(BERTA_OPENMP)
  find_dependency(OpenMP)
  set(BERTA_OPENMP_LIBRARY OpenMP::OpenMP_CXX)
endif()
find_dependency(onednn)
find_dependency(simdjson)
find_dependency(fmt)
find_dependency(hwy)
find_dependency(PkgConfig)
pkg_check_modules(PCRE2 QUIET REQUIRED IMPORTED_TARGET libpcre2-8)
