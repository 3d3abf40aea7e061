#include "mcpgate/server.h"

#include <atomic>
#include <exception>
#include <utility>

#include "base/crypto.h"
#include "mcpgate/version.h"
#include "protocol/access.h"
#include "protocol/call.h"
#include "protocol/dispatch.h"
#include "protocol/envelope.h"
#include "protocol/message.h"
#include "protocol/outcome.h"
#include "server/asking.h"
#include "server/batch.h"
#include "server/deadlines.h"
#include "server/held_work.h"
#include "server/hub.h"
#include "server/layers.h"
#include "server/listen.h"
#include "server/session.h"
#include "server/session_store.h"
#include "server/tasks.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxBatch = 100;

std::vector<Secret> StateKeys(const ServerOptions& options) {
  return options.state_keys.empty() ? std::vector<Secret>{RandomSecret()} : options.state_keys;
}

Surroundings MakeSurroundings(const ServerOptions& options, InputSealer& inputs) {
  const ServerInfo& info = options.info;
  return {.gate = *options.gate,
          .registry = options.registry,
          .identity = Identity(info.name, info.title, info.version.empty() ? kVersion : info.version,
                               info.instructions),
          .page_size = options.page_size,
          .call_deadline = options.call_deadline,
          .cursor_key = options.cursor_key.empty() ? RandomSecret() : options.cursor_key,
          .inputs = inputs,
          .clock = *options.clock};
}

std::shared_ptr<TaskStore> TasksOf(const ServerOptions& options) {
  if (options.tasks != nullptr) return options.tasks;
  return NewMemoryTaskStore({.tasks = options.max_tasks, .tasks_of_owner = options.max_tasks_of_key},
                            *options.clock);
}

// The one place where an author's exception is caught.
absl::StatusOr<Finished> RunHandler(Call& call) {
  try {
    return call.Run();
  } catch (const std::exception&) {
    // Its text may quote arguments or secrets, so it stays out of answer and trail.
    return absl::InternalError("the handler threw an exception");
  } catch (...) {
    return absl::InternalError("the handler threw something that is not an exception");
  }
}

ServerAnswer Refusing(const Rejection& rejection) { return ErrorAnswer(rejection, kNewestModern); }

constexpr int kAccepted = 202;

// The one answer to a pooled call, which a task gives before its handler ends. Safe for concurrent use.
class Ending {
 public:
  Ending(Json id, std::shared_ptr<Session> session, std::shared_ptr<ReplySink> reply)
      : id_(std::move(id)), session_(std::move(session)), reply_(std::move(reply)) {}

  void Answer(ServerAnswer answer) {
    if (answered_.exchange(true)) return;
    if (session_ != nullptr) session_->Answer(id_);
    reply_->Finish(std::move(answer));
    if (session_ != nullptr) session_->Leave();
  }

 private:
  const Json id_;
  const std::shared_ptr<Session> session_;
  const std::shared_ptr<ReplySink> reply_;
  std::atomic<bool> answered_{false};
};

ServerEvent::Kind EventOf(Listed list) {
  if (list == Listed::kTools) return ServerEvent::Kind::kToolsChanged;
  return list == Listed::kPrompts ? ServerEvent::Kind::kPromptsChanged : ServerEvent::Kind::kResourcesChanged;
}

class ServerImpl final : public Server {
 public:
  explicit ServerImpl(ServerOptions options)
      : options_(std::move(options)),
        inputs_(StateKeys(options_), options_.state_lifetime, *options_.clock),
        around_(MakeSurroundings(options_, inputs_)),
        sessions_({.sessions = options_.max_sessions,
                   .of_key = options_.max_sessions_of_key,
                   .idle = options_.session_idle},
                  *options_.clock),
        hub_({.listens = options_.max_listens, .of_key = options_.max_listens_of_key}, around_.gate,
             around_.identity),
        tasks_(options_.max_running_tasks, TasksOf(options_), *options_.clock,
               [this](const Task& task) { hub_.PublishTask(task); }),
        asking_({.most = options_.max_asking,
                 .of_key = options_.max_asking_of_key,
                 .patience = options_.ask_patience},
                around_.gate),
        deadlines_(*options_.clock),
        watch_(options_.registry->Watch([this](Listed list) { Publish({.kind = EventOf(list)}); })),
        executor_(options_.executor ? options_.executor : NewThreadPool()) {}

  // Whoever waits for a client's answer would hold the executor's threads until its patience ends.
  ~ServerImpl() override {
    tasks_.CancelAll();
    for (const auto& session : sessions_.All()) session->End();
    held_.AwaitNone();  // the executor may be somebody else's, too, and live longer
  }

  void Handle(std::string_view text, const Arrival& arrival, std::shared_ptr<ReplySink> reply) override {
    if (IsBatch(text)) return HandleBatch(text, arrival, std::move(reply));
    HandleOne(text, arrival, std::move(reply), /*in_batch=*/false);
  }

  std::shared_ptr<Session> NewSession() override {
    return std::make_shared<Session>(
        SessionLimits{.in_flight = options_.max_in_flight, .subscriptions = options_.max_subscriptions});
  }

  std::shared_ptr<Session> FindSession(std::string_view id, const Credentials& credentials) override {
    const auto owner = around_.gate.Authenticate(credentials);
    return owner.ok() ? sessions_.Find(id, **owner) : nullptr;
  }

  void AttachStream(const std::shared_ptr<Session>& session, const Credentials& credentials,
                    std::shared_ptr<ReplySink> stream) override;
  std::shared_ptr<void> HoldSession(const std::shared_ptr<Session>& session) override {
    return HoldInUse(session, *options_.clock);
  }
  std::string_view ProtocolVersion(const Session& session) const override {
    return RevisionName(session.settled().revision);
  }
  void EndSession(Session& session) override;
  void CancelAll(Session& session) override { session.CancelAll(); }
  bool Drain(Session& session, Nanos patience) override { return session.Drain(patience); }
  void Publish(const ServerEvent& event) override;
  void EndStreams(Session* only) override;
  void EndRefusedStreams() override;

  std::string RefuseMessage(std::string_view why) const override {
    return ErrorMessage({ErrorCode::kInvalidRequest, std::string(why)});
  }

 private:
  struct Attached {
    std::weak_ptr<Session> session;
    Credentials credentials;
  };

  void HandleBatch(std::string_view text, const Arrival& arrival, std::shared_ptr<ReplySink> reply);
  void HandleOne(std::string_view text, const Arrival& arrival, std::shared_ptr<ReplySink> reply,
                 bool in_batch);
  void HandleModern(Message message, const Arrival& arrival, std::shared_ptr<ReplySink> reply);
  void HandleLegacy(Message message, const Arrival& arrival, std::shared_ptr<ReplySink> reply, bool in_batch);
  void HandleNotification(const Message& message, const Arrival& arrival, ReplySink& reply);
  void HandleResponse(Message message, const Arrival& arrival, ReplySink& reply);
  void Open(Request request, const Arrival& arrival, const std::shared_ptr<Session>& session,
            std::shared_ptr<ReplySink> reply);
  void Answer(Request request, const Arrival& arrival, const std::shared_ptr<Session>& session,
              std::shared_ptr<ReplySink> reply, bool in_batch);
  void StartCall(const Catalog& catalog, Request request, const Arrival& arrival,
                 const std::shared_ptr<Session>& session, std::shared_ptr<ReplySink> reply, bool in_batch);
  void StartListen(const Catalog& catalog, Request request, const Arrival& arrival,
                   const std::shared_ptr<Session>& session, std::shared_ptr<ReplySink> reply);
  ServerAnswer RunCall(Request request, std::unique_ptr<Target> target, const Credentials& credentials,
                       std::shared_ptr<Flight> flight, CallWires wires);
  std::variant<std::shared_ptr<Session>, Rejection> SessionOf(const Arrival& arrival);
  bool PassLayers(const Request& request, const Arrival& arrival, std::shared_ptr<ReplySink>& reply);
  void AnswerAboutTask(Request request, const Credentials& credentials, std::shared_ptr<ReplySink> reply);
  ServerAnswer AboutTask(const std::string& members, const Request& request) const;
  ServerAnswer Known(const Credentials& credentials, Rejection rejection, const Request& request) const;
  static ServerAnswer Busy(const Request& request);

  const ServerOptions options_;
  InputSealer inputs_;
  const Surroundings around_;
  SessionStore sessions_;
  Hub hub_;
  TaskTable tasks_;
  AskingLimit asking_;
  Mutex mutex_;
  std::vector<Attached> attached_ MCPGATE_GUARDED_BY(mutex_);  // one a session with a stream
  Deadlines deadlines_;
  const std::shared_ptr<void> watch_;
  HeldWork held_;
  const std::shared_ptr<Executor> executor_;  // last: its threads use all of the above
};

void ServerImpl::HandleBatch(std::string_view text, const Arrival& arrival,
                             std::shared_ptr<ReplySink> reply) {
  const absl::StatusOr<Json> values = ParseJson(text);
  if (!values.ok()) {
    return reply->Finish(Refusing({ErrorCode::kParseError, std::string(values.status().message())}));
  }
  const auto found = SessionOf(arrival);
  if (const auto* none = std::get_if<Rejection>(&found)) return reply->Finish(Refusing(*none));
  const auto& session = std::get<std::shared_ptr<Session>>(found);
  if (!session->has_settled() || session->settled().revision != Revision::k2025_03_26) {
    return reply->Finish(Refusing({ErrorCode::kInvalidRequest,
                                   "batches belong to sessions of 2025-03-26; send one message at a time"}));
  }
  if (values->empty() || values->size() > kMaxBatch) {
    return reply->Finish(Refusing({ErrorCode::kInvalidRequest, "a batch has 1 to 100 messages"}));
  }
  const auto batch = std::make_shared<Batch>(values->size(), std::move(reply));
  // Written again so that there is one reader of messages; batches are rare and only in the oldest revision.
  for (const Json& value : *values) {
    HandleOne(DumpJson(value), arrival, batch->NewElement(), /*in_batch=*/true);
  }
}

void ServerImpl::HandleOne(std::string_view text, const Arrival& arrival, std::shared_ptr<ReplySink> reply,
                           bool in_batch) {
  std::variant<Message, Rejection> decoded = ReadMessage(text);
  if (auto* rejection = std::get_if<Rejection>(&decoded)) return reply->Finish(Refusing(*rejection));
  Message& message = std::get<Message>(decoded);
  switch (message.kind) {
    case Message::Kind::kNotification:
      return HandleNotification(message, arrival, *reply);
    case Message::Kind::kResponse:
      return HandleResponse(std::move(message), arrival, *reply);
    case Message::Kind::kRequest:
      break;
  }
  if (!ClaimsRevision(message)) return HandleLegacy(std::move(message), arrival, std::move(reply), in_batch);
  if (!in_batch) return HandleModern(std::move(message), arrival, std::move(reply));
  Rejection rejection(ErrorCode::kInvalidRequest, "this revision knows no batches");
  rejection.id = message.id;
  reply->Finish(Refusing(std::move(rejection)));
}

// The session a claimless message belongs to: the connection's own, or the one its header names.
std::variant<std::shared_ptr<Session>, Rejection> ServerImpl::SessionOf(const Arrival& arrival) {
  if (arrival.session != nullptr) return arrival.session;
  const auto id = arrival.headers ? FindHeader(*arrival.headers, "Mcp-Session-Id") : std::nullopt;
  if (!id) {
    Rejection missing(ErrorCode::kInvalidRequest,
                      "send initialize first and repeat its Mcp-Session-Id, or a 2026-07-28 request");
    missing.http_status = 400;
    return missing;
  }
  if (auto session = FindSession(*id, arrival.credentials)) return session;
  Rejection unknown(ErrorCode::kInvalidRequest, "there is no such session; send initialize again");
  unknown.http_status = 404;
  return unknown;
}

// Whether the header of a message without a claim names a revision that needs one.
bool NamesModern(const Arrival& arrival) {
  const auto header = arrival.headers ? FindHeader(*arrival.headers, "MCP-Protocol-Version") : std::nullopt;
  const std::optional<Revision> revision = header ? ParseRevision(*header) : std::nullopt;
  return revision && IsModern(*revision);
}

std::optional<Rejection> CheckLegacyHeader(const Message& message, const Arrival& arrival) {
  const auto header = arrival.headers ? FindHeader(*arrival.headers, "MCP-Protocol-Version") : std::nullopt;
  if (!header) return std::nullopt;
  const bool opens = message.method == "initialize";
  const std::optional<Revision> revision = ParseRevision(*header);
  if (revision && IsModern(*revision)) {
    if (opens)
      return Rejection(ErrorCode::kHeaderMismatch,
                       "MCP-Protocol-Version names a revision without initialize");
    Rejection claimless(ErrorCode::kInvalidParams,
                        "params._meta must have io.modelcontextprotocol/protocolVersion and "
                        "io.modelcontextprotocol/clientCapabilities, for the header names 2026-07-28");
    claimless.http_status = 400;
    return claimless;
  }
  if (revision || opens) return std::nullopt;
  Rejection unknown(ErrorCode::kInvalidRequest, "MCP-Protocol-Version names a version that is not served");
  unknown.http_status = 400;
  return unknown;
}

void ServerImpl::HandleNotification(const Message& message, const Arrival& arrival, ReplySink& reply) {
  // Over HTTP the 2026 era has no session, and cancels by closing the stream.
  const bool modern = !arrival.headers || ClaimsRevision(message) || NamesModern(arrival);
  if (arrival.session == nullptr && modern) return reply.Finish({.http_status = kAccepted});
  if (const auto bad = CheckLegacyHeader(message, arrival)) return reply.Finish(Refusing(*bad));
  const auto session = SessionOf(arrival);
  if (const auto* none = std::get_if<Rejection>(&session)) return reply.Finish(Refusing(*none));
  const Json* id = FindMember(message.params, "requestId");
  if (message.method == "notifications/cancelled" && id != nullptr && IsValidId(*id)) {
    std::get<std::shared_ptr<Session>>(session)->Cancel(*id);
  }
  reply.Finish({.http_status = kAccepted});
}

void ServerImpl::HandleResponse(Message message, const Arrival& arrival, ReplySink& reply) {
  if (NamesModern(arrival)) {
    return reply.Finish(Refusing({ErrorCode::kInvalidRequest, "this revision's clients send no responses"}));
  }
  auto session = SessionOf(arrival);
  if (auto* rejection = std::get_if<Rejection>(&session))
    return reply.Finish(Refusing(std::move(*rejection)));
  absl::StatusOr<Json> answer = std::move(message.result);
  if (!message.error.is_null()) {
    answer = absl::AbortedError("the client answered with an error: " +
                                StringOr(message.error, "message", "no message").substr(0, 500));
  }
  std::get<std::shared_ptr<Session>>(session)->Resolve(message.id, std::move(answer));
  reply.Finish({.http_status = kAccepted});
}

void ServerImpl::HandleModern(Message message, const Arrival& arrival, std::shared_ptr<ReplySink> reply) {
  if (arrival.session != nullptr && arrival.session->InFlight(message.id)) {
    Rejection twice(ErrorCode::kInvalidRequest, "a request with this id is still being answered");
    twice.id = std::move(message.id);
    return reply->Finish(Refusing(twice));
  }
  std::variant<Request, Rejection> read = ReadRequest(std::move(message), Settled(), arrival.headers);
  if (auto* rejection = std::get_if<Rejection>(&read)) return reply->Finish(Refusing(std::move(*rejection)));
  Answer(std::get<Request>(std::move(read)), arrival, arrival.session, std::move(reply), /*in_batch=*/false);
}

void ServerImpl::HandleLegacy(Message message, const Arrival& arrival, std::shared_ptr<ReplySink> reply,
                              bool in_batch) {
  const auto refuse = [&reply, id = message.id](Rejection rejection) {
    rejection.id = id;
    reply->Finish(ErrorAnswer(rejection, kNewestLegacy));
  };
  if (auto bad = CheckLegacyHeader(message, arrival)) return refuse(*std::move(bad));
  const bool opens = message.method == "initialize";
  const bool over_http = arrival.session == nullptr;
  if (opens && over_http && !in_batch) {
    const std::shared_ptr<Session> session = NewSession();
    std::variant<Request, Rejection> read = ReadRequest(std::move(message), session->settled(), std::nullopt);
    if (auto* rejection = std::get_if<Rejection>(&read)) return refuse(std::move(*rejection));
    return Open(std::get<Request>(std::move(read)), arrival, session, std::move(reply));
  }
  auto found = SessionOf(arrival);
  if (auto* rejection = std::get_if<Rejection>(&found)) return refuse(std::move(*rejection));
  const auto& session = std::get<std::shared_ptr<Session>>(found);
  if (session->InFlight(message.id)) {
    return refuse({ErrorCode::kInvalidRequest, "a request with this id is still being answered"});
  }
  if (opens && (in_batch || session->has_settled())) {
    return refuse({ErrorCode::kInvalidRequest, in_batch ? "initialize may not be part of a batch"
                                                        : "this connection is already initialized"});
  }
  std::variant<Request, Rejection> read = ReadRequest(std::move(message), session->settled(), std::nullopt);
  if (auto* rejection = std::get_if<Rejection>(&read)) return refuse(std::move(*rejection));
  Answer(std::get<Request>(std::move(read)), arrival, session, std::move(reply), in_batch);
}

// initialize over HTTP: a session of its own, kept under a new id.
void ServerImpl::Open(Request request, const Arrival& arrival, const std::shared_ptr<Session>& session,
                      std::shared_ptr<ReplySink> reply) {
  if (!PassLayers(request, arrival, reply)) return;
  const auto owner = around_.gate.Authenticate(arrival.credentials);
  if (!owner.ok()) return reply->Finish(AnswerOf(RejectionFor(owner.status()), request));
  ServerAnswer answer =
      Dispatch(around_, *around_.registry->catalog(), request, arrival.credentials, session.get());
  if (session->has_settled()) {
    answer.session_id = sessions_.Add(session, **owner);
    if (answer.session_id.empty()) answer = Busy(request);
  }
  reply->Finish(std::move(answer));
}

void ServerImpl::Answer(Request request, const Arrival& arrival, const std::shared_ptr<Session>& session,
                        std::shared_ptr<ReplySink> reply, bool in_batch) {
  const std::shared_ptr<const Catalog> catalog = around_.registry->catalog();
  if (auto bad = CheckMethod(*catalog, request)) {
    return reply->Finish(Known(arrival.credentials, *std::move(bad), request));
  }
  if (!PassLayers(request, arrival, reply)) return;
  if (IsCall(request.method)) {
    return StartCall(*catalog, std::move(request), arrival, session, std::move(reply), in_batch);
  }
  if (request.method == "subscriptions/listen") {
    return StartListen(*catalog, std::move(request), arrival, session, std::move(reply));
  }
  if (request.method.starts_with("tasks/")) {
    return AnswerAboutTask(std::move(request), arrival.credentials, std::move(reply));
  }
  SessionSide* side = IsModern(request.revision) ? nullptr : session.get();
  reply->Finish(Dispatch(around_, *catalog, std::move(request), arrival.credentials, side));
}

// False when a layer has refused the request, which is then answered.
bool ServerImpl::PassLayers(const Request& request, const Arrival& arrival,
                            std::shared_ptr<ReplySink>& reply) {
  if (options_.middleware.empty()) return true;
  Entered entered =
      Enter(options_.middleware, request, arrival.credentials, std::move(reply), *options_.clock);
  reply = std::move(entered.reply);
  if (!entered.refusal) return true;
  reply->Finish(AnswerOf(RejectionFor(MakeRefusal(*entered.refusal)), request));
  return false;
}

void ServerImpl::AnswerAboutTask(Request request, const Credentials& credentials,
                                 std::shared_ptr<ReplySink> reply) {
  const auto principal = around_.gate.Authenticate(credentials);
  if (!principal.ok()) return reply->Finish(AnswerOf(RejectionFor(principal.status()), request));
  request.headers.reset();  // views of what the reader holds
  auto said = AnswerTask(tasks_, request, **principal);
  if (auto* rejection = std::get_if<Rejection>(&said)) {
    return reply->Finish(AnswerOf(std::move(*rejection), request));
  }
  if (const auto* members = std::get_if<std::string>(&said)) {
    return reply->Finish(AboutTask(*members, request));
  }
  const auto kept = std::make_shared<Request>(std::move(request));
  const auto done = [this, kept, reply](const absl::Status& carried) {
    auto answer = AnswerCarried(carried);
    auto* rejection = std::get_if<Rejection>(&answer);
    reply->Finish(rejection != nullptr ? AnswerOf(std::move(*rejection), *kept)
                                       : AboutTask(std::get<std::string>(answer), *kept));
  };
  if (!tasks_.Carry(std::get<TaskWish>(std::move(said)), **principal, done)) reply->Finish(Busy(*kept));
}

ServerAnswer ServerImpl::AboutTask(const std::string& members, const Request& request) const {
  return {.message = ResultMessage(request.id, around_.identity.Result(request.revision, members))};
}

// Strangers learn nothing about what there is.
ServerAnswer ServerImpl::Known(const Credentials& credentials, Rejection rejection,
                               const Request& request) const {
  const auto principal = around_.gate.Authenticate(credentials);
  return AnswerOf(principal.ok() ? std::move(rejection) : RejectionFor(principal.status()), request);
}

ServerAnswer ServerImpl::Busy(const Request& request) {
  return AnswerOf(
      RejectionFor(MakeRefusal(
          {.code = Refusal::kBusy, .message = "too much is under way; this was not run, try again"})),
      request);
}

// Admission waits for the disk when the call has an effect, so it happens where the handler runs, never on
// the reader.
void ServerImpl::StartCall(const Catalog& catalog, Request request, const Arrival& arrival,
                           const std::shared_ptr<Session>& session, std::shared_ptr<ReplySink> reply,
                           bool in_batch) {
  auto found = FindTarget(catalog, request);
  request.headers.reset();  // views of what the reader holds
  if (auto* bad = std::get_if<Rejection>(&found)) {
    return reply->Finish(Known(arrival.credentials, std::move(*bad), request));
  }
  auto& target = std::get<std::unique_ptr<Target>>(found);
  const bool modern = IsModern(request.revision);
  auto flight = std::make_shared<Flight>(options_.clock->Steady() + options_.call_deadline,
                                         modern ? arrival.gone : std::stop_token());
  CallWires wires{.reply = reply, .peer = nullptr};
  if (target->run_on() == RunOn::kInline) {
    return reply->Finish(RunCall(std::move(request), std::move(target), arrival.credentials,
                                 std::move(flight), std::move(wires)));
  }
  if (!modern && session != nullptr && !in_batch)
    wires.peer = NewPeer(session, reply, arrival.credentials, asking_);
  if (session != nullptr && session->Enter(request.id, flight) != Session::Entry::kEntered) {
    return reply->Finish(Busy(request));
  }
  deadlines_.Watch(flight);
  const auto ending = std::make_shared<Ending>(request.id, session, reply);
  if (modern) {
    wires.tasks = &tasks_;
    wires.answer = [ending](ServerAnswer answer) { ending->Answer(std::move(answer)); };
  }
  // Shared, so that a pool that says no has taken nothing.
  const auto kept = std::make_shared<Request>(std::move(request));
  const bool taken = executor_->Submit([held = HeldWork::Piece(held_), this, kept, target = std::move(target),
                                        credentials = arrival.credentials, flight, ending,
                                        wires = std::move(wires)]() mutable {
    ending->Answer(
        RunCall(std::move(*kept), std::move(target), credentials, std::move(flight), std::move(wires)));
  });
  if (!taken) ending->Answer(Busy(*kept));
}

ServerAnswer ServerImpl::RunCall(Request request, std::unique_ptr<Target> target,
                                 const Credentials& credentials, std::shared_ptr<Flight> flight,
                                 CallWires wires) {
  const Revision revision = request.revision;
  auto admitted =
      AdmitCall(around_, std::move(request), std::move(target), credentials, flight, std::move(wires));
  if (auto* rejection = std::get_if<Rejection>(&admitted)) {
    if (flight->cancelled()) return {};
    return ErrorAnswer(*rejection, revision);
  }
  Call& call = *std::get<std::unique_ptr<Call>>(admitted);
  return call.Complete(RunHandler(call));
}

Rejection NotListening() {
  Rejection deaf(ErrorCode::kInvalidRequest, "this is answered by events; accept text/event-stream");
  deaf.http_status = 406;
  return deaf;
}

void ServerImpl::StartListen(const Catalog& catalog, Request request, const Arrival& arrival,
                             const std::shared_ptr<Session>& session, std::shared_ptr<ReplySink> reply) {
  const auto principal = around_.gate.Authenticate(arrival.credentials);
  if (!principal.ok()) return reply->Finish(AnswerOf(RejectionFor(principal.status()), request));
  auto filter = ReadListenFilter(around_, catalog, tasks_, request, **principal, options_.max_subscriptions);
  if (auto* bad = std::get_if<Rejection>(&filter)) return reply->Finish(AnswerOf(std::move(*bad), request));
  auto flight = std::make_shared<Flight>(Nanos::max(), arrival.gone);
  if (session != nullptr && session->Enter(request.id, flight) != Session::Entry::kEntered) {
    return reply->Finish(Busy(request));
  }
  const auto listener =
      std::make_shared<Listener>(Listener::Options{.id = request.id,
                                                   .filter = std::get<ListenFilter>(std::move(filter)),
                                                   .owner = OwnerOf(**principal),
                                                   .credentials = arrival.credentials,
                                                   .session = session,
                                                   .flight = std::move(flight),
                                                   .reply = std::move(reply)});
  switch (hub_.Add(listener)) {
    case Hub::Entry::kEntered:
      return;
    case Hub::Entry::kFull:
      return listener->Finish(Busy(request));
    case Hub::Entry::kDeaf:
      return listener->Finish(AnswerOf(NotListening(), request));
  }
}

void ServerImpl::AttachStream(const std::shared_ptr<Session>& session, const Credentials& credentials,
                              std::shared_ptr<ReplySink> stream) {
  if (const auto old = session->Attach(std::move(stream))) old->Finish({});
  MutexLock lock(mutex_);
  std::erase_if(attached_, [&](const Attached& each) {
    const auto other = each.session.lock();
    return other == nullptr || other == session;
  });
  attached_.push_back({session, credentials});
}

void ServerImpl::EndSession(Session& session) {
  sessions_.Remove(session);
  hub_.EndAll(&session);
  session.End();
}

void ServerImpl::Publish(const ServerEvent& event) {
  hub_.Publish(event);
  std::vector<Attached> attached;
  {
    MutexLock lock(mutex_);
    attached = attached_;
  }
  std::string message;
  for (const Attached& each : attached) {
    const auto session = each.session.lock();
    const auto stream = session == nullptr ? nullptr : session->StreamFor(event);
    if (stream == nullptr) continue;
    if (message.empty()) message = LegacyNotification(event);
    const bool may = around_.gate.Authenticate(each.credentials).ok();
    if (may && stream->Notify(message)) continue;
    // Gone, or no longer accepted; a stream that took its place meanwhile ends too and is opened again.
    if (const auto old = session->Attach(nullptr)) old->Finish({});
  }
}

void ServerImpl::EndStreams(Session* only) {
  hub_.EndAll(only);
  std::vector<Attached> attached;
  {
    MutexLock lock(mutex_);
    attached = attached_;
  }
  for (const Attached& each : attached) {
    const auto session = each.session.lock();
    if (session == nullptr || (only != nullptr && session.get() != only)) continue;
    if (const auto old = session->Attach(nullptr)) old->Finish({});
  }
}

void ServerImpl::EndRefusedStreams() {
  hub_.EndRefused();
  std::vector<Attached> attached;
  {
    MutexLock lock(mutex_);
    attached = attached_;
  }
  for (const Attached& each : attached) {
    const auto session = each.session.lock();
    if (session == nullptr || !IsRefused(around_.gate, each.credentials)) continue;
    if (const auto old = session->Attach(nullptr)) old->Finish({});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::New(ServerOptions options) {
  if (options.gate == nullptr) return absl::InvalidArgumentError("ServerOptions.gate is not set");
  if (options.registry == nullptr) return absl::InvalidArgumentError("ServerOptions.registry is not set");
  if (options.clock == nullptr) return absl::InvalidArgumentError("ServerOptions.clock is not set");
  if (options.page_size == 0) return absl::InvalidArgumentError("ServerOptions.page_size must be 1 or more");
  for (const Secret& key : options.state_keys) {
    if (key.size() != 32)
      return absl::InvalidArgumentError("ServerOptions.state_keys: each has 32 random bytes");
  }
  return std::make_unique<ServerImpl>(std::move(options));
}

}  // namespace mcpgate
