# The training module: a shared library that `berta` loads for its training commands, so that nothing else waits for, or
# needs, libtorch.
file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/train/*.cc)
if(NOT BERTA_HAS_TORCH)
  return()
endif()
list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/src/train/module.cc)
# Several processes: libtorch has Gloo, but not its headers. Debian's will do (libgloo-dev); its library is not linked.
find_path(BERTA_GLOO_INCLUDE gloo/context.h)
if(NOT BERTA_GLOO_INCLUDE)
  message(STATUS "libgloo-dev is missing: training in several processes will say so")
  list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/src/train/workers/gloo_workers.cc)
endif()
# Several GPUs: NCCL is in a torch with CUDA, its header in the package that pip installs beside it.
if(TARGET torch_cuda)
  find_path(BERTA_NCCL_INCLUDE nccl.h HINTS ${BERTA_TORCH_FOLDER}/../nvidia/nccl/include)
endif()
add_library(berta_train_room STATIC ${sources})
set_target_properties(berta_train_room PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_link_libraries(berta_train_room PRIVATE berta_flags berta_torch Threads::Threads)
if(BERTA_GLOO_INCLUDE)
  target_include_directories(berta_train_room SYSTEM PRIVATE ${BERTA_GLOO_INCLUDE})
  target_compile_definitions(berta_train_room PRIVATE BERTA_HAS_GLOO USE_C10D_GLOO)
endif()
if(BERTA_NCCL_INCLUDE AND BERTA_GLOO_INCLUDE)
  target_include_directories(berta_train_room SYSTEM PRIVATE ${BERTA_NCCL_INCLUDE})
  target_compile_definitions(berta_train_room PRIVATE BERTA_HAS_NCCL USE_C10D_NCCL)
endif()
target_precompile_headers(berta_train_room PRIVATE ${CMAKE_SOURCE_DIR}/src/train/torch.h)

add_library(berta_train MODULE ${CMAKE_SOURCE_DIR}/src/train/module.cc)
set_target_properties(berta_train PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR} PREFIX "lib" CXX_VISIBILITY_PRESET hidden)
# Nothing of its copy of libberta shows, so that it cannot be mistaken for the command's.
target_link_options(berta_train PRIVATE -Wl,--exclude-libs,ALL)
target_link_libraries(berta_train PRIVATE berta_flags berta_train_room berta berta_torch)
