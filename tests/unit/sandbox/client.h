// A bot's view of the sandbox: libcurl, no adapter between.
#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcpgate/json.h"
#include "sandbox/sandbox.h"

namespace mcpgate::testing {

struct Answer {
  CURLcode result = CURLE_OK;  ///< of the transfer
  long status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string text;
  Json body;  ///< null when the text is not JSON

  /// Empty when absent.
  std::string Header(std::string_view name) const;
  /// The "code" of an error body.
  int Code() const;
  /// The first code at `path` ("content") of an error tree, "" when there is none.
  std::string FormError(std::string_view path) const;
};

/// Client
///
/// One connection, kept alive. Not thread-safe.
class Client {
 public:
  explicit Client(const Sandbox& sandbox);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Answer Get(const std::string& path) { return Request("GET", path); }
  Answer Post(const std::string& path, const Json& body) { return Request("POST", path, DumpJson(body)); }
  Answer Patch(const std::string& path, const Json& body) { return Request("PATCH", path, DumpJson(body)); }
  Answer Delete(const std::string& path) { return Request("DELETE", path); }
  /// `path` below the base URL, or a whole URL.
  Answer Request(const std::string& method, const std::string& path, const std::string& body = "");

  std::string token;
  std::string user_agent = "DiscordBot (https://example.org/mcpgate, 0.1.0)";
  std::string content_type = "application/json";
  std::string extra_header;

 private:
  CURL* curl_;
  std::string base_url_;
};

}  // namespace mcpgate::testing
