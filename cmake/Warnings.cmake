# Flags shared by everything that the project itself compiles.
add_library(berta_flags INTERFACE)
target_compile_options(berta_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fno-math-errno)
target_include_directories(berta_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
if(BERTA_SANITIZE)
  add_compile_options(-fsanitize=${BERTA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BERTA_SANITIZE})
endif()
