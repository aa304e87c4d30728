# `cmake --install`: the command, the static library, the public headers, and what find_package(berta) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/berta)

if(TARGET berta_command)
  install(TARGETS berta_command DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${CMAKE_BINARY_DIR}/share/berta.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
  install(FILES ${CMAKE_BINARY_DIR}/share/berta.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
          RENAME berta OPTIONAL)
  install(FILES ${CMAKE_BINARY_DIR}/share/berta.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
          OPTIONAL)
endif()
if(TARGET berta_train)
  install(TARGETS berta_train LIBRARY DESTINATION lib/berta)  # where the command looks for it
endif()
install(TARGETS berta EXPORT berta-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/berta DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)

install(EXPORT berta-targets NAMESPACE berta:: DESTINATION ${package_folder})
configure_package_config_file(cmake/berta-config.cmake.in berta-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(berta-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/berta-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/berta-config-version.cmake
              cmake/Dependencies.cmake DESTINATION ${package_folder})
