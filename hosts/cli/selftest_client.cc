#include "cli/selftest_client.h"

#include <fmt/format.h>

#include "mcpgate/version.h"

namespace mcpgate::hosts {
namespace {

constexpr char kModern[] = "2026-07-28";
constexpr char kHandshake[] = "2025-11-25";

Json ClientInfo() { return {{"name", "mcpgate selftest"}, {"version", kVersion}}; }

// The message that ends an event stream (WHATWG HTML, 9.2.6); these have one line of data an event.
std::string LastEvent(const std::string& stream) {
  constexpr std::string_view kData = "data:", kNextData = "\ndata:";
  const std::size_t last = stream.rfind(kNextData);
  const std::size_t at = last != stream.npos ? last + 1 : stream.starts_with(kData) ? 0 : stream.npos;
  if (at == stream.npos) return "";
  return stream.substr(at + kData.size(), stream.find('\n', at) - at - kData.size());
}

McpAnswer Read(WebAnswer answer) {
  const bool stream = answer.Find("Content-Type").value_or("").starts_with("text/event-stream");
  Json message = ParseJson(stream ? LastEvent(answer.body) : answer.body).value_or(Json());
  return {std::move(answer), std::move(message)};
}

}  // namespace

std::int64_t McpAnswer::error_code() const {
  const Json* error = FindObject(message, "error");
  return error == nullptr ? 0 : IntegerOr(*error, "code", 0);
}

std::string McpAnswer::summary() const {
  const std::int64_t code = error_code();
  return code == 0 ? fmt::format("{}", web.status) : fmt::format("{}, error {}", web.status, code);
}

absl::StatusOr<WebAnswer> SelftestClient::Get(const std::string& path, const std::string& method) const {
  return AskWeb({.method = method, .url = server_.origin + path}, web_);
}

absl::StatusOr<McpAnswer> SelftestClient::Post(const Secret& key, const Json& message,
                                               Headers headers) const {
  headers.emplace_back("Content-Type", "application/json");
  headers.emplace_back("Accept", "application/json, text/event-stream");
  if (!key.empty()) headers.emplace_back("Authorization", fmt::format("Bearer {}", RevealSecret(key)));
  absl::StatusOr<WebAnswer> answer = AskWeb(
      {.method = "POST", .url = server_.text, .headers = std::move(headers), .body = DumpJson(message)},
      web_);
  if (!answer.ok()) return answer.status();
  return Read(*std::move(answer));
}

absl::StatusOr<McpAnswer> SelftestClient::Ask(const Secret& key, const std::string& method,
                                              const std::string& name, Headers more) const {
  Json params = {{"_meta",
                  {{"io.modelcontextprotocol/protocolVersion", kModern},
                   {"io.modelcontextprotocol/clientInfo", ClientInfo()},
                   {"io.modelcontextprotocol/clientCapabilities", Json::object()}}}};
  more.emplace_back("MCP-Protocol-Version", kModern);
  more.emplace_back("Mcp-Method", method);
  if (!name.empty()) {
    more.emplace_back("Mcp-Name", name);
    params["name"] = name;
    params["arguments"] = Json::object();
  }
  return Post(key, {{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(params)}},
              std::move(more));
}

absl::StatusOr<McpAnswer> SelftestClient::Initialize(const Secret& key) const {
  const Json params = {
      {"protocolVersion", kHandshake}, {"clientInfo", ClientInfo()}, {"capabilities", Json::object()}};
  absl::StatusOr<McpAnswer> answer =
      Post(key, {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "initialize"}, {"params", params}}, {});
  if (!answer.ok()) return answer;
  const std::optional<std::string> session = answer->web.Find("Mcp-Session-Id");
  if (!session) return answer;
  // Sessions are few; what this one answers does not matter.
  (void)AskWeb({.method = "DELETE",
                .url = server_.text,
                .headers = {{"Mcp-Session-Id", *session},
                            {"MCP-Protocol-Version", kHandshake},
                            {"Authorization", fmt::format("Bearer {}", RevealSecret(key))}}},
               web_);
  return answer;
}

}  // namespace mcpgate::hosts
