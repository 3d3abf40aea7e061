// What every VaultStore promises. Call it in a TEST_CASE of the implementation.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mcpgate/vault.h"

namespace mcpgate::testing {

using VaultStoreFactory = std::function<std::shared_ptr<VaultStore>()>;

namespace vault_store_contract {

using Texts = std::vector<std::string>;

inline VaultRow Row(std::string tenant, std::string name, std::int64_t version = 1, std::int64_t root = 1) {
  return {.tenant = std::move(tenant),
          .name = std::move(name),
          .purpose = "token",
          .note = "of \"ours\"",
          .version = version,
          .changed_at = 1234,
          .root = root,
          .wrapped = std::string("w\0w", 3),
          .sealed = std::string("s\0s", 3)};
}
inline VaultSlot Slot(std::string id, std::int64_t root = 1) {
  return {.id = std::move(id),
          .root = root,
          .is_passphrase = true,
          .salt = std::string("salt\0", 5),
          .passes = 3,
          .memory = 8192,
          .wrapped = std::string("r\0r", 3)};
}
inline Texts Names(const absl::StatusOr<std::vector<VaultRow>>& rows) {
  REQUIRE_MESSAGE(rows.ok(), rows.status().ToString());
  Texts names;
  for (const VaultRow& row : *rows) names.push_back(row.tenant + "/" + row.name);
  return names;
}
inline bool Same(const VaultRow& a, const VaultRow& b) {
  return a.tenant == b.tenant && a.name == b.name && a.purpose == b.purpose && a.note == b.note &&
         a.version == b.version && a.changed_at == b.changed_at && a.root == b.root &&
         a.wrapped == b.wrapped && a.sealed == b.sealed;
}

}  // namespace vault_store_contract

inline void VaultStoreContract(const VaultStoreFactory& make) {
  using namespace vault_store_contract;
  const std::shared_ptr<VaultStore> store = make();
  REQUIRE(store != nullptr);

  SUBCASE("a row comes back whole, and only under its own name") {
    REQUIRE(store->Put(Row("acme", "bot")).ok());
    const auto found = store->Find("acme", "bot");
    REQUIRE((found.ok() && found->has_value()));
    CHECK(Same(**found, Row("acme", "bot")));
    CHECK_FALSE(store->Find("acme", "other")->has_value());
    CHECK_FALSE(store->Find("other", "bot")->has_value());
  }

  SUBCASE("a version follows the one before it and no other") {
    CHECK(absl::IsAborted(store->Put(Row("acme", "bot", 2))));
    REQUIRE(store->Put(Row("acme", "bot", 1)).ok());
    CHECK(absl::IsAborted(store->Put(Row("acme", "bot", 1))));
    CHECK(absl::IsAborted(store->Put(Row("acme", "bot", 3))));
    REQUIRE(store->Put(Row("acme", "bot", 2)).ok());
    CHECK(store->Find("acme", "bot")->value().version == 2);
  }

  SUBCASE("rows are listed by tenant and name, page by page") {
    for (const char* name : {"b", "a", "c"}) REQUIRE(store->Put(Row("acme", name)).ok());
    REQUIRE(store->Put(Row("zeta", "a")).ok());
    CHECK(Names(store->List(std::nullopt, {}, 3)) == Texts{"acme/a", "acme/b", "acme/c"});
    CHECK(Names(store->List(std::nullopt, {"acme", "b"}, 9)) == Texts{"acme/c", "zeta/a"});
    CHECK(Names(store->List("zeta", {}, 9)) == Texts{"zeta/a"});
    CHECK(Names(store->List("acme", {"acme", "b"}, 9)) == Texts{"acme/c"});
    CHECK(Names(store->List("acme", {"acme", "c"}, 9)).empty());
  }

  SUBCASE("a row is removed once") {
    REQUIRE(store->Put(Row("acme", "bot")).ok());
    CHECK(absl::IsNotFound(store->Remove("other", "bot")));
    REQUIRE(store->Remove("acme", "bot").ok());
    CHECK(absl::IsNotFound(store->Remove("acme", "bot")));
    CHECK(store->Put(Row("acme", "bot", 1)).ok());
  }

  SUBCASE("slots change all or nothing, and only from what was expected") {
    REQUIRE(store->ChangeSlots({}, std::vector{Slot("one")}, {}).ok());
    CHECK(absl::IsAborted(store->ChangeSlots({}, std::vector{Slot("two")}, {})));
    CHECK(absl::IsAborted(store->ChangeSlots(Texts{"two"}, std::vector{Slot("two")}, {})));
    REQUIRE(store->ChangeSlots(Texts{"one"}, std::vector{Slot("two", 2)}, {}).ok());
    REQUIRE(store->ChangeSlots(Texts{"two", "one"}, {}, Texts{"one"}).ok());
    const auto slots = store->Slots();
    REQUIRE((slots.ok() && slots->size() == 1));
    CHECK(slots->at(0).id == "two");
    CHECK(slots->at(0).root == 2);
    CHECK(slots->at(0).is_passphrase);
    CHECK(slots->at(0).salt == Slot("").salt);
    CHECK(slots->at(0).passes == 3);
    CHECK(slots->at(0).memory == 8192);
    CHECK(slots->at(0).wrapped == Slot("").wrapped);
  }

  SUBCASE("nothing is put under a root that has been followed by another") {
    REQUIRE(store->ChangeSlots({}, std::vector{Slot("one", 1)}, {}).ok());
    REQUIRE(store->Put(Row("acme", "bot", 1, 1)).ok());
    REQUIRE(store->ChangeSlots(Texts{"one"}, std::vector{Slot("two", 2)}, {}).ok());
    CHECK(absl::IsAborted(store->Put(Row("acme", "bot", 2, 1))));
    CHECK(absl::IsAborted(store->Put(Row("acme", "new", 1, 1))));
    CHECK(store->Put(Row("acme", "bot", 2, 2)).ok());
  }

  SUBCASE("a row is wrapped anew as long as it is the same and under an older root") {
    REQUIRE(store->Put(Row("acme", "same", 1, 1)).ok());
    REQUIRE(store->Put(Row("acme", "changed", 1, 1)).ok());
    REQUIRE(store->Put(Row("acme", "changed", 2, 1)).ok());
    REQUIRE(store->Put(Row("acme", "made anew", 1, 2)).ok());
    std::vector<VaultRow> rows;
    for (const char* name : {"same", "changed", "made anew", "gone"}) {
      rows.push_back(Row("acme", name, 1, 2));
      rows.back().wrapped = "anew";
    }
    REQUIRE(store->Rewrap(rows).ok());
    CHECK(store->Find("acme", "same")->value().wrapped == "anew");
    CHECK(store->Find("acme", "same")->value().root == 2);
    CHECK(Same(**store->Find("acme", "changed"), Row("acme", "changed", 2, 1)));
    CHECK(Same(**store->Find("acme", "made anew"), Row("acme", "made anew", 1, 2)));
    CHECK_FALSE(store->Find("acme", "gone")->has_value());
  }
}

}  // namespace mcpgate::testing
