// Reading a message: what is taken for one keeps the rules of JSON-RPC, and what is said back is JSON.
#include "protocol/message.h"

#include <string>

#include "fuzz/require.h"
#include "mcpgate/json.h"

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
  absl::StatusOr<Json> value = ParseJson(fuzz::TextOf(data, size));
  if (!value.ok()) return 0;
  Require(fuzz::Survives(*value), "what was read is written and read again");
  const std::variant<Message, Rejection> read = DecodeMessage(*value);
  if (const auto* message = std::get_if<Message>(&read)) {
    CheckMessage(*message);
  } else {
    CheckRejection(std::get<Rejection>(read));
  }
  return 0;
}
