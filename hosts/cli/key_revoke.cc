#include "cli/key_revoke.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "cli/key_view.h"
#include "cli/keys.h"
#include "cli/recorded.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

std::int64_t MillisAgo(Nanos span) {
  const WallTime then = Clock::System().Now() - span;
  return std::chrono::floor<std::chrono::milliseconds>(then).time_since_epoch().count();
}

absl::Status SetMoment(const char* option, const std::string& text, std::optional<std::int64_t>& moment) {
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<Nanos> span = ParseDuration(text);
  if (!span.ok())
    return absl::InvalidArgumentError(fmt::format("{}: {}", option, std::string(span.status().message())));
  moment = MillisAgo(*span);
  return absl::OkStatus();
}

absl::StatusOr<KeyFilter> FilterOf(const RevokeOptions& options) {
  KeyFilter filter{.tenant = options.tenant,
                   .principal = options.principal,
                   .parent = options.parent,
                   .name = options.name};
  absl::Status status = SetMoment("--unused-for", options.unused_for, filter.unused_since);
  status.Update(SetMoment("--older-than", options.older_than, filter.created_before));
  if (!status.ok()) return status;
  return filter;
}

AdminChange::Fields FieldsOf(const RevokeOptions& options) {
  AdminChange::Fields fields;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) fields.emplace_back(name, value);
  };
  add("tenant", options.tenant);
  add("principal", options.principal);
  add("parent", options.parent);
  add("name", options.name);
  add("unused_for", options.unused_for);
  add("older_than", options.older_than);
  return fields;
}

bool HasFilter(const RevokeOptions& options) { return !FieldsOf(options).empty(); }

int RevokeOne(const Console& console, Store& store, const RevokeOptions& options) {
  const TenantScope scope = TenantScope::Operator();
  KeyAdmin& admin = store.keyring->admin();
  const std::string id = KeyIdOf(options.id);
  const absl::StatusOr<KeyInfo> found = admin.Show(scope, id);
  if (!found.ok()) return FailToFindKey(console, found.status());
  const absl::StatusOr<KeyInfo> key = Recorded(
      console, store, "keys.revoke", id, {},
      [&] { return options.only_this ? admin.Revoke(scope, id) : admin.RevokeFamily(scope, id); },
      [](const KeyInfo& info) { return info.record.id; });
  if (!key.ok()) return console.Fail(key.status());
  if (console.json()) {
    console.Document({{"key", KeyJson(*key)}});
  } else {
    console.Text(fmt::format("Revoked {} ({}). It is refused from now on.\n", id, key->record.name));
  }
  return kDone;
}

void Show(const Console& console, const MassRevocation& mass, bool dry_run) {
  if (console.json()) {
    Json list = Json::array();
    for (const KeyInfo& key : mass.keys) list.push_back(KeyJson(key));
    return console.Document({{"keys", list}, {"dry_run", dry_run}, {"complete", mass.is_complete}});
  }
  if (!mass.keys.empty()) console.Text(KeyTable(mass.keys, {}, console.colour()));
  console.Text(fmt::format("{} {} key{}.\n", dry_run ? "Would revoke" : "Revoked", mass.keys.size(),
                           mass.keys.size() == 1 ? "" : "s"));
  if (!mass.is_complete) console.Note("there are more; run it again");
}

int RevokeMany(const Console& console, Store& store, const RevokeOptions& options, const KeyFilter& filter) {
  const TenantScope scope = TenantScope::Operator();
  KeyAdmin& admin = store.keyring->admin();
  absl::StatusOr<MassRevocation> mass;
  if (options.dry_run) {
    mass = admin.RevokeAll(scope, filter, true);
  } else {
    mass = Recorded(
        console, store, "keys.revoke_all", "", FieldsOf(options),
        [&] { return admin.RevokeAll(scope, filter, false); }, [](const MassRevocation&) { return ""; });
  }
  if (!mass.ok()) return console.Fail(mass.status());
  Show(console, *mass, options.dry_run);
  return kDone;
}

}  // namespace

int RevokeKeys(const Console& console, const RevokeOptions& options) {
  if (options.id.empty() != HasFilter(options))
    return console.Fail("name one key by its id, or several by options", "mcpgate keys revoke --help",
                        kUsage);
  const absl::StatusOr<KeyFilter> filter = FilterOf(options);
  if (!filter.ok()) return console.Fail(filter.status(), "mcpgate keys revoke --help", kUsage);
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  if (!options.id.empty()) return RevokeOne(console, *store, options);
  return RevokeMany(console, *store, options, *filter);
}

}  // namespace mcpgate::hosts
