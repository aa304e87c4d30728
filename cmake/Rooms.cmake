# berta_room(NAME LIBRARIES...): the object library berta_NAME of all sources in src/NAME.
# berta_library(): libberta, all rooms together.
set(BERTA_ROOMS "" CACHE INTERNAL "")
set(BERTA_ROOM_LIBRARIES "" CACHE INTERNAL "")

function(berta_room name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  if(NOT sources)
    return()
  endif()
  add_library(berta_${name} OBJECT ${sources})
  set_target_properties(berta_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(berta_${name} PRIVATE berta_flags Threads::Threads fmt::fmt ${ARGN})
  set(BERTA_ROOMS ${BERTA_ROOMS} ${name} CACHE INTERNAL "")
  set(BERTA_ROOM_LIBRARIES ${BERTA_ROOM_LIBRARIES} ${ARGN} CACHE INTERNAL "")
endfunction()

function(berta_library)
  add_library(berta STATIC)
  foreach(name ${BERTA_ROOMS})
    target_sources(berta PRIVATE $<TARGET_OBJECTS:berta_${name}>)
  endforeach()
  set_target_properties(berta PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(berta PRIVATE Threads::Threads fmt::fmt ${BERTA_ROOM_LIBRARIES})
  target_include_directories(berta INTERFACE
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
endfunction()
