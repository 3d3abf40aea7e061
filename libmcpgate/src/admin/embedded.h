// File: admin/embedded.h
//
// The files of admin/web, inside the library.
#pragma once

#include <string_view>

namespace mcpgate::admin {

/// "docs.html": its bytes; empty when there is no such file.
std::string_view FindEmbedded(std::string_view name);

}  // namespace mcpgate::admin
