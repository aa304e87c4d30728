# The training module: a shared library that `berta` loads for its training commands, so that nothing else waits for, or
# needs, libtorch.
if(NOT BERTA_HAS_TORCH)
  return()
endif()
file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/train/*.cc)
add_library(berta_train_room STATIC ${sources})
set_target_properties(berta_train_room PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_link_libraries(berta_train_room PRIVATE berta_flags berta_torch Threads::Threads)
target_precompile_headers(berta_train_room PRIVATE ${CMAKE_SOURCE_DIR}/src/train/torch.h)
