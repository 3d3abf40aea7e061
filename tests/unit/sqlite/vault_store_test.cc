// The vault in the data directory: the contract, two processes' worth of it, and what lies in the file.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "contract/vault_store_contract.h"
#include "fixture.h"

namespace mcpgate::testing {
namespace {

struct Kept {
  std::shared_ptr<DataDirectory> directory;
  std::shared_ptr<SqliteStorage> storage;
  std::shared_ptr<VaultStore> store;
};

std::shared_ptr<VaultStore> StoreOf(SqliteStorage& storage) {
  auto store = storage.vault();
  REQUIRE_MESSAGE(store.ok(), store.status().ToString());
  return *std::move(store);
}

std::unique_ptr<Vault> VaultOf(SqliteStorage& storage) {
  auto vault = Vault::Open(
      {.store = StoreOf(storage), .unlock = {.secret = DeriveSecret(storage.root_key(), "vault")}});
  REQUIRE_MESSAGE(vault.ok(), vault.status().ToString());
  return *std::move(vault);
}

void Put(Vault& vault, std::string_view text) {
  REQUIRE(vault.Put(TenantScope::Operator(), "acme", "discord", "token", "", Secret(text)).ok());
}

std::string TextOf(Vault& vault) {
  std::string text;
  const absl::Status used =
      vault.Use(TenantScope::Operator(), "acme", "discord", "token", [&](const Secret& secret) {
        text = RevealSecret(secret);
        return absl::OkStatus();
      });
  CHECK_MESSAGE(used.ok(), used.ToString());
  return text;
}

TEST_CASE("the SQLite vault keeps the contract of VaultStore") {
  VaultStoreContract([] {
    const auto directory = std::make_shared<DataDirectory>();
    const std::shared_ptr<SqliteStorage> storage = directory->Open();
    const auto kept = std::make_shared<Kept>(Kept{directory, storage, StoreOf(*storage)});
    return std::shared_ptr<VaultStore>(kept, kept->store.get());
  });
}

TEST_CASE("what one process puts into the vault another uses, through a rekey and a restart") {
  DataDirectory directory;
  auto first = directory.Open();
  auto second = directory.Open();
  const auto mine = VaultOf(*first), theirs = VaultOf(*second);
  Put(*mine, "text");
  CHECK(TextOf(*theirs) == "text");
  REQUIRE(mine->Rekey(std::vector<VaultUnlock>{{.secret = DeriveSecret(first->root_key(), "vault")}}).ok());
  CHECK(TextOf(*theirs) == "text");
  Put(*theirs, "newer");
  first.reset();
  second.reset();
  const auto third = directory.Open();
  CHECK(TextOf(*VaultOf(*third)) == "newer");
}

TEST_CASE("no secret is readable in the file, and without the root key it does not open") {
  DataDirectory directory;
  {
    const auto storage = directory.Open();
    Put(*VaultOf(*storage), "CANARY-TOKEN-1");
    Put(*VaultOf(*storage), "CANARY-TOKEN-2");
  }
  for (const char* name : {"vault.db", "vault.db-wal"}) {
    std::ifstream file(directory.File(name), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    CHECK(bytes.find("CANARY") == std::string::npos);
  }
  const auto storage = directory.Open();
  const auto other = Vault::Open({.store = StoreOf(*storage), .unlock = {.secret = RandomSecret()}});
  CHECK(absl::IsPermissionDenied(other.status()));
}

TEST_CASE("the file of the vault is made when it is first asked for") {
  DataDirectory directory;
  const auto storage = directory.Open();
  CHECK(access(directory.File("vault.db").c_str(), F_OK) != 0);
  (void)StoreOf(*storage);
  CHECK(access(directory.File("vault.db").c_str(), F_OK) == 0);
}

}  // namespace
}  // namespace mcpgate::testing
