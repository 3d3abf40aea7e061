#include "protocol/input_state.h"

#include <utility>

#include "base/crypto.h"
#include "tool/compiled_schema.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxSealed = 64u << 10;
constexpr std::size_t kMaxUsed = 100'000;

Json ToJson(const InputState& state, std::int64_t expires) {
  Json asked = Json::array();
  for (const std::string& key : state.asked) asked.push_back(key);
  Json answers = Json::object();
  for (const auto& [key, answer] : state.answers) answers[key] = answer;
  return {{"n", state.nonce}, {"a", std::move(answers)}, {"q", std::move(asked)}, {"e", expires}};
}

// The text was sealed here, so its shape is right.
InputState FromJson(const Json& json) {
  InputState state{.nonce = StringOr(json, "n", "")};
  for (const auto& [key, answer] : json["a"].items()) state.answers.emplace(key, answer);
  for (const Json& key : json["q"]) state.asked.insert(key.get<std::string>());
  return state;
}

}  // namespace

std::string InputBinding(const Principal& principal, const Request& request, std::string_view arguments) {
  Json params = request.params;
  for (const char* member : {"inputResponses", "requestState"}) params.erase(member);
  return DumpJson({principal.tenant, principal.family, request.method, std::move(params), arguments});
}

InputSealer::InputSealer(std::vector<Secret> keys, Nanos lifetime, const Clock& clock)
    : keys_(std::move(keys)), lifetime_(lifetime), clock_(clock) {}

std::int64_t InputSealer::NowSeconds() const {
  return std::chrono::floor<std::chrono::seconds>(clock_.Now()).time_since_epoch().count();
}

std::optional<std::string> InputSealer::Seal(std::string_view binding, const InputState& state) const {
  const std::int64_t expires =
      NowSeconds() + std::chrono::duration_cast<std::chrono::seconds>(lifetime_).count();
  std::string sealed =
      "v1." + Base64UrlEncode(mcpgate::Seal(keys_.front(), binding, DumpJson(ToJson(state, expires))));
  if (sealed.size() > kMaxSealed) return std::nullopt;
  return sealed;
}

std::optional<InputState> InputSealer::Open(std::string_view binding, std::string_view sealed) const {
  std::string bytes;
  if (sealed.size() > kMaxSealed || !sealed.starts_with("v1.") || !Base64UrlDecode(sealed.substr(3), bytes)) {
    return std::nullopt;
  }
  for (const Secret& key : keys_) {
    const std::optional<std::string> text = Unseal(key, binding, bytes);
    if (!text) continue;
    const absl::StatusOr<Json> json = ParseJson(*text);
    if (!json.ok() || IntegerOr(*json, "e", 0) <= NowSeconds()) return std::nullopt;
    return FromJson(*json);
  }
  return std::nullopt;
}

bool InputSealer::UseUp(const std::string& nonce) {
  const std::int64_t now = NowSeconds();
  const std::int64_t forget = now + std::chrono::duration_cast<std::chrono::seconds>(lifetime_).count() + 1;
  MutexLock lock(mutex_);
  if (used_.size() >= kMaxUsed) std::erase_if(used_, [now](const auto& used) { return used.second <= now; });
  return used_.size() < kMaxUsed && used_.emplace(nonce, forget).second;
}

std::string InputSealer::NewNonce() { return RandomText(12); }

std::optional<std::string> ProblemOfAnswer(const InputRequest& request, const Json& answer) {
  if (!answer.is_object()) return "the answer must be an object";
  if (request.method == "roots/list") {
    return FindArray(answer, "roots") != nullptr ? std::nullopt
                                                 : std::optional<std::string>("roots is missing");
  }
  if (request.method == "sampling/createMessage") {
    const bool whole = answer.contains("content") && FindString(answer, "role") != nullptr;
    return whole ? std::nullopt : std::optional<std::string>("role or content is missing");
  }
  const std::string action = StringOr(answer, "action", "");
  if (action == "decline" || action == "cancel") return std::nullopt;
  if (action != "accept") return "action must be accept, decline or cancel";
  const Json* schema = FindObject(request.params, "requestedSchema");
  if (schema == nullptr) return std::nullopt;  // by URL: nothing comes back
  const Json* content = FindObject(answer, "content");
  if (content == nullptr) return "content must be an object";
  const auto compiled = CompiledSchema::Compile(*schema);
  if (!compiled.ok() || (*compiled)->Validate(*content).empty()) return std::nullopt;
  return "content does not fit the schema that was asked for";
}

}  // namespace mcpgate
