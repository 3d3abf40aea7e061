// Rows of keys, changed by somebody who can write the file but holds no root key.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "fixture.h"
#include "mcpgate/key_admin.h"

namespace mcpgate::testing {
namespace {

using Columns = std::vector<std::pair<std::string, std::string>>;

// Each column with an SQL expression that rebuilds it from hexadecimal digits.
const Columns kTextColumns = {{"family", ""},      {"tenant", ""},     {"name", ""},     {"role", ""},
                              {"allow_tools", ""}, {"deny_tools", ""}, {"resources", ""}};

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

struct KeyedStore {
  KeyedStore() {
    storage = data.Open();
    auto made =
        Keyring::New({.store = storage->keys(), .root_key = storage->root_key(), .clock = &data.clock});
    REQUIRE(made.ok());
    ring = *std::move(made);
    for (const KeyRequest& request : Requests()) {
      auto issued = ring->admin().Issue(TenantScope::Operator(), request);
      REQUIRE(issued.ok());
      keys.push_back(*std::move(issued));
    }
  }
  static std::vector<KeyRequest> Requests() {
    return {{.name = "plain"},
            {.name = "Łaptop",
             .tenant = "team-2",
             .grants = {.role = Role::kModerator,
                        .allow_tools = {"discord_*"},
                        .deny_tools = {"a", "b\"c"},
                        .resources = {"discord:channel:*"}},
             .lifetime = std::chrono::hours(48)}};
  }
  // A ring of its own each time: the store's revision tells of our own writers only, not of raw SQL.
  bool Refuses(const IssuedKey& key) const {
    auto fresh =
        Keyring::New({.store = storage->keys(), .root_key = storage->root_key(), .clock = &data.clock});
    const auto verdict = (*fresh)->Verify(key.token);
    return verdict.ok() && verdict->principal == nullptr;
  }

  DataDirectory data;
  std::unique_ptr<SqliteStorage> storage;
  std::unique_ptr<Keyring> ring;
  std::vector<IssuedKey> keys;
};

// Puts `expression` into the column, asks, and puts the row back as it was.
bool RefusedWith(const KeyedStore& store, RawDatabase& raw, const IssuedKey& key, const std::string& column,
                 const std::string& expression) {
  // Those that are written; another one is made of them.
  const std::string columns = raw.Answer("SELECT group_concat(name) FROM pragma_table_info('keys')");
  raw.Run("BEGIN");
  raw.Run("CREATE TEMP TABLE kept AS SELECT " + columns + " FROM keys WHERE id='" + key.record.id + "'");
  raw.Run("UPDATE keys SET " + column + "=" + expression + " WHERE id='" + key.record.id + "'");
  raw.Run("COMMIT");
  const bool refused = store.Refuses(key);
  raw.Run("BEGIN");
  raw.Run(
      "DELETE FROM keys WHERE hash=(SELECT hash FROM temp.kept) OR id=(SELECT id FROM temp.kept)"
      " OR mac=(SELECT mac FROM temp.kept)");
  raw.Run("INSERT INTO keys(" + columns + ") SELECT * FROM temp.kept");
  raw.Run("DROP TABLE temp.kept");
  raw.Run("COMMIT");
  return refused;
}

TEST_CASE("a key with any bit of any text or blob of its row flipped is refused") {
  KeyedStore store;
  RawDatabase raw(store.data.File("gate.db"));
  raw.Run("PRAGMA synchronous=OFF");
  Columns columns = kTextColumns;
  columns.insert(columns.end(), {{"id", ""}, {"hash", "blob"}, {"mac", "blob"}});
  int accepted = 0, flipped = 0;
  for (const IssuedKey& key : store.keys) {
    for (const auto& [column, kind] : columns) {
      std::string bytes = raw.Answer("SELECT " + column + " FROM keys WHERE id='" + key.record.id + "'");
      for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        const std::string blob = "x'" + Hex(changed) + "'";
        const std::string value = kind == "blob" ? blob : "CAST(" + blob + " AS TEXT)";
        accepted += RefusedWith(store, raw, key, column, value) ? 0 : 1;
        ++flipped;
      }
    }
    CHECK_FALSE(store.Refuses(key));  // as it was again
  }
  CHECK(accepted == 0);
  CHECK(flipped > 1500);
}

TEST_CASE("a key with any bit of any number of its row flipped is refused") {
  KeyedStore store;
  RawDatabase raw(store.data.File("gate.db"));
  raw.Run("PRAGMA synchronous=OFF");
  int accepted = 0;
  for (const IssuedKey& key : store.keys) {
    for (const std::string column : {"created_at", "not_before", "expires_at", "revoked_at", "version"}) {
      for (int bit = 0; bit < 64; ++bit) {
        // SQL has no xor: a|b minus a&b is the same.
        const std::string mask = "(1<<" + std::to_string(bit) + ")";
        const std::string value = "(" + column + "|" + mask + ")&~(" + column + "&" + mask + ")";
        accepted += RefusedWith(store, raw, key, column, value) ? 0 : 1;
      }
    }
  }
  CHECK(accepted == 0);
}

TEST_CASE("rows that traded secrets are refused") {
  KeyedStore store;
  RawDatabase raw(store.data.File("gate.db"));
  const std::string a = store.keys[0].record.id, b = store.keys[1].record.id;
  SUBCASE("hashes") {
    raw.Run("CREATE TEMP TABLE other AS SELECT hash FROM keys WHERE id='" + b + "'");
    raw.Run("UPDATE keys SET hash=(SELECT hash FROM keys WHERE id='" + a + "') WHERE id='" + b + "'");
    raw.Run("UPDATE keys SET hash=(SELECT hash FROM temp.other) WHERE id='" + a + "'");
  }
  SUBCASE("ids") {
    raw.Run("UPDATE keys SET id='x' WHERE id='" + a + "'");
    raw.Run("UPDATE keys SET id='" + a + "' WHERE id='" + b + "'");
    raw.Run("UPDATE keys SET id='" + b + "' WHERE id='x'");
  }
  CHECK(store.Refuses(store.keys[0]));
  CHECK(store.Refuses(store.keys[1]));
}

TEST_CASE("columns of another type, size or form are DataLoss and named") {
  const std::vector<std::pair<std::string, std::string>> changes = {{"name", "x'6162'"},
                                                                    {"created_at", "'soon'"},
                                                                    {"created_at", "1.5"},
                                                                    {"hash", "x'00'"},
                                                                    {"mac", "'0123456789012345'"},
                                                                    {"role", "'king'"},
                                                                    {"allow_tools", "'[1]'"},
                                                                    {"allow_tools", "'[\"a\" ]'"},
                                                                    {"deny_tools", "'{}'"},
                                                                    {"resources", "'[\"\\u0061\"]'"},
                                                                    {"family", "NULL"}};
  for (const auto& [column, value] : changes) {
    CAPTURE(column);
    CAPTURE(value);
    KeyedStore store;
    RawDatabase raw(store.data.File("gate.db"));
    // The table's own rules stand in the way of some of these; whoever writes the file need not mind them.
    raw.Run("PRAGMA writable_schema=ON");
    raw.Run(
        "UPDATE sqlite_schema SET sql=replace(replace(sql, ' NOT NULL', ''), 'STRICT, ', '') WHERE "
        "name='keys'");
    raw.Run("PRAGMA writable_schema=RESET");
    raw.Run("UPDATE keys SET " + column + "=" + value + " WHERE id='" + store.keys[0].record.id + "'");
    const auto found = store.storage->keys()->Find(store.keys[0].record.id);
    CHECK(absl::IsDataLoss(found.status()));
    CHECK(std::string(found.status().message()).find(column) != std::string::npos);
    CHECK(store.Refuses(store.keys[0]));
  }
}

}  // namespace
}  // namespace mcpgate::testing
