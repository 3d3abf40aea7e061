# What every target of the project shares, said once.
include_guard()

# Clang proves that what is guarded (base/mutex.h) is touched under its lock.
set(mcpgate_lock_checks "")
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(mcpgate_lock_checks -Wthread-safety -Wthread-safety-beta -Werror=thread-safety)
endif()

# mcpgate_build_flags(<target>): warnings, sanitizers, reproducible paths. Only for a top-level build,
# so that a project which adds mcpgate as a subdirectory keeps its own choices.
function(mcpgate_build_flags target)
  if(NOT PROJECT_IS_TOP_LEVEL)
    return()
  endif()
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Wundef
    -Wno-sign-conversion -Wno-missing-field-initializers ${mcpgate_lock_checks})
  # What is shipped names no path of the machine it was built on. Not in debug builds: the path would be part of
  # the compiler cache's key, and a second checkout would compile everything again.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=>)
  if(MCPGATE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(MCPGATE_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${MCPGATE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${MCPGATE_SANITIZE})
  endif()
endfunction()

# mcpgate_library(<name> COMPONENT <component> HEADERS ... SOURCES ... PUBLIC ... PRIVATE ...)
# One shipped library: visibility, version, export name and install rule.
function(mcpgate_library name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "COMPONENT" "HEADERS;SOURCES;PUBLIC;PRIVATE")
  add_library(${name})
  add_library(mcpgate::${A_COMPONENT} ALIAS ${name})
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_sources(${name}
    PRIVATE ${A_SOURCES}
    PUBLIC FILE_SET HEADERS
      BASE_DIRS ${PROJECT_SOURCE_DIR}/libmcpgate/include ${PROJECT_BINARY_DIR}/include
      FILES ${A_HEADERS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/libmcpgate/src)
  target_link_libraries(${name} PUBLIC ${A_PUBLIC} PRIVATE ${A_PRIVATE})
  target_compile_definitions(${name} PRIVATE MCPGATE_BUILDING)
  mcpgate_build_flags(${name})
  if(MCPGATE_COVERAGE)  # the library alone: the tests that run it are compiled as ever
    target_compile_options(${name} PRIVATE --coverage -fprofile-update=atomic)
    target_link_options(${name} PUBLIC --coverage)
  endif()
  get_target_property(type ${name} TYPE)
  if(type STREQUAL "SHARED_LIBRARY")
    target_compile_definitions(${name} PUBLIC MCPGATE_SHARED)
  endif()
  # A 0.y release may break the ABI at every minor; from 1.0 the major alone counts.
  if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(soversion ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  else()
    set(soversion ${PROJECT_VERSION_MAJOR})
  endif()
  set_target_properties(${name} PROPERTIES
    EXPORT_NAME ${A_COMPONENT} VERSION ${PROJECT_VERSION} SOVERSION ${soversion}
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON
    VERIFY_INTERFACE_HEADER_SETS ON)
  if(MCPGATE_INSTALL)
    install(TARGETS ${name} EXPORT mcpgate-${A_COMPONENT}-targets
      LIBRARY COMPONENT Runtime NAMELINK_COMPONENT Development
      ARCHIVE COMPONENT Development
      FILE_SET HEADERS COMPONENT Development)
    install(EXPORT mcpgate-${A_COMPONENT}-targets NAMESPACE mcpgate::
      DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mcpgate COMPONENT Development)
    set_property(GLOBAL APPEND PROPERTY MCPGATE_COMPONENTS ${A_COMPONENT})
  endif()
endfunction()

# mcpgate_program(<name> SOURCES ... LIBRARIES ...): a host, example, test or benchmark executable.
function(mcpgate_program name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "SOURCES;LIBRARIES")
  add_executable(${name} ${A_SOURCES})
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(${name} PRIVATE ${A_LIBRARIES})
  mcpgate_build_flags(${name})
endfunction()
