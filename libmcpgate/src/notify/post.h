// File: notify/post.h
//
// What the places that are asked by HTTP have in common.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "net/http_client.h"

namespace mcpgate::notify {

/// InvalidArgument unless `url` is https, or http where private addresses are allowed. Does not show it.
absl::Status CheckUrl(std::string_view url, bool allow_private);
/// A POST of JSON.
net::HttpRequest JsonPost(std::string url, std::string body, bool allow_private, Nanos timeout);
/// OK for 2xx; InvalidArgument for the answers in `final`; else Unavailable. Says the place's name and the
/// answer's status, never the URL.
absl::Status Send(net::HttpClient& client, net::HttpRequest request, std::string_view name,
                  std::initializer_list<int> final, std::stop_token stop);

}  // namespace mcpgate::notify
