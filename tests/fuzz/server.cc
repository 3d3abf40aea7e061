// A whole server on one connection, a message a line: a request with an id gets exactly one reply, a
// notification none. The first letter says how the connection begins: anew, or after an initialize.
#include "fuzz/server.h"

#include <memory>
#include <string>
#include <vector>

#include "fuzz/require.h"
#include "mcpgate/json.h"

using namespace mcpgate;
using fuzz::Require;

namespace {

enum class Kind { kRequest, kNotification, kOther };

bool IsId(const Json& value, const char* name) {
  const Json* id = FindMember(value, name);
  return id != nullptr && (id->is_string() || id->is_number_integer());
}

Kind KindOf(const absl::StatusOr<Json>& value) {
  if (!value.ok() || !value->is_object() || StringOr(*value, "jsonrpc", "") != "2.0" ||
      FindString(*value, "method") == nullptr || value->contains("result") || value->contains("error")) {
    return Kind::kOther;
  }
  const Json* params = FindMember(*value, "params");
  if (params != nullptr && !params->is_object()) return Kind::kOther;
  if (IsId(*value, "id")) return Kind::kRequest;
  return value->contains("id") ? Kind::kOther : Kind::kNotification;
}

// A call that was cancelled gets no reply, and a listen only when it ends.
bool MayStayOpen(const Json& request) { return *FindString(request, "method") == "subscriptions/listen"; }

void CheckReply(const Json& request, const std::string& reply) {
  const absl::StatusOr<Json> answer = ParseJson(reply);
  Require(answer.ok() && answer->is_object(), "a request is answered");
  Require(answer->contains("result") != answer->contains("error"), "an answer is a result or an error");
  Require(answer->contains("id") && answer->at("id") == request.at("id"), "an answer says its request's id");
}

/// One connection. Not thread-safe.
class Connection {
 public:
  explicit Connection(testing::Served& served)
      : served_(served), credentials_(served.As("admin")), session_(served.server->NewSession()) {}

  void Say(std::string_view line) {
    const absl::StatusOr<Json> value = ParseJson(line);
    const auto ear = ears_.emplace_back(std::make_shared<fuzz::Ear>());
    served_.server->Handle(line, {.credentials = credentials_, .session = session_}, ear);
    const Kind kind = KindOf(value);
    if (kind == Kind::kRequest && MayStayOpen(*value)) return;
    Require(ear->finished() == 1, "every message is finished with");
    if (kind == Kind::kRequest) CheckReply(*value, ear->answer());
    if (kind == Kind::kNotification) Require(ear->answer().empty(), "a notification is not answered");
  }

  void End() {
    served_.server->EndStreams(session_.get());
    served_.server->CancelAll(*session_);
    for (const auto& ear : ears_) Require(ear->finished() == 1, "nothing is left open");
  }

 private:
  testing::Served& served_;
  const Credentials credentials_;
  const std::shared_ptr<Session> session_;
  std::vector<std::shared_ptr<fuzz::Ear>> ears_;
};

std::string Opening(char version) {
  const char* const name = version == '3' ? "2025-03-26" : version == '6' ? "2025-06-18" : "2025-11-25";
  return R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
         std::string(name) +
         R"(","capabilities":{"elicitation":{},"sampling":{},"roots":{}},"clientInfo":{"name":"f","version":"1"}}})";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kMessages = 8;
  if (size == 0) return 0;
  std::string_view text = fuzz::TextOf(data, size);
  Connection connection(fuzz::SharedServer());
  if (text[0] >= '1' && text[0] <= '9') connection.Say(Opening(text[0]));
  text.remove_prefix(1);
  for (int i = 0; i < kMessages && !text.empty(); ++i) connection.Say(fuzz::TakeLine(text));
  connection.End();
  return 0;
}
