// Reading a message: what is taken for one keeps the rules of JSON-RPC, and what is said back is JSON.
#include <string>

#include "fuzz/require.h"
#include "mcpgate/json.h"
#include "protocol/envelope.h"

using namespace mcpgate;
using fuzz::Require;

namespace {

void CheckMessage(const Message& message) {
  if (message.kind == Message::Kind::kRequest) Require(IsValidId(message.id), "a request has a valid id");
  if (message.kind == Message::Kind::kNotification) Require(message.id.is_null(), "a notification has no id");
  Require(message.params.is_object() || message.params.is_null(), "parameters are an object");
  if (!IsValidId(message.id)) return;
  const absl::StatusOr<Json> answer = ParseJson(ResultMessage(message.id, "{}"));
  Require(answer.ok() && answer->at("id") == message.id, "an answer says its request's id");
}

void CheckRejection(const Rejection& rejection) {
  const absl::StatusOr<Json> answer = ParseJson(ErrorMessage(rejection));
  Require(answer.ok() && answer->at("error").at("code") == rejection.code,
          "a rejection is JSON and says why");
  Require(!answer->contains("id") || IsValidId(answer->at("id")), "a rejection says no id that is none");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::TextOf(data, size);
  const absl::StatusOr<Json> value = ParseJson(text);
  if (value.ok()) {
    Require(Json::accept(text), "what was read is JSON to another reader too");
    Require(fuzz::Survives(*value), "what was read is written and read again");
  }
  const std::variant<Message, Rejection> read = ReadMessage(text);
  if (const auto* message = std::get_if<Message>(&read)) {
    CheckMessage(*message);
    return 0;
  }
  const Rejection& rejection = std::get<Rejection>(read);
  CheckRejection(rejection);
  const bool is_parse_error = rejection.code == static_cast<std::int32_t>(ErrorCode::kParseError);
  Require(!(value.ok() && is_parse_error), "what is JSON is not called anything else");
  return 0;
}
