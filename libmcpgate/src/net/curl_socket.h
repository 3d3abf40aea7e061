// File: net/curl_socket.h
#pragma once

#include <curl/curl.h>

namespace mcpgate::net {

/// Lets the handle open sockets to public addresses alone, and use no proxy; `refused`, which outlives the
/// transfer, becomes true when an address is not. False when libcurl cannot.
bool PublicOnly(CURL* easy, bool& refused);
/// What a transfer says that failed after an address was refused.
inline constexpr char kNotPublic[] = "its address is not public, and private ones are not allowed";

}  // namespace mcpgate::net
