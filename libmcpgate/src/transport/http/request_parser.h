// File: transport/http/request_parser.h
//
// Beast's parser behind a door that names no Beast.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/http.h"

namespace mcpgate::http {

struct RequestHead {
  std::string_view method, target;
  std::vector<HttpHeader> headers;
  bool is_http11 = false;
  bool keep_alive = false;
};

/// RequestParser
///
/// One request after another: a head, then its body. Not thread-safe.
class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  /// `bytes` is a whole head. 0, or the status of the refusal. The views in `head` point into `bytes`.
  int ParseHead(std::string_view bytes, RequestHead& head);

  struct Progress {
    std::size_t taken = 0;
    bool is_done = false;
    int refusal = 0;
  };
  /// Appends what `bytes` has of the body of the head parsed last. What is not taken must be offered again,
  /// with more behind it.
  Progress ParseBody(std::string_view bytes, std::size_t max_body, std::string& body);

 private:
  class BeastParser;
  std::unique_ptr<BeastParser> parser_;
};

}  // namespace mcpgate::http
