// From a request to an admitted call. The only caller of Gate::Admit in the library.
#include <utility>

#include "mcpgate/trace_context.h"
#include "protocol/call.h"
#include "protocol/outcome.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxAuditValue = 100;

constexpr std::size_t kMaxAnswers = 64;

// Answers before any question, by a client that knows what will be asked. They are the client's word either
// way.
std::variant<InputState, Rejection> FirstRound(const Json& responses) {
  if (responses.size() > kMaxAnswers) {
    return Rejection(ErrorCode::kInvalidParams, "params.inputResponses has more than 64 answers");
  }
  InputState state;
  for (const auto& [key, answer] : responses.items()) state.answers.emplace(key, answer);
  return state;
}

Rejection BadState() {
  return {ErrorCode::kInvalidParams,
          "params.requestState is not one of this call, has expired or was used; call again without it"};
}

// What the client carried from an earlier round: the sealed state, and this round's answers to what it asked.
// An answer that nobody asked for is ignored (2026-07-28, "Multi round-trip requests").
std::variant<InputState, Rejection> ReadInputs(const Surroundings& around, const Request& request,
                                               std::string_view arguments, const Credentials& credentials) {
  const Json* sealed = FindMember(request.params, "requestState");
  const Json* responses = FindMember(request.params, "inputResponses");
  if (!IsModern(request.revision) || (sealed == nullptr && responses == nullptr)) return InputState();
  if (responses != nullptr && !responses->is_object()) {
    return Rejection(ErrorCode::kInvalidParams, "params.inputResponses must be an object");
  }
  if (sealed == nullptr) return FirstRound(*responses);
  const std::string* text = sealed->get_ptr<const std::string*>();
  const auto principal = around.gate.Authenticate(credentials);
  if (!principal.ok()) return RejectionFor(principal.status());
  std::optional<InputState> state;
  if (text != nullptr) state = around.inputs.Open(InputBinding(**principal, request, arguments), *text);
  if (!state) return BadState();
  for (const std::string& key : state->asked) {
    const Json* answer = responses == nullptr ? nullptr : FindMember(*responses, key);
    if (answer != nullptr) state->answers.insert_or_assign(key, *answer);
  }
  return *std::move(state);
}

}  // namespace

std::variant<std::unique_ptr<Call>, Rejection> AdmitCall(const Surroundings& around, Request request,
                                                         std::unique_ptr<Target> target,
                                                         const Credentials& credentials,
                                                         std::shared_ptr<Flight> flight, CallWires wires) {
  const auto reject = [&request](Rejection rejection) {
    rejection.id = request.id;
    return rejection;
  };
  const std::string text = target->arguments_text();
  auto read = ReadInputs(around, request, text, credentials);
  if (auto* bad = std::get_if<Rejection>(&read)) return reject(std::move(*bad));
  InputState& inputs = std::get<InputState>(read);
  const std::string id = DumpJson(request.id);
  auto fields = target->audit_fields();
  if (const std::string_view trace = TraceIdOf(request.trace_parent); !trace.empty()) {
    fields.emplace_back("trace", std::string(trace));
  }
  absl::StatusOr<Admission> admission =
      around.gate.Admit(credentials, {.name = target->entry().action(),
                                      .role = target->entry().role(),
                                      .effect = target->has_effect(),
                                      .limit_class = target->limit_class(),
                                      .request = std::string_view(id).substr(0, kMaxAuditValue),
                                      .arguments = text,
                                      .fields = std::move(fields)});
  if (!admission.ok()) return reject(RejectionFor(admission.status()));
  // After the gate: an answer that a limit kept out may be sent again.
  if (target->has_effect() && !inputs.nonce.empty() && !around.inputs.UseUp(inputs.nonce)) {
    admission->Finish(
        {.result = AuditOutcome::kDeny, .reason = "request state was used before", .nothing_happened = true});
    return reject(BadState());
  }
  return std::make_unique<Call>(around, std::move(request), std::move(target), *std::move(admission),
                                std::move(inputs), std::move(flight), std::move(wires));
}

}  // namespace mcpgate
