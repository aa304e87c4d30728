# libtorch, from an installed torch package: that of BERTA_TORCH, of .venv in the project (tools/setup/torch.sh), or of
# python3. Without it the training module is left out, and everything else builds. One with CUDA asks for CUDA's toolkit
# (CUDACXX or CUDA_HOME say where it is, if it lies elsewhere), and the module then trains on a GPU too.
set(BERTA_TORCH "$ENV{BERTA_TORCH}" CACHE STRING "Folder of an installed torch package; no: build without training")

function(berta_find_torch_folder)
  set(BERTA_TORCH_FOLDER "" PARENT_SCOPE)
  if(BERTA_TORCH STREQUAL "no" OR CMAKE_CROSSCOMPILING)
    return()
  endif()
  if(BERTA_TORCH)
    set(folder ${BERTA_TORCH})
  else()
    file(GLOB folder ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
    if(NOT folder)
      execute_process(COMMAND python3 -c "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
        OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
  endif()
  if(EXISTS "${folder}/share/cmake/Torch/TorchConfig.cmake")
    set(BERTA_TORCH_FOLDER ${folder} PARENT_SCOPE)
  elseif(BERTA_TORCH)
    message(FATAL_ERROR "BERTA_TORCH: no torch package in '${BERTA_TORCH}'")
  endif()
endfunction()
berta_find_torch_folder()

set(BERTA_HAS_TORCH OFF)
if(BERTA_TORCH_FOLDER)
  # It warns of a library that the CPU wheel leaves out on purpose, unless a place is said; c10 is linked in any case.
  set(kineto_LIBRARY ${BERTA_TORCH_FOLDER}/lib/libc10.so)
  # One with CUDA looks for the machine's GPUs to compile for, unless it is told; nothing here is compiled for one.
  if(NOT TORCH_CUDA_ARCH_LIST AND NOT DEFINED ENV{TORCH_CUDA_ARCH_LIST})
    set(TORCH_CUDA_ARCH_LIST 9.0)
  endif()
  # Not in a function: with CUDA it enables a language.
  find_package(Torch QUIET REQUIRED PATHS ${BERTA_TORCH_FOLDER}/share/cmake/Torch NO_DEFAULT_PATH)
  # Its headers are not ours to warn about, and its flags not for the rooms that do not know it.
  add_library(berta_torch INTERFACE)
  target_include_directories(berta_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  target_link_libraries(berta_torch INTERFACE ${TORCH_LIBRARIES})
  set(BERTA_HAS_TORCH ON)
endif()
