// What passes between the listener, which knows HTTP, and the service, which knows Discord.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcpgate::sandbox {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Header names compare without case.
bool EqualNames(std::string_view a, std::string_view b);
/// The first value of `name`; nullptr when absent.
const std::string* FindHeader(const Headers& headers, std::string_view name);

struct HttpRequest {
  enum class Problem { kNone, kMalformed, kHeaderTooLarge, kBodyTooLarge };
  Problem problem = Problem::kNone;  ///< anything else: the rest may be empty, the connection will close
  std::string method;
  std::string target;
  Headers headers;
  std::string body;
  std::uint64_t connection = 0;
};

struct HttpAnswer {
  enum class Cut { kNo, kBeforeAnswer, kInAnswer };
  int status = 200;
  Headers headers;
  std::string content_type = "application/json";
  std::string body;
  std::chrono::milliseconds delay{0};
  Cut cut = Cut::kNo;
};

}  // namespace mcpgate::sandbox
