# cmake -DROOT=<project> -DOUT=<scratch folder> -DBUILD_TYPE=... -DLAUNCHER=<compiler cache> -DWERROR=... -P Conan.cmake
# Packages the library with Conan, once whole and once without any option, in a Conan home of its own and without a
# remote, and builds a stranger's project against each package.
cmake_minimum_required(VERSION 3.23)
find_program(CONAN conan HINTS ${ROOT}/build/venv/bin NO_CACHE)
if(NOT CONAN)
  set(words "not installed: Conan, of tests/package/requirements.txt; ./dev test installs it")
  if("$ENV{MCPGATE_E2E_REQUIRED}")
    message(FATAL_ERROR "${words}")
  endif()
  message(NOTICE "${words}")
  return()
endif()
file(REMOVE_RECURSE ${OUT})
file(MAKE_DIRECTORY ${OUT})
set(ENV{CONAN_HOME} ${OUT}/home)
# Conan copies the sources to a folder with a new name each time. The compiler cache looks past it, and with the flags
# of the build tree (no -m64, warnings are errors) finds what that has compiled already.
set(ENV{CCACHE_BASEDIR} ${OUT})
set(ENV{CCACHE_NOHASHDIR} true)
set(ENV{CMAKE_CXX_COMPILER_LAUNCHER} "${LAUNCHER}")
set(jobs 2)
if(DEFINED ENV{MCPGATE_BUILD_JOBS})
  set(jobs $ENV{MCPGATE_BUILD_JOBS})
endif()
set(common ${CONAN} create ${ROOT} -pr:a ${ROOT}/tests/package/conan/debian12.profile --no-remote
  -s build_type=${BUILD_TYPE}
  -c "tools.cmake.cmaketoolchain:extra_variables={'MCPGATE_WERROR': '${WERROR}'}"
  -c "tools.cmake.cmaketoolchain:enabled_blocks=['user_toolchain', 'generic_system', 'compilers', 'fpic', 'cppstd', 'extra_variables', 'find_paths', 'pkg_config', 'output_dirs', 'variables', 'preprocessor']"
  -c tools.build:jobs=${jobs} -c tools.cmake.cmake_layout:test_folder=${OUT}/stranger)

function(create)
  execute_process(COMMAND ${common} ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "conan create ${ARGN} failed:\n${output}")
  endif()
endfunction()

create()
create(-o "&:with_sqlite=False" -o "&:with_discord=False" -o "&:with_http=False")

# What a package may hold: public headers, libraries, the CMake configuration, the licence.
file(GLOB packages ${OUT}/home/p/b/*/p)
list(LENGTH packages count)
if(NOT count EQUAL 2)
  message(FATAL_ERROR "two packages were expected: ${packages}")
endif()
foreach(package IN LISTS packages)
  file(GLOB_RECURSE files RELATIVE ${package} ${package}/*)
  foreach(file IN LISTS files)
    if(NOT file MATCHES "^(include/mcpgate/[a-z_]+[.]h|lib/libmcpgate[a-z_]*[.]a|lib/cmake/mcpgate/.*|licenses/LICENSE|conan(info|manifest)[.]txt)$")
      message(FATAL_ERROR "a package holds ${file}")
    endif()
  endforeach()
endforeach()
