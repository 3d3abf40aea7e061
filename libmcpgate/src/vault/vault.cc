// From the outside in: slots hold the root, the root wraps each secret's own key, that key seals its text.
#include "mcpgate/vault.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/mutex.h"
#include "vault/seal.h"
#include "vault/slots.h"

namespace mcpgate {
namespace {

using vault::ContextOf, vault::OpenText, vault::Roots, vault::SealText;

constexpr std::size_t kMostText = 4096, kMostNote = 200, kMostName = 64, kMostPage = 500, kRowsAtOnce = 64;
constexpr int kTries = 8;  // against others who change the same secret or the slots

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kMostName && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}
bool IsLine(std::string_view text) {
  return text.size() <= kMostNote &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

absl::Status CheckNew(std::string_view name, std::string_view purpose, std::string_view note,
                      const Secret& text) {
  if (!IsName(name)) return absl::InvalidArgumentError("name: a-z, digits, '.', '-' and '_', 1 to 64");
  if (!IsName(purpose)) return absl::InvalidArgumentError("purpose: a-z, digits, '.', '-' and '_', 1 to 64");
  if (!IsLine(note)) return absl::InvalidArgumentError("note: one line of at most 200 bytes");
  if (text.empty() || text.size() > kMostText)
    return absl::InvalidArgumentError(
        fmt::format("the secret has {} bytes, must have 1 to {}", text.size(), kMostText));
  return absl::OkStatus();
}

absl::Status NoSecret() { return absl::NotFoundError("there is no such secret"); }

std::string ContextOfText(const VaultRow& row) {
  return ContextOf("secret", {row.tenant, row.name, row.purpose, row.note, std::to_string(row.version),
                              std::to_string(row.changed_at)});
}
std::string ContextOfKey(const VaultRow& row) {
  return ContextOf("key", {row.tenant, row.name, std::to_string(row.version), std::to_string(row.root)});
}

std::optional<Secret> OpenRow(const VaultRow& row, const Roots& roots) {
  const Secret* root = roots.Find(row.root);
  if (root == nullptr) return std::nullopt;
  const std::optional<Secret> key = OpenText(*root, ContextOfKey(row), row.wrapped);
  return key ? OpenText(*key, ContextOfText(row), row.sealed) : std::nullopt;
}

// False when the row does not open under its root; it is lost, and stays as it is.
bool MoveToRoot(VaultRow& row, const Roots& roots, std::int64_t number) {
  const Secret* from = roots.Find(row.root);
  const Secret* to = roots.Find(number);
  if (from == nullptr || to == nullptr) return false;
  const std::optional<Secret> key = OpenText(*from, ContextOfKey(row), row.wrapped);
  if (!key) return false;
  row.root = number;
  row.wrapped = SealText(*to, ContextOfKey(row), *key);
  return true;
}

SecretInfo InfoOf(const VaultRow& row, bool is_readable) {
  return {.tenant = row.tenant,
          .name = row.name,
          .purpose = row.purpose,
          .note = row.note,
          .version = row.version,
          .changed_at = WallTime(std::chrono::milliseconds(row.changed_at)),
          .is_readable = is_readable};
}

// Safe for concurrent use.
class StoredVault final : public Vault {
 public:
  explicit StoredVault(VaultOptions options) : options_(std::move(options)) {}

  absl::Status Begin() {
    absl::StatusOr<Roots> roots = Load();
    if (roots.ok() && roots->slots.empty()) {
      if (absl::Status status = MakeFirst(); !status.ok()) return status;
      roots = Load();
    }
    if (!roots.ok()) return roots.status();
    if (roots->open.empty())
      return absl::PermissionDeniedError(
          "the vault does not open with this: a wrong key or passphrase, or its slots were changed");
    return absl::OkStatus();
  }

  absl::StatusOr<SecretInfo> Put(const TenantScope& scope, std::string_view tenant, std::string_view name,
                                 std::string_view purpose, std::string_view note,
                                 const Secret& text) override {
    if (!scope.Covers(tenant)) return NoSecret();
    if (absl::Status bad = CheckNew(name, purpose, note, text); !bad.ok()) return bad;
    for (int i = 0; i < kTries; ++i) {
      const absl::StatusOr<VaultRow> row = NextVersion(tenant, name, purpose, note, text);
      if (!row.ok()) return row.status();
      const absl::Status put = store().Put(*row);
      if (put.ok()) return InfoOf(*row, true);
      if (!absl::IsAborted(put)) return put;
      if (const auto loaded = Load(); !loaded.ok()) return loaded.status();
    }
    return absl::UnavailableError("others change this secret all the time; try again");
  }

  absl::StatusOr<SecretInfo> Show(const TenantScope& scope, std::string_view tenant,
                                  std::string_view name) override {
    const absl::StatusOr<VaultRow> row = Find(scope, tenant, name);
    if (!row.ok()) return row.status();
    const absl::StatusOr<std::optional<Secret>> text = Open(*row);
    if (!text.ok()) return text.status();
    return InfoOf(*row, text->has_value());
  }

  absl::StatusOr<SecretPage> List(const TenantScope& scope, const VaultPlace& after,
                                  std::size_t most) override {
    if (most == 0 || most > kMostPage) return absl::InvalidArgumentError("a page has 1 to 500 secrets");
    const auto tenant = scope.is_operator() ? std::nullopt : std::optional<std::string_view>(scope.tenant());
    const auto rows = store().List(tenant, after, most + 1);
    if (!rows.ok()) return rows.status();
    SecretPage page;
    for (const VaultRow& row : *rows) {
      if (page.secrets.size() == most) {
        page.next = VaultPlace{page.secrets.back().tenant, page.secrets.back().name};
        break;
      }
      const absl::StatusOr<std::optional<Secret>> text = Open(row);
      if (!text.ok()) return text.status();
      page.secrets.push_back(InfoOf(row, text->has_value()));
    }
    return page;
  }

  absl::Status Remove(const TenantScope& scope, std::string_view tenant, std::string_view name) override {
    return scope.Covers(tenant) ? store().Remove(tenant, name) : NoSecret();
  }

  absl::Status Use(const TenantScope& scope, std::string_view tenant, std::string_view name,
                   std::string_view purpose, absl::FunctionRef<absl::Status(const Secret&)> use) override {
    const absl::StatusOr<VaultRow> row = Find(scope, tenant, name);
    if (!row.ok()) return row.status();
    if (row->purpose != purpose) return NoSecret();
    const absl::StatusOr<std::optional<Secret>> text = Open(*row);
    if (!text.ok()) return text.status();
    if (options_.on_use) {
      if (absl::Status refused = options_.on_use(InfoOf(*row, text->has_value())); !refused.ok())
        return refused;
    }
    if (!*text)
      return absl::DataLossError(
          fmt::format("the secret '{}' of {} was damaged or changed; set it anew", row->name, row->tenant));
    return use(**text);
  }

  absl::StatusOr<std::vector<VaultSlotInfo>> Slots() override {
    const auto slots = store().Slots();
    if (!slots.ok()) return slots.status();
    std::vector<VaultSlotInfo> told;
    for (const VaultSlot& slot : *slots) told.push_back({slot.id, slot.is_passphrase});
    return told;
  }

  absl::StatusOr<VaultSlotInfo> AddSlot(const VaultUnlock& unlock) override;
  absl::Status RemoveSlot(std::string_view id) override;
  absl::StatusOr<std::size_t> Rekey(std::span<const VaultUnlock> unlocks) override;

 private:
  VaultStore& store() { return *options_.store; }

  Roots Known() {
    MutexLock lock(mutex_);
    return roots_;
  }

  // What the store has now.
  absl::StatusOr<Roots> Load() {
    auto slots = store().Slots();
    if (!slots.ok()) return slots.status();
    Roots roots = vault::OpenSlots(*std::move(slots), options_.unlock);
    MutexLock lock(mutex_);
    roots_ = roots;
    return roots;
  }

  // Whoever is first makes it; the other opens that.
  absl::Status MakeFirst() {
    const absl::StatusOr<VaultSlot> slot = vault::MakeSlot(options_.unlock, options_.cost, 1, RandomSecret());
    if (!slot.ok()) return slot.status();
    const absl::Status made = store().ChangeSlots({}, {&*slot, 1}, {});
    return absl::IsAborted(made) ? absl::OkStatus() : made;
  }

  absl::StatusOr<VaultRow> NextVersion(std::string_view tenant, std::string_view name,
                                       std::string_view purpose, std::string_view note, const Secret& text) {
    const auto before = store().Find(tenant, name);
    if (!before.ok()) return before.status();
    const Roots roots = Known();
    VaultRow row{
        .tenant = std::string(tenant),
        .name = std::string(name),
        .purpose = std::string(purpose),
        .note = std::string(note),
        .version = *before ? (*before)->version + 1 : 1,
        .changed_at =
            std::chrono::floor<std::chrono::milliseconds>(options_.clock->Now()).time_since_epoch().count(),
        .root = roots.newest()};
    const Secret* root = roots.Find(row.root);
    if (root == nullptr)
      return absl::PermissionDeniedError("the vault no longer opens with this key or passphrase");
    const Secret key = RandomSecret();
    row.wrapped = SealText(*root, ContextOfKey(row), key);
    row.sealed = SealText(key, ContextOfText(row), text);
    return row;
  }

  absl::StatusOr<VaultRow> Find(const TenantScope& scope, std::string_view tenant, std::string_view name) {
    if (!scope.Covers(tenant)) return NoSecret();
    auto row = store().Find(tenant, name);
    if (!row.ok()) return row.status();
    if (!*row) return NoSecret();
    return **std::move(row);
  }

  // nullopt: it does not open. Somebody else's rekey may have moved it to a root not known here yet.
  absl::StatusOr<std::optional<Secret>> Open(const VaultRow& row) {
    const Roots known = Known();
    if (known.Find(row.root) != nullptr) return OpenRow(row, known);
    const absl::StatusOr<Roots> loaded = Load();
    if (!loaded.ok()) return loaded.status();
    return OpenRow(row, *loaded);
  }

  absl::Status CheckAtRest(const Roots& roots) {
    if (!roots.IsMoving()) return absl::OkStatus();
    return absl::FailedPreconditionError("a rekey was begun and has not ended; run it again first");
  }
  absl::Status BeginRekey(const Roots& roots, std::span<const VaultUnlock> unlocks);
  absl::StatusOr<std::size_t> MoveRows(const Roots& roots);

  const VaultOptions options_;
  Mutex mutex_;
  Roots roots_ MCPGATE_GUARDED_BY(mutex_);
};

absl::StatusOr<VaultSlotInfo> StoredVault::AddSlot(const VaultUnlock& unlock) {
  if (absl::Status bad = vault::CheckUnlock(unlock); !bad.ok()) return bad;
  const absl::StatusOr<Roots> roots = Load();
  if (!roots.ok()) return roots.status();
  if (absl::Status moving = CheckAtRest(*roots); !moving.ok()) return moving;
  if (roots->slots.size() >= kMaxVaultSlots)
    return absl::ResourceExhaustedError(fmt::format("the vault has {} slots, the most", kMaxVaultSlots));
  const Secret* root = roots->Find(roots->newest());
  if (root == nullptr) return absl::PermissionDeniedError("the vault no longer opens with what opened it");
  const absl::StatusOr<VaultSlot> slot = vault::MakeSlot(unlock, options_.cost, roots->newest(), *root);
  if (!slot.ok()) return slot.status();
  if (absl::Status status = store().ChangeSlots(roots->Ids(), {&*slot, 1}, {}); !status.ok()) return status;
  return VaultSlotInfo{slot->id, slot->is_passphrase};
}

absl::Status StoredVault::RemoveSlot(std::string_view id) {
  const absl::StatusOr<Roots> roots = Load();
  if (!roots.ok()) return roots.status();
  if (absl::Status moving = CheckAtRest(*roots); !moving.ok()) return moving;
  const std::vector<std::string> ids = roots->Ids();
  const auto found = std::find(ids.begin(), ids.end(), id);
  if (found == ids.end()) return absl::NotFoundError("there is no such slot");
  if (ids.size() == 1) return absl::FailedPreconditionError("without its last slot nothing opens the vault");
  return store().ChangeSlots(ids, {}, {&*found, 1});
}

// The new root beside the old one, in as many slots.
absl::Status StoredVault::BeginRekey(const Roots& roots, std::span<const VaultUnlock> unlocks) {
  const Secret root = RandomSecret();
  std::vector<VaultSlot> added;
  for (const VaultSlot& slot : roots.slots) {
    const auto opens = std::find_if(unlocks.begin(), unlocks.end(), [&](const VaultUnlock& unlock) {
      return vault::OpenSlot(slot, unlock).has_value();
    });
    if (opens == unlocks.end())
      return absl::FailedPreconditionError(
          fmt::format("nothing given opens slot {} ({}); give it too, or remove the slot first", slot.id,
                      slot.is_passphrase ? "a passphrase" : "a key"));
    absl::StatusOr<VaultSlot> made = vault::MakeSlot(*opens, options_.cost, roots.newest() + 1, root);
    if (!made.ok()) return made.status();
    added.push_back(*std::move(made));
  }
  return store().ChangeSlots(roots.Ids(), added, {});
}

absl::StatusOr<std::size_t> StoredVault::MoveRows(const Roots& roots) {
  std::size_t moved = 0;
  VaultPlace place;
  while (true) {
    auto rows = store().List(std::nullopt, place, kRowsAtOnce);
    if (!rows.ok()) return rows.status();
    if (rows->empty()) return moved;
    place = {rows->back().tenant, rows->back().name};
    std::erase_if(*rows, [&](VaultRow& row) {
      return row.root >= roots.newest() || !MoveToRoot(row, roots, roots.newest());
    });
    if (absl::Status status = store().Rewrap(*rows); !status.ok()) return status;
    moved += rows->size();
  }
}

absl::StatusOr<std::size_t> StoredVault::Rekey(std::span<const VaultUnlock> unlocks) {
  absl::StatusOr<Roots> roots = Load();
  if (!roots.ok()) return roots.status();
  if (!roots->IsMoving()) {
    if (absl::Status status = BeginRekey(*roots, unlocks); !status.ok()) return status;
    roots = Load();
    if (!roots.ok()) return roots.status();
  }
  // Without both roots, what is removed below would be lost.
  for (const VaultSlot& slot : roots->slots) {
    if (roots->Find(slot.root) == nullptr)
      return absl::PermissionDeniedError("a rekey goes on only with what opens the old root and the new one");
  }
  const absl::StatusOr<std::size_t> moved = MoveRows(*roots);
  if (!moved.ok()) return moved;
  if (absl::Status status = store().ChangeSlots(roots->Ids(), {}, roots->OldIds()); !status.ok())
    return status;
  if (const auto loaded = Load(); !loaded.ok()) return loaded.status();
  return moved;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Vault>> Vault::Open(VaultOptions options) {
  if (options.store == nullptr) return absl::InvalidArgumentError("VaultOptions::store: missing");
  if (options.clock == nullptr) return absl::InvalidArgumentError("VaultOptions::clock: missing");
  if (absl::Status bad = vault::CheckUnlock(options.unlock); !bad.ok()) return bad;
  auto opened = std::make_unique<StoredVault>(std::move(options));
  if (absl::Status status = opened->Begin(); !status.ok()) return status;
  return opened;
}

}  // namespace mcpgate
