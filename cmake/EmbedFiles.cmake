# mcpgate_embed(<variable> NAMESPACE <a::b> HEADER <header> FILES <file>...)
# Appends a generated source to the list in <variable>: each file's bytes behind
# `EmbeddedFile FindEmbedded(std::string_view name)`, which <header> declares.
include_guard()

function(mcpgate_embed variable)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "NAMESPACE;HEADER" "FILES")
  set(arrays "")
  set(rows "")
  set(number 0)
  foreach(file IN LISTS A_FILES)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    get_filename_component(name ${file} NAME)
    string(APPEND arrays "constexpr unsigned char kFile${number}[] = {${bytes}0};\n")
    string(APPEND rows "  if (name == \"${name}\") return {reinterpret_cast<const char*>(kFile${number}), sizeof kFile${number} - 1};\n")
    math(EXPR number "${number} + 1")
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_${variable}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Generated from files of the source tree.
#include \"@A_HEADER@\"

namespace @A_NAMESPACE@ {
namespace {
@arrays@}  // namespace

std::string_view FindEmbedded(std::string_view name) {
@rows@  return {};
}

}  // namespace @A_NAMESPACE@
" @ONLY)
  set(${variable} ${${variable}} ${source} PARENT_SCOPE)
endfunction()
