// The vault on a store in memory that can be tampered with and that can fail at any step.
#include "mcpgate/vault.h"

#include <doctest/doctest.h>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "contract/vault_store_contract.h"
#include "support/fake_clock.h"

namespace mcpgate::testing {
namespace {

using Texts = std::vector<std::string>;

constexpr PassphraseCost kCheap{.passes = 1, .memory = 64 << 10};

/// A store that does what the inner one does until so many changes were made, and then answers no more.
class DyingStore final : public VaultStore {
 public:
  DyingStore(std::shared_ptr<VaultStore> inner, int changes) : inner_(std::move(inner)), left_(changes) {}

  absl::StatusOr<std::vector<VaultSlot>> Slots() override {
    return left_ > 0 ? inner_->Slots() : absl::StatusOr<std::vector<VaultSlot>>(Gone());
  }
  absl::Status ChangeSlots(std::span<const std::string> expected, std::span<const VaultSlot> added,
                           std::span<const std::string> removed) override {
    return left_-- > 0 ? inner_->ChangeSlots(expected, added, removed) : Gone();
  }
  absl::StatusOr<std::optional<VaultRow>> Find(std::string_view tenant, std::string_view name) override {
    return inner_->Find(tenant, name);
  }
  absl::StatusOr<std::vector<VaultRow>> List(std::optional<std::string_view> tenant, const VaultPlace& place,
                                             std::size_t most) override {
    // One row a page, so that a rekey has many steps.
    return inner_->List(tenant, place, std::min<std::size_t>(most, 1));
  }
  absl::Status Put(const VaultRow& row) override { return left_-- > 0 ? inner_->Put(row) : Gone(); }
  absl::Status Rewrap(std::span<const VaultRow> rows) override {
    return left_-- > 0 ? inner_->Rewrap(rows) : Gone();
  }
  absl::Status Remove(std::string_view tenant, std::string_view name) override {
    return left_-- > 0 ? inner_->Remove(tenant, name) : Gone();
  }

 private:
  static absl::Status Gone() { return absl::UnavailableError("the process was killed here"); }

  const std::shared_ptr<VaultStore> inner_;
  int left_;
};

VaultUnlock Key(char fill = 'k') { return {.secret = Secret(std::string(32, fill))}; }
VaultUnlock Passphrase(std::string_view text = "correct horse battery") {
  return {.is_passphrase = true, .secret = Secret(text)};
}

const TenantScope kOperator = TenantScope::Operator();

struct Fixture {
  std::shared_ptr<VaultStore> store = NewMemoryVaultStore();
  FakeClock clock;

  absl::StatusOr<std::unique_ptr<Vault>> TryOpen(VaultUnlock unlock = Key(),
                                                 std::shared_ptr<VaultStore> other = nullptr) {
    return Vault::Open(
        {.store = other ? other : store, .unlock = std::move(unlock), .cost = kCheap, .clock = &clock});
  }
  std::unique_ptr<Vault> Open(VaultUnlock unlock = Key()) {
    auto vault = TryOpen(std::move(unlock));
    REQUIRE_MESSAGE(vault.ok(), vault.status().ToString());
    return *std::move(vault);
  }
};

void Put(Vault& vault, std::string_view tenant, std::string_view name, std::string_view text) {
  const auto put = vault.Put(kOperator, tenant, name, "token", "a note", Secret(text));
  REQUIRE_MESSAGE(put.ok(), put.status().ToString());
}
absl::StatusOr<std::string> Text(Vault& vault, std::string_view tenant, std::string_view name) {
  std::string text;
  const absl::Status used = vault.Use(kOperator, tenant, name, "token", [&](const Secret& secret) {
    text = RevealSecret(secret);
    return absl::OkStatus();
  });
  if (!used.ok()) return used;
  return text;
}
VaultRow RowOf(VaultStore& store, std::string_view name) { return store.Find("acme", name)->value(); }
/// Puts `row` in place of what is there, as somebody could who may write the file.
void Overwrite(VaultStore& store, const VaultRow& row) {
  REQUIRE(store.Remove(row.tenant, row.name).ok());
  for (std::int64_t version = 1; version <= row.version; ++version) {
    VaultRow next = row;
    next.version = version;
    REQUIRE(store.Put(next).ok());
  }
}

TEST_CASE("the store in memory keeps the contract of VaultStore") {
  VaultStoreContract([] { return std::shared_ptr<VaultStore>(NewMemoryVaultStore()); });
}

TEST_CASE("a secret comes back as it went in, also to the next who opens the vault") {
  Fixture with;
  Put(*with.Open(), "acme", "discord", "a bot token");
  CHECK(Text(*with.Open(), "acme", "discord").value() == "a bot token");
}

TEST_CASE("a new text is the next version, and the old one is gone") {
  Fixture with;
  const auto vault = with.Open();
  Put(*vault, "acme", "discord", "old");
  Put(*vault, "acme", "discord", "new");
  CHECK(vault->Show(kOperator, "acme", "discord")->version == 2);
  CHECK(Text(*vault, "acme", "discord").value() == "new");
}

TEST_CASE("a tenant sees its own secrets and learns of no others") {
  Fixture with;
  const auto vault = with.Open();
  Put(*vault, "acme", "discord", "theirs");
  Put(*vault, "zeta", "discord", "ours");
  const TenantScope zeta = TenantScope::Of(Principal{.tenant = "zeta"});
  CHECK(vault->Show(zeta, "zeta", "discord").ok());
  CHECK(absl::IsNotFound(vault->Show(zeta, "acme", "discord").status()));
  CHECK(absl::IsNotFound(vault->Remove(zeta, "acme", "discord")));
  CHECK(absl::IsNotFound(vault->Put(zeta, "acme", "discord", "token", "", Secret("x")).status()));
  CHECK(absl::IsNotFound(
      vault->Use(zeta, "acme", "discord", "token", [](const Secret&) { return absl::OkStatus(); })));
  const auto page = vault->List(zeta, {}, 10);
  REQUIRE((page.ok() && page->secrets.size() == 1));
  CHECK(page->secrets[0].tenant == "zeta");
  CHECK(Text(*vault, "acme", "discord").value() == "theirs");
}

TEST_CASE("pages follow each other and lose nothing") {
  Fixture with;
  const auto vault = with.Open();
  for (const char* name : {"a", "b", "c", "d", "e"}) Put(*vault, "acme", name, name);
  Texts names;
  VaultPlace place;
  for (int pages = 1;; ++pages) {
    const auto page = vault->List(kOperator, place, 2);
    REQUIRE(page.ok());
    for (const SecretInfo& secret : page->secrets) names.push_back(secret.name);
    if (!page->next) {
      CHECK(pages == 3);
      break;
    }
    place = *page->next;
  }
  CHECK(names == Texts{"a", "b", "c", "d", "e"});
}

TEST_CASE("a wrong key or passphrase opens nothing") {
  Fixture with;
  Put(*with.Open(Passphrase()), "acme", "discord", "text");
  CHECK(absl::IsPermissionDenied(with.TryOpen(Passphrase("correct horse batterz")).status()));
  CHECK(absl::IsPermissionDenied(with.TryOpen(Key()).status()));
  CHECK(with.TryOpen(Passphrase()).ok());
  CHECK(absl::IsInvalidArgument(with.TryOpen(Passphrase("short")).status()));
  CHECK(absl::IsInvalidArgument(with.TryOpen({.secret = Secret("short")}).status()));
}

TEST_CASE("nothing that the store keeps shows a secret") {
  Fixture with;
  Put(*with.Open(), "acme", "discord", "CANARY-TOKEN");
  const VaultRow row = RowOf(*with.store, "discord");
  for (const std::string& text : {row.sealed, row.wrapped, row.note, row.purpose})
    CHECK(text.find("CANARY") == std::string::npos);
}

TEST_CASE("a flipped bit in any field of a row makes its secret unreadable and no other") {
  Fixture with;
  const auto vault = with.Open();
  Put(*vault, "acme", "discord", "text");
  Put(*vault, "acme", "other", "safe");
  const VaultRow good = RowOf(*with.store, "discord");
  const auto is_refused = [&](const VaultRow& bad) {
    Overwrite(*with.store, bad);
    CHECK(absl::IsDataLoss(Text(*vault, "acme", "discord").status()));
    CHECK_FALSE(vault->Show(kOperator, "acme", "discord")->is_readable);
    CHECK(vault->List(kOperator, {}, 10)->secrets.size() == 2);
    CHECK(Text(*vault, "acme", "other").value() == "safe");
  };
  for (std::string VaultRow::*field : {&VaultRow::sealed, &VaultRow::wrapped, &VaultRow::note}) {
    for (std::size_t i = 0; i < (good.*field).size(); ++i) {
      VaultRow bad = good;
      (bad.*field)[i] ^= 1;
      is_refused(bad);
    }
  }
  VaultRow bad = good;
  bad.changed_at += 1;
  is_refused(bad);
  bad = good;
  bad.version += 1;
  is_refused(bad);
  bad = good;
  bad.sealed.clear();
  is_refused(bad);
  bad = good;
  bad.purpose = "others";
  Overwrite(*with.store, bad);
  CHECK(absl::IsDataLoss(
      vault->Use(kOperator, "acme", "discord", "others", [](const Secret&) { return absl::OkStatus(); })));
  Overwrite(*with.store, good);
  CHECK(Text(*vault, "acme", "discord").value() == "text");
}

TEST_CASE("rows that were put in each other's place open in neither") {
  Fixture with;
  const auto vault = with.Open();
  Put(*vault, "acme", "one", "first");
  Put(*vault, "acme", "two", "second");
  VaultRow one = RowOf(*with.store, "one"), two = RowOf(*with.store, "two");
  std::swap(one.name, two.name);
  Overwrite(*with.store, one);
  Overwrite(*with.store, two);
  CHECK(absl::IsDataLoss(Text(*vault, "acme", "one").status()));
  CHECK(absl::IsDataLoss(Text(*vault, "acme", "two").status()));
  Put(*vault, "acme", "one", "anew");
  CHECK(Text(*vault, "acme", "one").value() == "anew");
}

TEST_CASE("a slot that was changed opens nothing") {
  Fixture with;
  Put(*with.Open(Passphrase()), "acme", "discord", "text");
  const VaultSlot good = with.store->Slots()->at(0);
  const auto is_refused = [&](const VaultSlot& bad) {
    REQUIRE(with.store->ChangeSlots(Texts{good.id}, {}, Texts{good.id}).ok());
    REQUIRE(with.store->ChangeSlots({}, {&bad, 1}, {}).ok());
    CHECK(absl::IsPermissionDenied(with.TryOpen(Passphrase()).status()));
    REQUIRE(with.store->ChangeSlots(Texts{bad.id}, {}, Texts{bad.id}).ok());
    REQUIRE(with.store->ChangeSlots({}, {&good, 1}, {}).ok());
  };
  for (std::size_t i = 0; i < good.wrapped.size(); ++i) {
    VaultSlot bad = good;
    bad.wrapped[i] ^= 1;
    is_refused(bad);
  }
  VaultSlot bad = good;
  bad.memory = std::numeric_limits<std::int64_t>::max();
  is_refused(bad);
  bad = good;
  bad.passes = 0;
  is_refused(bad);
  bad = good;
  bad.salt[3] ^= 1;
  is_refused(bad);
  CHECK(with.TryOpen(Passphrase()).ok());
}

TEST_CASE("each slot opens the vault until it is removed") {
  Fixture with;
  const auto vault = with.Open();
  Put(*vault, "acme", "discord", "text");
  const auto slot = vault->AddSlot(Passphrase());
  REQUIRE(slot.ok());
  CHECK(Text(*with.Open(Passphrase()), "acme", "discord").value() == "text");
  REQUIRE(vault->RemoveSlot(slot->id).ok());
  CHECK(absl::IsPermissionDenied(with.TryOpen(Passphrase()).status()));
  CHECK(absl::IsNotFound(vault->RemoveSlot(slot->id)));
  CHECK(absl::IsFailedPrecondition(vault->RemoveSlot(vault->Slots()->at(0).id)));
}

TEST_CASE("the slots of a vault are bounded") {
  Fixture with;
  const auto vault = with.Open();
  for (std::size_t i = 1; i < kMaxVaultSlots; ++i)
    REQUIRE(vault->AddSlot(Key(static_cast<char>('a' + i))).ok());
  CHECK(absl::IsResourceExhausted(vault->AddSlot(Key('z')).status()));
}

TEST_CASE("every use is told before it happens and may be refused") {
  Fixture with;
  Texts told;
  bool refuses = false;
  auto vault = Vault::Open({.store = with.store,
                            .unlock = Key(),
                            .on_use =
                                [&](const SecretInfo& info) {
                                  told.push_back(info.tenant + "/" + info.name);
                                  return refuses ? absl::UnavailableError("no trail") : absl::OkStatus();
                                },
                            .clock = &with.clock});
  REQUIRE(vault.ok());
  Put(**vault, "acme", "discord", "text");
  CHECK(told.empty());
  CHECK(Text(**vault, "acme", "discord").value() == "text");
  CHECK(told == Texts{"acme/discord"});
  refuses = true;
  bool was_shown = false;
  CHECK(absl::IsUnavailable((*vault)->Use(kOperator, "acme", "discord", "token", [&](const Secret&) {
    was_shown = true;
    return absl::OkStatus();
  })));
  CHECK_FALSE(was_shown);
}

TEST_CASE("a secret is used for what it is, and nothing else") {
  Fixture with;
  const auto vault = with.Open();
  Put(*vault, "acme", "discord", "text");
  CHECK(absl::IsNotFound(
      vault->Use(kOperator, "acme", "discord", "password", [](const Secret&) { return absl::OkStatus(); })));
}

TEST_CASE("what cannot be kept is refused and says why") {
  Fixture with;
  const auto vault = with.Open();
  const auto put = [&](std::string_view name, std::string_view purpose, std::string_view note,
                       const std::string& text) {
    return vault->Put(kOperator, "acme", name, purpose, note, Secret(text)).status();
  };
  CHECK(absl::IsInvalidArgument(put("", "token", "", "x")));
  CHECK(absl::IsInvalidArgument(put("A b", "token", "", "x")));
  CHECK(absl::IsInvalidArgument(put("a", "", "", "x")));
  CHECK(absl::IsInvalidArgument(put("a", "token", "two\nlines", "x")));
  CHECK(absl::IsInvalidArgument(put("a", "token", std::string(201, 'n'), "x")));
  CHECK(absl::IsInvalidArgument(put("a", "token", "", "")));
  CHECK(absl::IsInvalidArgument(put("a", "token", "", std::string(4097, 'x'))));
  CHECK(put("a", "token", "", std::string(4096, 'x')).ok());
  CHECK(vault->List(kOperator, {}, 10)->secrets.size() == 1);
}

TEST_CASE("a rekey leaves every text readable and none under the old root") {
  Fixture with;
  const auto vault = with.Open();
  REQUIRE(vault->AddSlot(Passphrase()).ok());
  for (const char* name : {"a", "b", "c"}) Put(*vault, "acme", name, name);
  const std::string before = RowOf(*with.store, "a").wrapped;
  const auto moved = vault->Rekey(std::vector{Passphrase(), Key()});
  REQUIRE_MESSAGE(moved.ok(), moved.status().ToString());
  CHECK(*moved == 3);
  CHECK(RowOf(*with.store, "a").wrapped != before);
  const auto slots = with.store->Slots();
  REQUIRE((slots.ok() && slots->size() == 2));
  for (const VaultSlot& slot : *slots) CHECK(slot.root == 2);
  for (const char* name : {"a", "b", "c"}) {
    CHECK(Text(*vault, "acme", name).value() == name);
    CHECK(Text(*with.Open(Passphrase()), "acme", name).value() == name);
  }
}

TEST_CASE("a rekey that would lock somebody out is not begun") {
  Fixture with;
  const auto vault = with.Open();
  REQUIRE(vault->AddSlot(Passphrase()).ok());
  Put(*vault, "acme", "discord", "text");
  CHECK(absl::IsFailedPrecondition(vault->Rekey(std::vector{Key()}).status()));
  CHECK(with.store->Slots()->size() == 2);
  CHECK(Text(*vault, "acme", "discord").value() == "text");
}

TEST_CASE("another who has the vault open reads and writes on through a rekey") {
  Fixture with;
  const auto vault = with.Open(), other = with.Open();
  Put(*vault, "acme", "discord", "text");
  CHECK(Text(*other, "acme", "discord").value() == "text");
  REQUIRE(vault->Rekey(std::vector{Key()}).ok());
  CHECK(Text(*other, "acme", "discord").value() == "text");
  Put(*other, "acme", "late", "new");
  CHECK(RowOf(*with.store, "late").root == 2);
  CHECK(Text(*vault, "acme", "late").value() == "new");
}

TEST_CASE("a rekey that is killed at any step loses nothing, and goes on where it ended") {
  int steps = 0;
  for (bool ended = false; !ended; ++steps) {
    Fixture with;
    REQUIRE(with.Open()->AddSlot(Passphrase()).ok());
    const Texts names = {"a", "b", "c"};
    for (const std::string& name : names) Put(*with.Open(), "acme", name, "text of " + name);
    const auto dying = with.TryOpen(Key(), std::make_shared<DyingStore>(with.store, steps));
    if (dying.ok()) ended = (*dying)->Rekey(std::vector{Key(), Passphrase()}).ok();

    for (const std::string& name : names) {
      CHECK(Text(*with.Open(), "acme", name).value() == "text of " + name);
      CHECK(Text(*with.Open(Passphrase()), "acme", name).value() == "text of " + name);
    }
    const auto next = with.Open();
    if (with.store->Slots()->size() > 2) {
      CHECK(absl::IsFailedPrecondition(next->AddSlot(Key('x')).status()));
      Put(*next, "acme", "between", "text of between");
      REQUIRE(next->Rekey(std::vector{Key(), Passphrase()}).ok());
      CHECK(Text(*with.Open(Passphrase()), "acme", "between").value() == "text of between");
    }
    CHECK(with.store->Slots()->size() == 2);
    for (const std::string& name : names)
      CHECK(Text(*with.Open(), "acme", name).value() == "text of " + name);
  }
  CHECK(steps > 5);
}

TEST_CASE("a damaged secret stops no rekey") {
  Fixture with;
  const auto vault = with.Open();
  Put(*vault, "acme", "bad", "lost");
  Put(*vault, "acme", "good", "kept");
  VaultRow bad = RowOf(*with.store, "bad");
  bad.wrapped[40] ^= 1;
  Overwrite(*with.store, bad);
  CHECK(vault->Rekey(std::vector{Key()}).value() == 1);
  CHECK(Text(*vault, "acme", "good").value() == "kept");
  CHECK(absl::IsDataLoss(Text(*vault, "acme", "bad").status()));
}

}  // namespace
}  // namespace mcpgate::testing
