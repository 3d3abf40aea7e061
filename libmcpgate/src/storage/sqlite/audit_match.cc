#include "storage/sqlite/audit_match.h"

#include <algorithm>
#include <utility>

#include "mcpgate/audit.h"
#include "mcpgate/json.h"
#include "mcpgate/pattern.h"

namespace mcpgate::sqlite {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Lowered(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

// `wanted` is in small letters.
bool ContainsWithoutCase(std::string_view text, std::string_view wanted) {
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                     [](char a, char b) { return Lower(a) == b; }) != text.end();
}

bool AnyTextContains(const Json& object, std::string_view wanted) {
  return std::any_of(object.begin(), object.end(), [wanted](const Json& value) {
    if (value.is_object()) return AnyTextContains(value, wanted);
    const std::string* text = value.get_ptr<const std::string*>();
    return text != nullptr && ContainsWithoutCase(*text, wanted);
  });
}

std::string QuotedJson(std::string_view text) { return DumpJson(Json(std::string(text))); }

}  // namespace

AuditMatch::AuditMatch(const TenantScope& scope, const AuditQuery& query)
    : action_(query.action.value_or("")), text_(Lowered(query.text.value_or(""))) {
  if (!scope.is_operator()) Want("tenant", scope.tenant());
  Want("tenant", query.tenant);
  Want("key", query.key);
  Want("outcome", query.outcome);
  Want("class", query.klass);
  Want("call", query.call);
  const std::string quoted = QuotedJson(text_);
  text_mark_ = quoted.substr(1, quoted.size() - 2);
  if (query.from) from_ = AuditTimeText(*query.from);
  if (query.until) until_ = AuditTimeText(*query.until);
}

void AuditMatch::Want(std::string name, const std::optional<std::string>& value) {
  if (!value) return;
  std::string mark = "\"" + name + "\":" + QuotedJson(*value);
  members_.push_back({.name = std::move(name), .value = *value, .mark = std::move(mark)});
}

bool AuditMatch::Fits(std::string_view body) const {
  if (!MayFit(body)) return false;
  if (members_.empty() && action_.empty() && text_.empty()) return true;
  const absl::StatusOr<Json> json = ParseJson(body);
  if (!json.ok() || !json->is_object()) return false;
  for (const Member& member : members_) {
    const std::string* value = FindString(*json, member.name);
    if (value == nullptr || *value != member.value) return false;
  }
  if (!action_.empty() && !MatchesPattern(action_, StringOr(*json, "action", ""))) return false;
  return text_.empty() || AnyTextContains(*json, text_);
}

bool AuditMatch::MayFit(std::string_view body) const {
  for (const Member& member : members_) {
    if (body.find(member.mark) == body.npos) return false;
  }
  return TimeFits(body) && (text_mark_.empty() || ContainsWithoutCase(body, text_mark_));
}

bool AuditMatch::TimeFits(std::string_view body) const {
  if (from_.empty() && until_.empty()) return true;
  constexpr std::string_view kName = "\"time\":\"";
  const std::size_t at = body.rfind(kName);
  if (at == body.npos) return false;
  const std::string_view time = body.substr(at + kName.size(), std::max(from_, until_).size());
  return (from_.empty() || time >= from_) && (until_.empty() || time < until_);
}

std::string AuditMatch::Identity() const {
  Json identity = {action_, text_, from_, until_};
  for (const Member& member : members_) identity.push_back(member.mark);
  return DumpJson(identity);
}

}  // namespace mcpgate::sqlite
