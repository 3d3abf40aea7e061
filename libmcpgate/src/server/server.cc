#include "mcpgate/server.h"

#include <exception>
#include <utility>

#include "base/crypto.h"
#include "mcpgate/version.h"
#include "protocol/dispatch.h"
#include "protocol/message.h"
#include "protocol/outcome.h"
#include "protocol/tool_call.h"
#include "server/batch.h"
#include "server/deadlines.h"
#include "server/session.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxBatch = 100;

Surroundings MakeSurroundings(const ServerOptions& options) {
  const ServerInfo& info = options.info;
  return {.gate = *options.gate,
          .registry = options.registry,
          .identity = Identity(info.name, info.title, info.version.empty() ? kVersion : info.version,
                               info.instructions),
          .page_size = options.page_size,
          .call_deadline = options.call_deadline,
          .cursor_key = options.cursor_key.empty() ? RandomSecret() : options.cursor_key,
          .clock = *options.clock};
}

// The one place where a tool author's exception is caught.
absl::StatusOr<ToolResult> RunHandler(ToolCall& call) {
  if (std::optional<ToolResult> misfit = call.CheckArguments()) return *std::move(misfit);
  try {
    return call.tool().handler(call.arguments(), call);
  } catch (const std::exception&) {
    // Its text may quote arguments or secrets, so it stays out of answer and trail.
    return absl::InternalError("the handler threw an exception");
  } catch (...) {
    return absl::InternalError("the handler threw something that is not an exception");
  }
}

class ServerImpl final : public Server {
 public:
  explicit ServerImpl(ServerOptions options)
      : options_(std::move(options)),
        around_(MakeSurroundings(options_)),
        deadlines_(*options_.clock),
        executor_(options_.executor ? options_.executor : NewThreadPool()) {}

  std::shared_ptr<Session> NewSession() override { return std::make_shared<Session>(options_.max_in_flight); }

  void Handle(std::string_view text, const Credentials& credentials, const std::shared_ptr<Session>& session,
              std::shared_ptr<ReplySink> reply) override {
    absl::StatusOr<Json> value = ParseJson(text);
    if (!value.ok()) {
      return reply->Finish(ErrorMessage({ErrorCode::kParseError, std::string(value.status().message())}));
    }
    if (value->is_array()) return HandleBatch(*value, credentials, session, std::move(reply));
    HandleValue(*value, credentials, session, std::move(reply), /*in_batch=*/false);
  }

  void CancelAll(Session& session) override { session.CancelAll(); }
  bool Drain(Session& session, Nanos patience) override { return session.Drain(patience); }

  std::string RefuseMessage(std::string_view why) const override {
    return ErrorMessage({ErrorCode::kInvalidRequest, std::string(why)});
  }

 private:
  void HandleBatch(Json& values, const Credentials& credentials, const std::shared_ptr<Session>& session,
                   std::shared_ptr<ReplySink> reply);
  void HandleValue(Json& value, const Credentials& credentials, const std::shared_ptr<Session>& session,
                   std::shared_ptr<ReplySink> reply, bool in_batch);
  void HandleRequest(Message message, const Credentials& credentials, const std::shared_ptr<Session>& session,
                     std::shared_ptr<ReplySink> reply, bool in_batch);
  void HandleNotification(const Message& message, Session& session);
  void StartCall(Request request, const Credentials& credentials, const std::shared_ptr<Session>& session,
                 std::shared_ptr<ReplySink> reply);
  std::string RunCall(Request request, const Credentials& credentials, std::shared_ptr<Flight> flight,
                      const std::shared_ptr<ReplySink>& reply);
  static void Decline(const Json& id, ReplySink& reply);

  const ServerOptions options_;
  const Surroundings around_;
  Deadlines deadlines_;
  const std::shared_ptr<Executor> executor_;  // last: its threads use all of the above
};

void ServerImpl::HandleBatch(Json& values, const Credentials& credentials,
                             const std::shared_ptr<Session>& session, std::shared_ptr<ReplySink> reply) {
  if (!session->settled() || session->legacy() != Revision::k2025_03_26) {
    return reply->Finish(ErrorMessage(
        {ErrorCode::kInvalidRequest, "batches belong to 2025-03-26; send one message at a time"}));
  }
  if (values.empty() || values.size() > kMaxBatch) {
    return reply->Finish(ErrorMessage({ErrorCode::kInvalidRequest, "a batch has 1 to 100 messages"}));
  }
  const auto batch = std::make_shared<Batch>(values.size(), std::move(reply));
  for (Json& value : values) HandleValue(value, credentials, session, batch->NewElement(), /*in_batch=*/true);
}

void ServerImpl::HandleValue(Json& value, const Credentials& credentials,
                             const std::shared_ptr<Session>& session, std::shared_ptr<ReplySink> reply,
                             bool in_batch) {
  std::variant<Message, Rejection> decoded = DecodeMessage(value);
  if (auto* rejection = std::get_if<Rejection>(&decoded)) return reply->Finish(ErrorMessage(*rejection));
  Message& message = std::get<Message>(decoded);
  switch (message.kind) {
    case Message::Kind::kRequest:
      return HandleRequest(std::move(message), credentials, session, std::move(reply), in_batch);
    case Message::Kind::kNotification:
      HandleNotification(message, *session);
      break;
    case Message::Kind::kResponse:  // this server asks nothing, so nobody waits for it
      break;
  }
  reply->Finish({});
}

void ServerImpl::HandleNotification(const Message& message, Session& session) {
  if (message.method != "notifications/cancelled") return;
  const Json* id = FindMember(message.params, "requestId");
  if (id != nullptr && IsValidId(*id)) session.Cancel(*id);
}

void ServerImpl::HandleRequest(Message message, const Credentials& credentials,
                               const std::shared_ptr<Session>& session, std::shared_ptr<ReplySink> reply,
                               bool in_batch) {
  const auto refuse = [&reply](Rejection rejection, const Json& id) {
    rejection.id = id;
    reply->Finish(ErrorMessage(rejection));
  };
  if (session->InFlight(message.id)) {
    return refuse({ErrorCode::kInvalidRequest, "a request with this id is still being answered"}, message.id);
  }
  const bool modern = ClaimsRevision(message);
  if (modern && in_batch)
    return refuse({ErrorCode::kInvalidRequest, "this revision knows no batches"}, message.id);
  if (!modern && message.method == "initialize" && (in_batch || session->settled())) {
    return refuse({ErrorCode::kInvalidRequest, in_batch ? "initialize may not be part of a batch"
                                                        : "this connection is already initialized"},
                  message.id);
  }
  std::variant<Request, Rejection> read = ReadRequest(std::move(message), session->legacy());
  if (auto* rejection = std::get_if<Rejection>(&read)) return reply->Finish(ErrorMessage(*rejection));
  Request& request = std::get<Request>(read);
  if (request.method == "tools/call")
    return StartCall(std::move(request), credentials, session, std::move(reply));
  Dispatched dispatched = Dispatch(around_, std::move(request), credentials);
  if (dispatched.settled) session->Settle(*dispatched.settled);
  reply->Finish(std::move(dispatched.answer));
}

// Admission waits for the disk when the tool has an effect, so it happens where the tool runs, never on the
// reader.
void ServerImpl::StartCall(Request request, const Credentials& credentials,
                           const std::shared_ptr<Session>& session, std::shared_ptr<ReplySink> reply) {
  auto flight = std::make_shared<Flight>(options_.clock->Steady() + options_.call_deadline);
  const RegisteredTool* tool = around_.registry->Find(StringOr(request.params, "name", ""));
  if (tool == nullptr || tool->tool().run_on == RunOn::kInline) {
    return reply->Finish(RunCall(std::move(request), credentials, std::move(flight), reply));
  }
  const Json id = request.id;
  if (session->Enter(id, flight) != Session::Entry::kEntered) return Decline(id, *reply);
  deadlines_.Watch(flight);
  const bool taken =
      executor_->Submit([this, request = std::move(request), credentials, flight, session, reply]() mutable {
        const Json answered = request.id;
        std::string answer = RunCall(std::move(request), credentials, std::move(flight), reply);
        session->Answer(answered);
        reply->Finish(std::move(answer));
        session->Leave();
      });
  if (taken) return;
  session->Answer(id);
  Decline(id, *reply);
  session->Leave();
}

std::string ServerImpl::RunCall(Request request, const Credentials& credentials,
                                std::shared_ptr<Flight> flight, const std::shared_ptr<ReplySink>& reply) {
  auto admitted = AdmitToolCall(around_, std::move(request), credentials, flight,
                                [&reply](std::string message) { reply->Notify(std::move(message)); });
  if (auto* rejection = std::get_if<Rejection>(&admitted)) {
    return flight->cancelled() ? std::string() : ErrorMessage(*rejection);
  }
  ToolCall& call = *std::get<std::unique_ptr<ToolCall>>(admitted);
  return call.Complete(RunHandler(call));
}

void ServerImpl::Decline(const Json& id, ReplySink& reply) {
  Rejection busy = RejectionFor(MakeRefusal(
      {.code = Refusal::kBusy, .message = "too many calls are running; this one was not run, try again"}));
  busy.id = id;
  reply.Finish(ErrorMessage(busy));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::New(ServerOptions options) {
  if (options.gate == nullptr) return absl::InvalidArgumentError("ServerOptions.gate is not set");
  if (!options.registry) return absl::InvalidArgumentError("ServerOptions.registry is not set");
  if (options.page_size == 0) return absl::InvalidArgumentError("ServerOptions.page_size must be at least 1");
  return std::unique_ptr<Server>(std::make_unique<ServerImpl>(std::move(options)));
}

}  // namespace mcpgate
