#include "protocol/message.h"

#include <utility>

namespace mcpgate {
namespace {

Rejection BadEnvelope(const char* why, const Json& value) {
  Rejection rejection(ErrorCode::kInvalidRequest, why);
  const Json* id = FindMember(value, "id");
  if (id != nullptr && IsValidId(*id)) rejection.id = *id;
  return rejection;
}

}  // namespace

bool IsValidId(const Json& id) { return id.is_string() || id.is_number_integer(); }

std::variant<Message, Rejection> DecodeMessage(Json& value) {
  if (!value.is_object()) return BadEnvelope("a message must be a JSON object", value);
  const std::string* version = FindString(value, "jsonrpc");
  if (version == nullptr || *version != "2.0") return BadEnvelope("\"jsonrpc\" must be \"2.0\"", value);
  const auto id = value.find("id");
  const bool has_id = id != value.end();
  if (has_id && !IsValidId(*id)) return BadEnvelope("\"id\" must be a string or an integer", value);

  Message message;
  const auto method = value.find("method");
  if (method == value.end()) {
    if (!has_id || (!value.contains("result") && !value.contains("error"))) {
      return BadEnvelope("\"method\" is missing", value);
    }
    message.kind = Message::Kind::kResponse;
    message.id = std::move(*id);
    if (const auto result = value.find("result"); result != value.end()) {
      message.result = std::move(*result);
    } else {
      message.error = std::move(value["error"]);
    }
    return message;
  }
  if (!method->is_string()) return BadEnvelope("\"method\" must be a string", value);
  const auto params = value.find("params");
  if (params != value.end()) {
    if (!params->is_object()) return BadEnvelope("\"params\" must be an object when present", value);
    message.params = std::move(*params);
    message.has_params = true;
  } else {
    message.params = Json::object();
  }
  message.kind = has_id ? Message::Kind::kRequest : Message::Kind::kNotification;
  if (has_id) message.id = std::move(*id);
  message.method = std::move(*method->get_ptr<std::string*>());
  return message;
}

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
