// Rows changed by one who does not hold the root key.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "mcpgate/key_admin.h"
#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

using Ring = testing::KeyringFixture;

struct Forgery {
  std::string what;
  KeyRecord record;
};

class Forger {
 public:
  explicit Forger(KeyRecord genuine) : genuine_(std::move(genuine)) {}

  template <typename Change>
  void Add(std::string what, Change change) {
    Forgery forgery{std::move(what), genuine_};
    change(forgery.record);
    forgeries_.push_back(std::move(forgery));
  }
  void FlipBits(const std::string& field, auto bytes_of) {
    const std::size_t size = bytes_of(genuine_).size();
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      Add(field + " bit " + std::to_string(bit), [&](KeyRecord& record) {
        auto& byte = bytes_of(record)[bit / 8];
        byte = static_cast<std::remove_reference_t<decltype(byte)>>(byte ^ (1 << (bit % 8)));
      });
    }
  }
  void FlipNumber(const std::string& field, std::int64_t KeyRecord::*member) {
    for (int bit = 0; bit < 64; ++bit) {
      Add(field + " bit " + std::to_string(bit), [&](KeyRecord& record) {
        record.*member =
            static_cast<std::int64_t>(static_cast<std::uint64_t>(record.*member) ^ (1ull << bit));
      });
    }
  }
  const std::vector<Forgery>& forgeries() const { return forgeries_; }

 private:
  const KeyRecord genuine_;
  std::vector<Forgery> forgeries_;
};

void FlipEveryBit(Forger& forger, const KeyRecord& genuine) {
  forger.FlipBits(
      "id", [](auto& record) -> auto& { return record.id; });
  forger.FlipBits(
      "family", [](auto& record) -> auto& { return record.family; });
  forger.FlipBits(
      "tenant", [](auto& record) -> auto& { return record.tenant; });
  forger.FlipBits(
      "name", [](auto& record) -> auto& { return record.name; });
  forger.FlipBits(
      "hash", [](auto& record) -> auto& { return record.hash; });
  forger.FlipBits(
      "mac", [](auto& record) -> auto& { return record.mac; });
  for (std::vector<std::string> Grants::*list :
       {&Grants::allow_tools, &Grants::deny_tools, &Grants::resources}) {
    for (std::size_t i = 0; i < (genuine.grants.*list).size(); ++i) {
      forger.FlipBits(
          "pattern", [=](auto& record) -> auto& { return (record.grants.*list)[i]; });
    }
  }
  forger.FlipNumber("created_at", &KeyRecord::created_at);
  forger.FlipNumber("not_before", &KeyRecord::not_before);
  forger.FlipNumber("expires_at", &KeyRecord::expires_at);
  forger.FlipNumber("revoked_at", &KeyRecord::revoked_at);
  forger.FlipNumber("version", &KeyRecord::version);
  for (int bit = 0; bit < 8; ++bit) {
    forger.Add("role bit " + std::to_string(bit), [&](KeyRecord& record) {
      record.grants.role = static_cast<Role>(static_cast<int>(record.grants.role) ^ (1 << bit));
    });
  }
}

// The same letters arranged otherwise.
void MoveBetweenFields(Forger& forger) {
  forger.Add("a denied tool allowed", [](KeyRecord& record) {
    record.grants.allow_tools.push_back(record.grants.deny_tools.back());
    record.grants.deny_tools.pop_back();
  });
  forger.Add("two patterns as one", [](KeyRecord& record) {
    auto& list = record.grants.allow_tools;
    list = {list[0] + list[1]};
  });
  forger.Add("a pattern split", [](KeyRecord& record) {
    auto& list = record.grants.resources;
    list = {list[0].substr(0, 3), list[0].substr(3)};
  });
  forger.Add("patterns in another order", [](KeyRecord& record) {
    std::swap(record.grants.allow_tools[0], record.grants.allow_tools[1]);
  });
  forger.Add("an empty pattern more", [](KeyRecord& record) { record.grants.deny_tools.emplace_back(); });
  forger.Add("a letter moved from tenant to name", [](KeyRecord& record) {
    record.name.insert(record.name.begin(), record.tenant.back());
    record.tenant.pop_back();
  });
  forger.Add("two times swapped", [](KeyRecord& record) { std::swap(record.created_at, record.expires_at); });
}

KeyRequest RichRequest() {
  return {.name = "laptop",
          .tenant = "lab",
          .grants = {.role = Role::kReader,
                     .allow_tools = {"ab", "c*"},
                     .deny_tools = {"x"},
                     .resources = {"discord:channel:7"}},
          .lifetime = std::chrono::hours(5)};
}

TEST_CASE("a row with any bit of any field changed, or rearranged, is refused as tampered") {
  for (const KeyRequest& request : {RichRequest(), KeyRequest{.name = "k", .tenant = "t"}}) {
    Ring keys(0);
    const IssuedKey issued = keys.Issue(request);
    Forger forger(issued.record);
    FlipEveryBit(forger, issued.record);
    if (!request.grants.allow_tools.empty()) MoveBetweenFields(forger);
    REQUIRE(forger.forgeries().size() > 1000);
    int accepted = 0, shown_live = 0, revoked = 0;
    for (const Forgery& forgery : forger.forgeries()) {
      keys.store->on_find = [&](const auto&) { return std::optional<KeyRecord>(forgery.record); };
      if (keys.RefusalOf(issued.token) != KeyRefusal::kTampered) {
        ++accepted;
        MESSAGE("passed for genuine: " << forgery.what);
      }
      const auto info = keys.ring->admin().Show(TenantScope::Operator(), issued.record.id);
      shown_live += info.ok() && info->state == KeyInfo::State::kTampered ? 0 : 1;
      revoked +=
          absl::IsDataLoss(keys.ring->admin().Revoke(TenantScope::Operator(), issued.record.id).status()) ? 0
                                                                                                          : 1;
    }
    CHECK(accepted == 0);
    CHECK(shown_live == 0);
    CHECK(revoked == 0);
  }
}

TEST_CASE("the genuine row of another key is refused") {
  Ring keys(0);
  const IssuedKey mine = keys.Issue(), other = keys.Issue();
  keys.store->on_find = [&](const auto&) { return std::optional<KeyRecord>(other.record); };
  CHECK(keys.RefusalOf(mine.token) == KeyRefusal::kTampered);
  CHECK(keys.RefusalOf(other.token) == KeyRefusal::kNone);
}

TEST_CASE("rows made under another root key are refused") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  const auto stranger = keys.Open(Secret(std::string(32, 's')), 16);
  const auto verdict = stranger->Verify(issued.token);
  REQUIRE(verdict.ok());
  CHECK(verdict->refusal == KeyRefusal::kTampered);
}

TEST_CASE("a row whose bytes are not a record is tampered with, not an outage") {
  Ring keys(0);
  const IssuedKey issued = keys.Issue();
  keys.store->on_find = [](const auto&) { return absl::DataLossError("column grants is not JSON"); };
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kTampered);
  const auto info = keys.ring->admin().Show(TenantScope::Operator(), issued.record.id);
  REQUIRE(info.ok());
  CHECK(info->state == KeyInfo::State::kTampered);
  CHECK(info->record.id == issued.record.id);
  CHECK(info->problem == "column grants is not JSON");
  CHECK(absl::IsDataLoss(keys.ring->admin().Revoke(TenantScope::Operator(), issued.record.id).status()));
}

TEST_CASE("a row changed behind a warm cache is noticed as soon as the revision moves") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  REQUIRE(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  KeyRecord forged = issued.record;
  forged.grants.role = Role::kAdmin;
  forged.version = 2;
  REQUIRE(keys.store->Update(forged).ok());
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kTampered);
}

TEST_CASE("a list shows which rows are tampered with beside the sound ones") {
  Ring keys;
  const IssuedKey sound = keys.Issue(), forged = keys.Issue();
  KeyRecord record = forged.record;
  record.grants.role = Role::kAdmin;
  record.version = 2;
  REQUIRE(keys.store->Update(record).ok());
  const auto list = keys.ring->admin().List(TenantScope::Operator(), {});
  REQUIRE(list.ok());
  REQUIRE(list->keys.size() == 2);
  for (const KeyInfo& info : list->keys) {
    const bool is_forged = info.record.id == forged.record.id;
    CHECK(KeyStateName(info.state) == (is_forged ? "tampered" : "live"));
    CHECK(info.problem.empty() != is_forged);
    CHECK(info.record.name == (is_forged ? "" : "laptop"));
  }
}

}  // namespace
}  // namespace mcpgate
