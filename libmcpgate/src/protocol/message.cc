#include "protocol/message.h"

#include <utility>

namespace mcpgate {
bool IsValidId(const Json& id) { return id.is_string() || id.is_number_integer(); }

std::string ResultMessage(const Json& id, std::string_view result) {
  std::string text = R"({"jsonrpc":"2.0","id":)";
  text.reserve(text.size() + result.size() + 32);
  AppendJson(text, id);
  text += R"(,"result":)";
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
