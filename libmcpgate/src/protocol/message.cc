#include "protocol/message.h"

#include <utility>

namespace mcpgate {
namespace {

constexpr std::size_t kEnvelopeSize = 64;  // what surrounds a result; an id may be longer

}  // namespace
bool IsValidId(const Json& id) { return id.is_string() || id.is_number_integer(); }

void BeginResult(std::string& text, const Json& id) {
  text += R"({"jsonrpc":"2.0","id":)";
  AppendJson(text, id);
  text += R"(,"result":)";
}

std::string ResultMessage(const Json& id, std::string_view result) {
  std::string text;
  text.reserve(result.size() + kEnvelopeSize);
  BeginResult(text, id);
  text += result;
  text += '}';
  return text;
}

std::string ErrorMessage(const Rejection& rejection) {
  Json error = {{"code", rejection.code}, {"message", rejection.message}};
  if (!rejection.data.is_null()) error["data"] = rejection.data;
  Json envelope = {{"jsonrpc", "2.0"}, {"error", std::move(error)}};
  if (!rejection.id.is_null()) envelope["id"] = rejection.id;
  return DumpJson(envelope);
}

std::string RequestMessage(std::string_view id, std::string_view method, std::string_view params) {
  std::string text = R"({"jsonrpc":"2.0","id":)";
  AppendJson(text, id);
  text += R"(,"method":)";
  AppendJson(text, method);
  text += R"(,"params":)";
  text += params;
  text += '}';
  return text;
}

std::string NotificationMessage(std::string_view method, std::string_view params) {
  std::string text = R"({"jsonrpc":"2.0","method":)";
  AppendJson(text, method);
  text += R"(,"params":)";
  text += params;
  text += '}';
  return text;
}

}  // namespace mcpgate
