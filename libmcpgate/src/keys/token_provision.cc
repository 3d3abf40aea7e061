#include "keys/token_provision.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "keys/key_format.h"
#include "mcpgate/json.h"

namespace mcpgate {
namespace {

constexpr std::string_view kIntent = ".intent-";
constexpr std::string_view kDraft = ".draft-";
constexpr std::string_view kSuffix = ".token";
constexpr char kFileMember[] = "token_file";
constexpr int kMostAlike = 1000;
constexpr std::size_t kLongestSlug = 40;

std::string IntentOf(const std::string& name) { return std::string(kIntent) + name; }
std::string DraftOf(const std::string& name) { return std::string(kDraft) + name; }

// The id between the second and the third underscore of a token.
std::string_view IdIn(std::string_view token) {
  const std::size_t mark = token.find("_s_");
  return mark == std::string_view::npos ? "" : token.substr(mark + 3, kKeyIdLength);
}

// What is disabled may be enabled again.
bool CountsAsLive(const KeyInfo& info) {
  return info.state == KeyInfo::State::kLive || info.state == KeyInfo::State::kDisabled;
}

bool NamesFile(const KeyRecord& record, const std::string& name) {
  const absl::StatusOr<Json> metadata = ParseJson(record.metadata);
  return metadata.ok() && StringOr(*metadata, kFileMember, "") == name;
}

}  // namespace

std::string Slug(std::string_view text) {
  std::string slug;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (plain) slug += lower;
    if (!plain && !slug.empty() && slug.back() != '-') slug += '-';
    if (slug.size() == kLongestSlug) break;
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "client" : slug;
}

absl::StatusOr<std::string> TokenProvision::FreshName(std::string_view label) const {
  const std::string slug = Slug(label);
  for (int i = 1; i <= kMostAlike; ++i) {
    std::string name = fmt::format("{}{}{}", slug, i == 1 ? "" : fmt::format("-{}", i), kSuffix);
    if (!files_.Has(name) && !files_.Has(IntentOf(name))) return name;
  }
  return absl::ResourceExhaustedError(fmt::format("there are {} token files called {}", kMostAlike, slug));
}

absl::Status TokenProvision::WriteToken(const std::string& name, const Secret& token) {
  absl::Status status = files_.Create(DraftOf(name), RevealSecret(token));
  if (status.ok()) Done("draft");
  if (status.ok()) status = files_.Link(DraftOf(name), name);
  if (status.ok()) Done("linked");
  if (status.ok()) status = files_.Remove(DraftOf(name));
  if (status.ok()) status = files_.Sync();
  return status;
}

absl::Status TokenProvision::Enable(const TenantScope& scope, const std::string& name,
                                    const IssuedKey& session) {
  if (absl::Status status = WriteToken(name, session.token); !status.ok()) return status;
  Done("written");
  return admin_.SetDisabled(scope, session.record.id, false).status();
}

// Nothing here can be told to the caller, who is told why it came to this; what stays is for Recover.
void TokenProvision::GiveUp(const TenantScope& scope, const std::string& name, const std::string& session) {
  if (!session.empty() && !admin_.Revoke(scope, session).ok()) return;
  files_.Remove(name).IgnoreError();
  files_.Remove(DraftOf(name)).IgnoreError();
  files_.Remove(IntentOf(name)).IgnoreError();
}

absl::StatusOr<ProvisionedToken> TokenProvision::Run(const TenantScope& scope, SessionRequest session,
                                                     std::string_view label) {
  const absl::StatusOr<std::string> name = FreshName(label);
  if (!name.ok()) return name.status();
  const absl::StatusOr<KeyInfo> parent = admin_.Show(scope, session.parent);
  if (!parent.ok()) return parent.status();
  absl::StatusOr<Json> metadata = session.metadata.empty() ? Json::object() : ParseJson(session.metadata);
  if (!metadata.ok() || !metadata->is_object())
    return absl::InvalidArgumentError("metadata must be a JSON object of at most 8192 bytes");
  (*metadata)[kFileMember] = *name;
  session.metadata = DumpJson(*metadata);
  session.disabled = true;

  absl::Status status = files_.Create(IntentOf(*name), DumpJson({{"parent", parent->record.family}}));
  if (status.ok()) status = files_.Sync();
  if (!status.ok()) return status;
  Done("intent");
  absl::StatusOr<IssuedKey> minted = admin_.MintSession(scope, session);
  if (!minted.ok()) {
    // The store may have taken it although it did not say so in time: then the intent is kept.
    if (!absl::IsUnavailable(minted.status())) GiveUp(scope, *name, "");
    return minted.status();
  }
  Done("minted");
  if (status = Enable(scope, *name, *minted); !status.ok()) {
    GiveUp(scope, *name, minted->record.id);
    return absl::UnavailableError(std::string(status.message()));
  }
  Done("enabled");
  files_.Remove(IntentOf(*name)).IgnoreError();  // Recover sees that all is there
  Done("done");
  minted->record.disabled_at = 0;
  return ProvisionedToken{.session = *std::move(minted),
                          .path = files_.PathOf(*name),
                          .name = name->substr(0, name->size() - kSuffix.size())};
}

absl::Status TokenProvision::RecoverOne(const std::string& name, const std::string& parent) {
  const TenantScope scope = TenantScope::Operator();
  KeyQuery query{.parent = parent, .limit = 500};
  bool is_whole = false;
  do {
    absl::StatusOr<KeyPage> page = admin_.List(scope, query);
    if (!page.ok()) return page.status();
    for (const KeyInfo& info : page->keys) {
      if (!NamesFile(info.record, name)) continue;
      if (info.state == KeyInfo::State::kLive && files_.Has(name)) {
        is_whole = true;
        continue;
      }
      if (info.state == KeyInfo::State::kRevoked) continue;
      if (absl::Status status = admin_.Revoke(scope, info.record.id).status(); !status.ok()) return status;
    }
    query.after = std::move(page->next);
  } while (!query.after.empty());
  absl::Status status = is_whole ? absl::OkStatus() : files_.Remove(name);
  if (status.ok()) status = files_.Remove(DraftOf(name));
  if (status.ok()) status = files_.Sync();
  if (status.ok()) status = files_.Remove(IntentOf(name));
  return status;
}

absl::Status TokenProvision::Recover() {
  const absl::StatusOr<std::vector<std::string>> names = files_.Names();
  if (!names.ok()) return names.status();
  for (const std::string& intent : *names) {
    if (!intent.starts_with(kIntent)) continue;
    const absl::StatusOr<std::string> text = files_.Read(intent);
    if (!text.ok()) return text.status();
    const absl::StatusOr<Json> content = ParseJson(*text);
    const std::string parent = content.ok() ? StringOr(*content, "parent", "") : "";
    const std::string name = intent.substr(kIntent.size());
    // One that was not written to its end is of a process that had not minted yet.
    absl::Status status = parent.empty() ? files_.Remove(intent) : RecoverOne(name, parent);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> TokenProvision::IsOfLiveSession(const std::string& file) const {
  const absl::StatusOr<std::string> token = files_.Read(file);
  if (!token.ok()) return token.status();
  if (IdIn(*token).empty()) return true;  // none of ours
  const absl::StatusOr<KeyInfo> info = admin_.Show(TenantScope::Operator(), IdIn(*token));
  if (absl::IsNotFound(info.status())) return false;
  if (!info.ok()) return info.status();
  if (!CountsAsLive(*info)) return false;
  return HasLiveKey(info->record.parent);  // a session ends with its key
}

absl::StatusOr<bool> TokenProvision::HasLiveKey(const std::string& family) const {
  KeyQuery query{.family = family};
  do {
    absl::StatusOr<KeyPage> page = admin_.List(TenantScope::Operator(), query);
    if (!page.ok()) return page.status();
    if (std::any_of(page->keys.begin(), page->keys.end(), CountsAsLive)) return true;
    query.after = std::move(page->next);
  } while (!query.after.empty());
  return false;
}

absl::StatusOr<SweptTokens> TokenProvision::Sweep(const TokenSweep& sweep) {
  if (sweep.after.empty() && !sweep.dry_run) {
    if (absl::Status status = Recover(); !status.ok()) return status;
  }
  absl::StatusOr<std::vector<std::string>> names = files_.Names();
  if (!names.ok()) return names.status();
  std::sort(names->begin(), names->end());
  std::erase_if(*names, [&](const std::string& name) {  // what starts so, or ends otherwise, is no token
    return name <= sweep.after || name.starts_with('.') || !name.ends_with(kSuffix);
  });
  SweptTokens swept;
  if (names->size() > sweep.most) {
    names->resize(sweep.most);
    swept.next = sweep.most == 0 ? sweep.after : names->back();
  }
  for (const std::string& name : *names) {
    const absl::StatusOr<bool> live = IsOfLiveSession(name);
    if (!live.ok()) return live.status();
    if (*live) continue;
    absl::Status status = sweep.dry_run ? absl::OkStatus() : files_.Remove(name);
    if (!status.ok()) return status;
    swept.files.push_back(name);
  }
  if (swept.files.empty() || sweep.dry_run) return swept;
  if (absl::Status status = files_.Sync(); !status.ok()) return status;
  return swept;
}

}  // namespace mcpgate
