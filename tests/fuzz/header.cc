// Headers that repeat the body, credentials and host names: the first line decodes as a header's value, and
// all of the input is sent as one that needs its encoding.
#include <algorithm>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "fuzz/require.h"
#include "mcpgate/http_guard.h"
#include "mcpgate/json.h"
#include "protocol/mirror.h"

using namespace mcpgate;
using fuzz::Require;

namespace {

// What is not is replaced when it is written.
bool IsUtf8(std::string_view text) { return fuzz::Survives(std::string(text)); }

bool IsVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c < 0x7f) || c == '\t'; });
}

// A header agrees with what it decodes to, and with nothing else.
void CheckMirror(std::string_view value) {
  const std::vector<HttpHeader> headers = {
      {"MCP-Protocol-Version", value}, {"Mcp-Method", "tools/call"}, {"Mcp-Name", value}};
  Require(!CheckVersionHeader(headers, value) == IsVisible(value), "a version that is repeated is the same");
  const std::optional<std::string> text = DecodeHeaderValue(value);
  const Json params = {{"name", text.value_or("")}}, others = {{"name", text.value_or("") + "x"}};
  const bool agrees = text && IsVisible(value);
  Require(!CheckMethodHeaders(headers, "tools/call", params) == agrees, "a name agrees with what it says");
  Require(CheckMethodHeaders(headers, "tools/call", others).has_value(), "and not with another");
}

void CheckGuard(std::string_view value) {
  const std::vector<HttpHeader> headers = {{"Host", value}, {"Origin", value}, {"Authorization", value}};
  const HttpRequest request{"POST", "/mcp", headers, {}, "127.0.0.1"};
  static const http::HostGuard guard({"example.com"}, {});
  if (!guard.Check(request)) Require(http::HostOf(value) == "example.com", "only the allowed host is let in");
  (void)http::ReadCredentials(request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::TextOf(data, size);
  const std::string encoded = "=?base64?" + Base64Encode(text) + "?=";
  const std::optional<std::string> back = DecodeHeaderValue(encoded);
  Require(IsUtf8(text) ? back == text : !back, "UTF-8 comes back from its encoding, and nothing else does");
  const std::string_view line = fuzz::TakeLine(text);
  CheckMirror(line);
  CheckGuard(line);
  return 0;
}
