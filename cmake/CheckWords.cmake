# cmake -DROOT=<project root> -P CheckWords.cmake
# Fails when a file of the project names a directory of somebody's machine or a package registry: either works
# for one person only. The patterns are written so that they do not match themselves.
cmake_minimum_required(VERSION 3.23)

set(patterns
  "(^|[^A-Za-z0-9._}~-])/(home|Users)/[a-z]"
  "(^|[^A-Za-z0-9._}~-])/(root|work|mnt|workspace)/[A-Za-z.]"
  "registry[.](npmjs|yarnpkg)[.]"
  "(pypi|files[.]pythonhosted|npm[.]pkg[.]github|test[.]pypi)[.](org|com)"
  "^ *\"resolved\": *\""
  "(--|^)(extra-)?index-url"
  "^(<<<<<<<|>>>>>>>) ")
get_filename_component(ROOT ${ROOT} ABSOLUTE)
get_filename_component(parent ${ROOT} DIRECTORY)
if(NOT parent STREQUAL "/")
  string(REGEX REPLACE "([].+*?()^$[{}|])" "\\\\\\1" parent "${parent}")
  list(APPEND patterns "(^|[^A-Za-z0-9._}~-])${parent}/")
endif()
list(JOIN patterns "|" pattern)

# In a checkout: what is or could be committed. Elsewhere (a source archive): every file.
execute_process(COMMAND git -C ${ROOT} grep -nIE --untracked -e "${pattern}"
  OUTPUT_VARIABLE found ERROR_VARIABLE error RESULT_VARIABLE status)
if(NOT status MATCHES "^[01]$")
  execute_process(COMMAND grep -rnIE --exclude-dir=.git --exclude-dir=build --exclude-dir=node_modules
    --exclude-dir=.cache -e "${pattern}" . WORKING_DIRECTORY ${ROOT}
    OUTPUT_VARIABLE found ERROR_VARIABLE error RESULT_VARIABLE status)
endif()
if(status EQUAL 0)
  message(NOTICE "${found}")
  message(FATAL_ERROR "words: the lines above name a machine's directory or a package registry, or are an unfinished merge")
elseif(NOT status EQUAL 1)
  message(FATAL_ERROR "words: cannot search ${ROOT}: ${error}")
endif()
message(STATUS "words hold")
