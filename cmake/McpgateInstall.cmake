# The package that find_package(mcpgate COMPONENTS ...) and pkg-config read.
include(CMakePackageConfigHelpers)
get_property(MCPGATE_COMPONENTS GLOBAL PROPERTY MCPGATE_COMPONENTS)
set(dest ${CMAKE_INSTALL_LIBDIR}/cmake/mcpgate)
configure_package_config_file(cmake/mcpgate-config.cmake.in
  ${PROJECT_BINARY_DIR}/mcpgate-config.cmake INSTALL_DESTINATION ${dest})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mcpgate-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/mcpgate-config.cmake
  ${PROJECT_BINARY_DIR}/mcpgate-config-version.cmake
  cmake/Findsodium.cmake cmake/Findre2.cmake
  DESTINATION ${dest} COMPONENT Development)
# Relative to the .pc file itself, so that an installed tree can be moved or staged.
file(RELATIVE_PATH pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/mcpgate.pc.in ${PROJECT_BINARY_DIR}/mcpgate.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mcpgate.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT Development)
