// What every KeyStore promises. Call it in a TEST_CASE of the implementation:
//
//   TEST_CASE("the memory store keeps the contract of KeyStore") {
//     KeyStoreContract([] { ... return KeyStores{store, store}; });
//   }
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "mcpgate/key_store.h"

namespace mcpgate::testing {

/// Two handles on the same, still empty rows: two openings of one database, or twice the same object.
struct KeyStores {
  std::shared_ptr<KeyStore> first, second;
};
using KeyStoreFactory = std::function<KeyStores()>;

inline bool SameRecord(const KeyRecord& a, const KeyRecord& b) {
  return a.id == b.id && a.family == b.family && a.tenant == b.tenant && a.name == b.name &&
         a.grants == b.grants && a.hash == b.hash && a.created_at == b.created_at &&
         a.not_before == b.not_before && a.expires_at == b.expires_at && a.revoked_at == b.revoked_at &&
         a.version == b.version && a.mac == b.mac && a.kind == b.kind && a.principal == b.principal &&
         a.parent == b.parent && a.disabled_at == b.disabled_at && a.retires_at == b.retires_at &&
         a.networks == b.networks && a.metadata == b.metadata && a.imported_at == b.imported_at;
}

/// A record with something in every field, different for each `number` from 0 to 9.
inline KeyRecord SampleKey(int number) {
  const std::string digit = std::to_string(number);
  KeyRecord record{.id = "sampleKey00" + digit,
                   .family = "family00000" + digit,
                   .tenant = "tenant-" + digit,
                   .name = "Łaptop \"" + digit + "\" \\ 'x', [y] {z}",
                   .grants = {.role = Role::kModerator,
                              .allow_tools = {"a*", "b,c", "\"d\""},
                              .deny_tools = {"*_" + digit},
                              .resources = {"discord:channel:41771983423143937", "x|y\\z"}},
                   .created_at = 1'767'225'600'000 + number,
                   .not_before = 1'767'225'600'001,
                   .expires_at = 1'798'761'600'002,
                   .revoked_at = 0,
                   .version = 1,
                   .kind = KeyKind::kSession,
                   .principal = "ada." + digit,
                   .parent = "parent00000" + digit,
                   .disabled_at = 11,
                   .retires_at = 12 + number,
                   .networks = {"203.0.113.0/24", "2001:db8::/32"},
                   .metadata = R"({"team":"Ł"})",
                   .imported_at = 13};
  for (std::size_t i = 0; i < record.hash.size(); ++i) {
    record.hash[i] = static_cast<std::uint8_t>(i * 7 + 129 + number);
    record.mac[i] = static_cast<std::uint8_t>(255 - i * 5 - number);
  }
  return record;
}

/// What `id` holds; fails the test when it holds nothing.
inline KeyRecord MustFind(KeyStore& store, std::string_view id) {
  const auto found = store.Find(id);
  REQUIRE(found.ok());
  REQUIRE(found->has_value());
  return **found;
}

namespace key_store_contract {

inline void Finding(const KeyStores& stores) {
  KeyStore &store = *stores.first, &other = *stores.second;
  SUBCASE("an unknown id is no row and no error") {
    const auto found = store.Find("sampleKey000");
    REQUIRE(found.ok());
    CHECK_FALSE(found->has_value());
  }
  SUBCASE("an inserted record is found as it was, through every handle") {
    REQUIRE(store.Insert(SampleKey(1)).ok());
    CHECK(SameRecord(MustFind(store, "sampleKey001"), SampleKey(1)));
    CHECK(SameRecord(MustFind(other, "sampleKey001"), SampleKey(1)));
  }
  SUBCASE("empty texts, empty lists and the ends of the number range are kept") {
    KeyRecord record = SampleKey(2);
    record.name = "";
    record.grants = {};
    record.created_at = std::numeric_limits<std::int64_t>::min();
    record.expires_at = std::numeric_limits<std::int64_t>::max();
    record.hash.fill(0);
    REQUIRE(store.Insert(record).ok());
    CHECK(SameRecord(MustFind(other, record.id), record));
  }
  SUBCASE("ids differ by case") {
    KeyRecord lower = SampleKey(1), upper = SampleKey(1);
    upper.id = "SAMPLEKEY001";
    upper.name = "upper";
    REQUIRE(store.Insert(lower).ok());
    REQUIRE(store.Insert(upper).ok());
    CHECK(MustFind(store, lower.id).name == lower.name);
    CHECK(MustFind(store, upper.id).name == "upper");
  }
}

inline void Changing(const KeyStores& stores) {
  KeyStore &store = *stores.first, &other = *stores.second;
  REQUIRE(store.Insert(SampleKey(1)).ok());
  SUBCASE("an id that is taken is refused and its row stays") {
    KeyRecord rival = SampleKey(1);
    rival.name = "rival";
    CHECK(absl::IsAlreadyExists(other.Insert(rival)));
    CHECK(SameRecord(MustFind(store, "sampleKey001"), SampleKey(1)));
  }
  SUBCASE("the next version replaces the row in every field") {
    KeyRecord next = SampleKey(5);
    next.id = "sampleKey001";
    next.version = 2;
    next.revoked_at = 77;
    REQUIRE(other.Update(next).ok());
    CHECK(SameRecord(MustFind(store, "sampleKey001"), next));
  }
  SUBCASE("a version that does not follow is Aborted and changes nothing") {
    for (const std::int64_t version : {0, 1, 3}) {
      KeyRecord stale = SampleKey(1);
      stale.version = version;
      stale.name = "stale";
      CHECK(absl::IsAborted(store.Update(stale)));
    }
    CHECK(SameRecord(MustFind(store, "sampleKey001"), SampleKey(1)));
  }
  SUBCASE("an update of no row is NotFound") {
    KeyRecord none = SampleKey(2);
    none.version = 2;
    CHECK(absl::IsNotFound(store.Update(none)));
    CHECK_FALSE((*store.Find(none.id)).has_value());
  }
}

inline std::vector<std::string> Listed(KeyStore& store, std::string_view after, std::size_t limit) {
  const auto rows = store.List({.after = std::string(after), .limit = limit});
  REQUIRE(rows.ok());
  std::vector<std::string> ids;
  for (const StoredKey& row : rows->rows) {
    REQUIRE(row.record.ok());
    CHECK(row.record->id == row.id);
    ids.push_back(row.id);
  }
  return ids;
}

inline void Listing(const KeyStores& stores) {
  for (const int number : {3, 1, 4, 2}) REQUIRE(stores.first->Insert(SampleKey(number)).ok());
  using Ids = std::vector<std::string>;
  KeyStore& store = *stores.second;
  SUBCASE("a list is in order of id") {
    CHECK(Listed(store, "", 10) == Ids{"sampleKey001", "sampleKey002", "sampleKey003", "sampleKey004"});
  }
  SUBCASE("a list goes on after the id that it is given, present or not") {
    CHECK(Listed(store, "", 2) == Ids{"sampleKey001", "sampleKey002"});
    CHECK(Listed(store, "sampleKey002", 2) == Ids{"sampleKey003", "sampleKey004"});
    CHECK(Listed(store, "sampleKey0025", 1) == Ids{"sampleKey003"});
    CHECK(Listed(store, "sampleKey004", 2).empty());
    CHECK(Listed(store, "", 0).empty());
  }
  SUBCASE("listed records are whole") {
    const auto rows = store.List({.limit = 1});
    REQUIRE((rows.ok() && rows->rows.size() == 1 && rows->rows.front().record.ok()));
    CHECK(SameRecord(*rows->rows.front().record, SampleKey(1)));
  }
}

inline RowChange Change(RowChange::Verb verb, std::variant<KeyRecord, PersonRecord> row) {
  return {.verb = verb, .row = std::move(row)};
}

inline PersonRecord SamplePerson(const std::string& id, std::vector<std::string> externals = {}) {
  return {.kind = PersonKind::kPrincipal,
          .tenant = "acme",
          .id = id,
          .parent = "web",
          .externals = std::move(externals),
          .body = R"({"name":"Łucja"})",
          .mac = SampleKey(3).mac};
}

inline bool SamePerson(const PersonRecord& a, const PersonRecord& b) {
  return a.kind == b.kind && a.tenant == b.tenant && a.id == b.id && a.parent == b.parent &&
         a.externals == b.externals && a.body == b.body && a.version == b.version && a.mac == b.mac;
}

inline void ApplyingTogether(const KeyStores& stores) {
  using Verb = RowChange::Verb;
  KeyStore &store = *stores.first, &other = *stores.second;
  REQUIRE(store.Insert(SampleKey(1)).ok());
  KeyRecord next = SampleKey(1), stale = SampleKey(1);
  next.version = 2;
  stale.version = 3;
  SUBCASE("all of them are made") {
    const std::vector<RowChange> changes = {Change(Verb::kUpdate, next), Change(Verb::kInsert, SampleKey(2)),
                                            Change(Verb::kInsert, SamplePerson("ada"))};
    REQUIRE(store.Apply(changes).ok());
    CHECK(MustFind(other, "sampleKey001").version == 2);
    CHECK(SameRecord(MustFind(other, "sampleKey002"), SampleKey(2)));
    CHECK(SamePerson(**other.FindPerson(PersonKind::kPrincipal, "acme", "ada"), SamplePerson("ada")));
  }
  SUBCASE("none of them when one is refused, wherever it stands") {
    const std::vector<RowChange> good = {Change(Verb::kInsert, SampleKey(2)),
                                         Change(Verb::kInsert, SamplePerson("ada", {"x:1"}))};
    const std::vector<std::pair<RowChange, absl::StatusCode>> bad = {
        {Change(Verb::kUpdate, stale), absl::StatusCode::kAborted},
        {Change(Verb::kErase, stale), absl::StatusCode::kAborted},
        {Change(Verb::kInsert, SampleKey(1)), absl::StatusCode::kAlreadyExists},
        {Change(Verb::kUpdate, SampleKey(5)), absl::StatusCode::kNotFound},
        {Change(Verb::kInsert, SamplePerson("eve", {"x:2", "x:2"})), absl::StatusCode::kAlreadyExists}};
    for (const auto& [change, code] : bad) {
      for (std::size_t at = 0; at <= good.size(); ++at) {
        std::vector<RowChange> changes = good;
        changes.insert(changes.begin() + static_cast<std::ptrdiff_t>(at), change);
        CHECK(store.Apply(changes).code() == code);
        CHECK(SameRecord(MustFind(other, "sampleKey001"), SampleKey(1)));
        CHECK_FALSE((*other.Find("sampleKey002")).has_value());
        CHECK_FALSE((*other.FindPerson(PersonKind::kPrincipal, "acme", "ada")).has_value());
      }
    }
    CHECK(store.Apply(good).ok());
  }
  SUBCASE("an erased row is gone, one that has changed stays") {
    REQUIRE(store.Update(next).ok());
    const RowChange old = Change(Verb::kErase, SampleKey(1)), now = Change(Verb::kErase, next);
    CHECK(absl::IsAborted(store.Apply({&old, 1})));
    CHECK(store.Apply({&now, 1}).ok());
    CHECK_FALSE((*other.Find("sampleKey001")).has_value());
    CHECK(absl::IsNotFound(store.Apply({&now, 1})));
  }
}

inline void Choosing(const KeyStores& stores) {
  KeyStore& store = *stores.second;
  for (int number = 1; number <= 6; ++number) {
    KeyRecord record = SampleKey(number);
    record.tenant = number <= 4 ? "acme" : "bolt";
    record.family = number % 2 == 0 ? "even" : "odd";
    record.principal = number <= 2 ? "ada" : "";
    record.parent = number == 3 ? "even" : "";
    record.name = number == 4 ? "a?[b]c" : "name" + std::to_string(number);
    REQUIRE(stores.first->Insert(record).ok());
  }
  const auto chosen = [&](KeyQuery query) {
    std::string numbers;
    do {
      const auto page = store.List(query);
      REQUIRE(page.ok());
      CHECK(page->rows.size() <= query.limit);
      for (const StoredKey& row : page->rows) numbers += row.id.back();
      query.after = page->next;
    } while (!query.after.empty());
    return numbers;
  };
  for (const std::size_t limit : {1, 2, 100}) {
    CHECK(chosen({.tenant = "acme", .limit = limit}) == "1234");
    CHECK(chosen({.tenant = "acme", .principal = "ada", .limit = limit}) == "12");
    CHECK(chosen({.tenant = "bolt", .principal = "ada", .limit = limit}).empty());
    CHECK(chosen({.family = "even", .limit = limit}) == "246");
    CHECK(chosen({.parent = "even", .limit = limit}) == "3");
    CHECK(chosen({.sessions = true, .limit = limit}) == "3");
    CHECK(chosen({.tenant = "bolt", .sessions = true, .limit = limit}).empty());
    CHECK(chosen({.name = "name*", .limit = limit}) == "12356");
    CHECK(chosen({.name = "a?[b]*", .limit = limit}) == "4");
    CHECK(chosen({.tenant = "acme", .name = "*e3", .limit = limit}) == "3");
    CHECK(chosen({.name = "none", .limit = limit}).empty());
  }
}

inline void KeepingPeople(const KeyStores& stores) {
  using Verb = RowChange::Verb;
  KeyStore &store = *stores.first, &other = *stores.second;
  const auto insert = [&](const PersonRecord& row) {
    const RowChange change = Change(Verb::kInsert, row);
    return store.Apply({&change, 1});
  };
  REQUIRE(insert(SamplePerson("ada", {"x:1", "x:2"})).ok());
  SUBCASE("an id is taken in its tenant and kind alone") {
    CHECK(absl::IsAlreadyExists(insert(SamplePerson("ada"))));
    PersonRecord team = SamplePerson("ada"), elsewhere = SamplePerson("ada", {"x:1"});
    team.kind = PersonKind::kTeam;
    elsewhere.tenant = "bolt";
    CHECK(insert(team).ok());
    CHECK(insert(elsewhere).ok());
  }
  SUBCASE("an external id leads to one row, until the row gives it up") {
    const PersonQuery query{.kind = PersonKind::kPrincipal, .tenant = "acme", .external = "x:2"};
    REQUIRE(other.ListPeople(query)->rows.size() == 1);
    CHECK(SamePerson(*other.ListPeople(query)->rows.front().record, SamplePerson("ada", {"x:1", "x:2"})));
    CHECK(absl::IsAlreadyExists(insert(SamplePerson("eve", {"x:2"}))));
    PersonRecord next = SamplePerson("ada", {"x:1"});
    next.version = 2;
    const RowChange change = Change(Verb::kUpdate, next);
    REQUIRE(store.Apply({&change, 1}).ok());
    CHECK(other.ListPeople(query)->rows.empty());
    CHECK(insert(SamplePerson("eve", {"x:2"})).ok());
  }
  SUBCASE("pages are in order of tenant and id, and hold what was asked for") {
    for (const std::string id : {"cy", "bo", "dee"}) REQUIRE(insert(SamplePerson(id)).ok());
    PersonRecord elsewhere = SamplePerson("abe");
    elsewhere.tenant = "bolt";
    elsewhere.parent = "";
    REQUIRE(insert(elsewhere).ok());
    const auto listed = [&](PersonQuery query) {
      std::string ids;
      do {
        const auto page = other.ListPeople(query);
        REQUIRE(page.ok());
        for (const StoredPerson& row : page->rows) ids += row.id + " ";
        query.after = page->next;
      } while (!query.after.empty());
      return ids;
    };
    for (const std::size_t limit : {1, 2, 100}) {
      CHECK(listed({.kind = PersonKind::kPrincipal, .limit = limit}) == "ada bo cy dee abe ");
      CHECK(listed({.kind = PersonKind::kPrincipal, .tenant = "bolt", .limit = limit}) == "abe ");
      CHECK(listed({.kind = PersonKind::kPrincipal, .tenant = "acme", .parent = "web", .limit = limit}) ==
            "ada bo cy dee ");
      CHECK(listed({.kind = PersonKind::kTeam, .limit = limit}).empty());
    }
  }
}

inline void CountingUses(const KeyStores& stores) {
  const std::vector<KeyUse> first = {{"sampleKey001", 120'000, 2}, {"sampleKey002", 60'000, 1}};
  const std::vector<KeyUse> then = {{"sampleKey001", 60'000, 3}};
  const std::uint64_t before = stores.first->Revision();
  REQUIRE(stores.first->NoteUses(first).ok());
  REQUIRE(stores.second->NoteUses(then).ok());
  const std::vector<std::string> ids = {"sampleKey002", "sampleKey001", "sampleKey009"};
  const auto uses = stores.second->Uses(ids);
  REQUIRE(uses.ok());
  CHECK(*uses == std::vector<KeyUse>{
                     {"sampleKey002", 60'000, 1}, {"sampleKey001", 120'000, 5}, {"sampleKey009", 0, 0}});
  CHECK(stores.first->Revision() == before);
}

inline std::string NumbersOf(const KeyRows& page) {
  std::string numbers;
  for (const StoredKey& row : page.rows) numbers += row.id.back();
  return numbers;
}

inline void Ending(const KeyStores& stores) {
  // Ends at 10, never, 20, 20 and 30.
  const auto insert = [&](int number, std::int64_t expires, std::int64_t revoked, std::int64_t retires) {
    KeyRecord record = SampleKey(number);
    record.expires_at = expires, record.revoked_at = revoked, record.retires_at = retires;
    REQUIRE(stores.first->Insert(record).ok());
    CHECK(EndOf(record) == (number == 1 ? 10 : number == 2 ? 0 : number == 5 ? 30 : 20));
  };
  insert(1, 50, 10, 0);
  insert(2, 0, 0, 0);
  insert(4, 20, 0, 0);
  insert(3, 0, 0, 20);
  insert(5, 30, 60, 40);
  KeyStore& store = *stores.second;
  const auto ended = [&](std::int64_t by, std::size_t limit) {
    std::string numbers, after;
    do {
      const auto page = store.ListEnded(by, after, limit);
      REQUIRE(page.ok());
      CHECK(page->rows.size() <= limit);
      numbers += NumbersOf(*page);
      after = page->next;
    } while (!after.empty());
    return numbers;
  };
  for (const std::size_t limit : {1, 2, 100}) {
    CHECK(ended(9, limit).empty());
    CHECK(ended(10, limit) == "1");
    CHECK(ended(20, limit) == "134");
    CHECK(ended(1'000, limit) == "1345");
  }
}

inline void Forgetting(const KeyStores& stores) {
  KeyStore &store = *stores.first, &other = *stores.second;
  for (const int number : {1, 2, 3}) REQUIRE(store.Insert(SampleKey(number)).ok());
  const std::vector<KeyUse> uses = {{"sampleKey001", 60'000, 2}};
  REQUIRE(store.NoteUses(uses).ok());
  CHECK_FALSE(*other.HasForgotten());
  SUBCASE("what is forgotten is gone with its uses, its id stays taken and no revision moves") {
    const std::uint64_t before = other.Revision();
    const std::vector<KeyRecord> rows = {SampleKey(1), SampleKey(2)};
    REQUIRE(store.Forget(rows).ok());
    CHECK(other.Revision() == before);
    CHECK(Listed(other, "", 10) == std::vector<std::string>{"sampleKey003"});
    const std::vector<std::string> ids = {"sampleKey001"};
    CHECK(*other.Uses(ids) == std::vector<KeyUse>{{"sampleKey001", 0, 0}});
    CHECK(absl::IsAlreadyExists(other.Insert(SampleKey(1))));
    CHECK(absl::IsAlreadyExists(store.Insert(SampleKey(2))));
    CHECK(*other.HasForgotten());
  }
  SUBCASE("nothing is forgotten when one row has changed or is gone") {
    KeyRecord next = SampleKey(2);
    next.version = 2;
    REQUIRE(other.Update(next).ok());
    const std::vector<KeyRecord> changed = {SampleKey(1), SampleKey(2)}, gone = {SampleKey(1), SampleKey(7)};
    CHECK(absl::IsAborted(store.Forget(changed)));
    CHECK(absl::IsNotFound(store.Forget(gone)));
    CHECK(Listed(other, "", 10).size() == 3);
    CHECK_FALSE(*other.HasForgotten());
  }
  SUBCASE("an erased key's id is free again") {
    const RowChange erase = Change(RowChange::Verb::kErase, SampleKey(3));
    REQUIRE(store.Apply({&erase, 1}).ok());
    CHECK(other.Insert(SampleKey(3)).ok());
  }
}

inline void Revisions(const KeyStores& stores) {
  KeyStore &store = *stores.first, &other = *stores.second;
  SUBCASE("the revision is even and still at rest") {
    const std::uint64_t before = store.Revision();
    CHECK(before % 2 == 0);
    REQUIRE(store.Find("sampleKey001").ok());
    CHECK(store.Revision() == before);
  }
  SUBCASE("every change moves the revision of every handle before it returns") {
    std::uint64_t mine = store.Revision(), theirs = other.Revision();
    const auto moved = [&] {
      const bool both = store.Revision() != mine && other.Revision() != theirs;
      mine = store.Revision(), theirs = other.Revision();
      return both && mine % 2 == 0 && theirs % 2 == 0;
    };
    REQUIRE(store.Insert(SampleKey(1)).ok());
    CHECK(moved());
    KeyRecord next = SampleKey(1);
    for (next.version = 2; next.version < 5; ++next.version) {
      REQUIRE(other.Update(next).ok());
      CHECK(moved());
    }
  }
}

// Adds `times` versions to the row, reading again whenever somebody else was faster.
inline void AddVersions(KeyStore& store, std::string_view id, int times) {
  while (times > 0) {
    auto row = store.Find(id);
    if (!row.ok() || !row->has_value()) return;
    KeyRecord next = **row;
    ++next.version;
    ++next.created_at;
    const absl::Status status = store.Update(next);
    if (status.ok()) --times;
    if (!status.ok() && !absl::IsAborted(status)) return;
  }
}

inline void ConcurrentUpdates(const KeyStores& stores) {
  constexpr int kThreads = 4, kTimes = 50;
  KeyRecord record = SampleKey(1);
  record.created_at = 0;
  REQUIRE(stores.first->Insert(record).ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    KeyStore& store = i % 2 == 0 ? *stores.first : *stores.second;
    threads.emplace_back([&store] { AddVersions(store, "sampleKey001", kTimes); });
  }
  for (std::thread& thread : threads) thread.join();
  const KeyRecord last = MustFind(*stores.first, "sampleKey001");
  CHECK(last.version == 1 + kThreads * kTimes);
  CHECK(last.created_at == kThreads * kTimes);
}

// Reads beside a writer until it is done. Counts rows older than a change that had returned before the
// revision was read, and even revisions under which two different rows were read.
struct SeqlockReader {
  int stale = 0, torn = 0;
  std::map<std::uint64_t, std::int64_t> seen;

  void Read(KeyStore& store, const std::atomic<std::int64_t>& published) {
    const std::int64_t returned = published.load();
    const std::uint64_t before = store.Revision();
    const auto row = store.Find("sampleKey001");
    if (!row.ok() || !row->has_value()) return;
    stale += (*row)->version < returned ? 1 : 0;
    if (before % 2 != 0 || store.Revision() != before) return;
    const auto [known, is_new] = seen.emplace(before, (*row)->version);
    torn += !is_new && known->second != (*row)->version ? 1 : 0;
  }
};

inline void ReadersBesideAWriter(const KeyStores& stores) {
  REQUIRE(stores.first->Insert(SampleKey(1)).ok());
  std::atomic<std::int64_t> published{1};
  std::atomic<bool> done{false};
  SeqlockReader reader;
  std::thread reading([&] {
    while (!done) reader.Read(*stores.second, published);
  });
  KeyRecord next = SampleKey(1);
  int failed = 0;
  for (next.version = 2; next.version <= 300; ++next.version) {
    failed += stores.first->Update(next).ok() ? 0 : 1;
    published = next.version;
  }
  done = true;
  reading.join();
  CHECK(failed == 0);
  CHECK(reader.stale == 0);
  CHECK(reader.torn == 0);
}

}  // namespace key_store_contract

inline void KeyStoreContract(const KeyStoreFactory& make) {
  const KeyStores stores = make();
  REQUIRE(stores.first != nullptr);
  REQUIRE(stores.second != nullptr);
  SUBCASE("finding") { key_store_contract::Finding(stores); }
  SUBCASE("changing") { key_store_contract::Changing(stores); }
  SUBCASE("listing") { key_store_contract::Listing(stores); }
  SUBCASE("changes of several rows") { key_store_contract::ApplyingTogether(stores); }
  SUBCASE("a list holds what was asked for") { key_store_contract::Choosing(stores); }
  SUBCASE("people") { key_store_contract::KeepingPeople(stores); }
  SUBCASE("uses add up and move no revision") { key_store_contract::CountingUses(stores); }
  SUBCASE("ended keys, the earliest first") { key_store_contract::Ending(stores); }
  SUBCASE("forgetting") { key_store_contract::Forgetting(stores); }
  SUBCASE("revisions") { key_store_contract::Revisions(stores); }
  SUBCASE("no update is lost among threads") { key_store_contract::ConcurrentUpdates(stores); }
  SUBCASE("a row and a revision read together belong together") {
    key_store_contract::ReadersBesideAWriter(stores);
  }
}

}  // namespace mcpgate::testing
