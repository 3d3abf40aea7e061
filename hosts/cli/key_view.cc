#include "cli/key_view.h"

#include <fmt/format.h>

#include <utility>

#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

constexpr std::string_view kChannel = "discord:channel:";

// Channels without the words that all of them share.
std::string Reach(const Grants& grants) {
  std::vector<std::string> shown;
  for (const std::string& resource : grants.resources) {
    if (!resource.starts_with(kChannel)) {
      shown.push_back(resource);
      continue;
    }
    const std::string channel = resource.substr(kChannel.size());
    shown.push_back(channel == "*" ? "every channel" : fmt::format("#{}", channel));
  }
  return shown.empty() ? "nothing" : JoinText(shown);
}

Tone ToneOf(KeyInfo::State state) {
  switch (state) {
    case KeyInfo::State::kLive:
      return Tone::kGood;
    case KeyInfo::State::kExpired:
    case KeyInfo::State::kDisabled:
      return Tone::kWarning;
    case KeyInfo::State::kRevoked:
      return Tone::kFaint;
    case KeyInfo::State::kTampered:
      break;
  }
  return Tone::kBad;
}

Json TimeOrNull(std::int64_t unix_ms) { return unix_ms == 0 ? Json() : Json(TimeText(unix_ms)); }

std::string TimeOr(std::int64_t unix_ms, std::string_view otherwise) {
  return unix_ms == 0 ? std::string(otherwise) : TimeText(unix_ms);
}

Cell StateCell(const KeyInfo& key) { return {std::string(KeyStateName(key.state)), ToneOf(key.state)}; }

}  // namespace

std::string JoinText(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

Json KeyJson(const KeyInfo& key) {
  const KeyRecord& record = key.record;
  Json json = {{"id", record.id}, {"state", std::string(KeyStateName(key.state))}};
  if (key.state == KeyInfo::State::kTampered) {
    json["problem"] = key.problem;
    return json;
  }
  json["name"] = record.name;
  json["tenant"] = record.tenant;
  json["family"] = record.family;
  json["role"] = std::string(RoleName(record.grants.role));
  json["allow_tools"] = record.grants.allow_tools;
  json["deny_tools"] = record.grants.deny_tools;
  json["resources"] = record.grants.resources;
  json["kind"] = std::string(KeyKindName(record.kind));
  json["principal"] = record.principal.empty() ? Json() : Json(record.principal);
  if (!record.parent.empty()) json["parent"] = record.parent;
  json["networks"] = record.networks;
  json["metadata"] = record.metadata.empty() ? Json() : ParseJson(record.metadata).value_or(Json());
  json["disabled_at"] = TimeOrNull(record.disabled_at);
  json["retires_at"] = TimeOrNull(record.retires_at);
  json["imported_at"] = TimeOrNull(record.imported_at);
  json["created_at"] = TimeText(record.created_at);
  json["expires_at"] = TimeOrNull(record.expires_at);
  json["revoked_at"] = TimeOrNull(record.revoked_at);
  return json;
}

Json KeyJson(const KeyInfo& key, const KeyUse& use) {
  Json json = KeyJson(key);
  json["last_used_at"] = TimeOrNull(use.last_used_at);
  json["uses"] = use.uses;
  return json;
}

std::string KeyTable(const std::vector<KeyInfo>& keys, const std::vector<KeyUse>& uses, bool colour) {
  std::vector<std::string> columns = {"ID",     "NAME",    "STATE",   "ROLE",
                                      "TENANT", "REACHES", "CREATED", "EXPIRES"};
  if (!uses.empty()) columns.emplace_back("LAST USED");
  Table table(std::move(columns), 40);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const KeyInfo& key = keys[i];
    if (key.state == KeyInfo::State::kTampered) {
      table.Add({key.record.id, "", StateCell(key), "", "", {key.problem, Tone::kBad}});
      continue;
    }
    const KeyRecord& record = key.record;
    table.Add({record.id, record.name, StateCell(key), std::string(RoleName(record.grants.role)),
               record.tenant, Reach(record.grants), TimeText(record.created_at),
               TimeOr(record.expires_at, "never"),
               uses.empty() ? "" : TimeOr(uses[i].last_used_at, "never")});
  }
  return table.Render(colour);
}

std::string KeyFacts(const KeyInfo& key, const KeyUse& use, bool colour) {
  const KeyRecord& record = key.record;
  std::vector<std::pair<std::string, Cell>> facts = {{"id", record.id}, {"state", StateCell(key)}};
  if (key.state == KeyInfo::State::kTampered) {
    facts.emplace_back("problem", Cell(key.problem, Tone::kBad));
    return Facts(facts, colour);
  }
  facts.insert(facts.end(), {{"name", record.name},
                             {"tenant", record.tenant},
                             {"role", std::string(RoleName(record.grants.role))},
                             {"allowed tools", JoinText(record.grants.allow_tools)},
                             {"denied tools", JoinText(record.grants.deny_tools)},
                             {"reaches", Reach(record.grants)},
                             {"kind", std::string(KeyKindName(record.kind))},
                             {"principal", record.principal.empty() ? "nobody's" : record.principal},
                             {"networks", record.networks.empty() ? "any" : JoinText(record.networks)},
                             {"family", record.family},
                             {"created", TimeText(record.created_at)},
                             {"expires", TimeOr(record.expires_at, "never")},
                             {"old secret until", TimeOr(record.retires_at, "this is the current one")},
                             {"last used", use.uses == 0 ? "never"
                                                         : fmt::format("{} (accepted {} times in all)",
                                                                       TimeText(use.last_used_at), use.uses)},
                             {"disabled", TimeOr(record.disabled_at, "no")},
                             {"revoked", TimeOr(record.revoked_at, "no")}});
  if (!record.parent.empty()) facts.emplace_back("session of", record.parent);
  if (!record.metadata.empty()) facts.emplace_back("metadata", record.metadata);
  return Facts(facts, colour);
}

std::string KeyRights(const KeyRecord& record) {
  return fmt::format("role {}, reaches {}, expires {}", RoleName(record.grants.role), Reach(record.grants),
                     TimeOr(record.expires_at, "never"));
}

}  // namespace mcpgate::hosts
