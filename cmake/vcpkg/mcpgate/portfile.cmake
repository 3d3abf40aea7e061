# An overlay port that packages the sources it lies among:
#   vcpkg install mcpgate --overlay-ports=<this project>/cmake/vcpkg
# The programs are not packaged.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS feature_options
  FEATURES
    sqlite  MCPGATE_WITH_SQLITE
    discord MCPGATE_WITH_DISCORD
    http    MCPGATE_WITH_HTTP)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    -DMCPGATE_BUILD_HOSTS=OFF
    -DMCPGATE_BUILD_EXAMPLES=OFF
    -DMCPGATE_BUILD_TESTS=OFF
    ${feature_options})
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/mcpgate)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
