# cmake -DSOURCE= -DCOMPILER= -DINCLUDES=a|b -DFLAGS=a|b -P Expect.cmake
# Compiles SOURCE in its bad form and wants a refusal.
cmake_minimum_required(VERSION 3.23)
file(STRINGS ${SOURCE} first LIMIT_COUNT 1)
if(NOT first MATCHES "^// expect: (.+)$")
  message(FATAL_ERROR "${SOURCE}: the first line must be '// expect: <regular expression>'")
endif()
set(expected "${CMAKE_MATCH_1}")
string(REPLACE "|" ";-I" includes "-I${INCLUDES}")
string(REPLACE "|" ";" flags "${FLAGS}")
set(ENV{LC_ALL} C)  # plain quotes, English
execute_process(
  COMMAND ${COMPILER} -std=c++20 -fsyntax-only ${flags} -DMCPGATE_MUST_NOT_COMPILE ${includes} ${SOURCE}
  ERROR_VARIABLE said RESULT_VARIABLE status)
if(status EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles, and must not")
elseif(NOT said MATCHES "${expected}")
  message(NOTICE "${said}")
  message(FATAL_ERROR "${SOURCE} is refused, but not with '${expected}'")
endif()
