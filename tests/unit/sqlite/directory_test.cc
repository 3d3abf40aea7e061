// The directory and the root key in it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "fixture.h"

namespace mcpgate::testing {
namespace {

namespace fs = std::filesystem;

unsigned ModeOf(const std::string& path) {
  return static_cast<unsigned>(fs::status(path).permissions() & fs::perms::mask);
}

absl::Status OpenStatus(const DataDirectory& data) { return SqliteStorage::Open(data.Options()).status(); }

bool Says(const absl::Status& status, std::string_view words) {
  return std::string_view(status.message().data(), status.message().size()).find(words) !=
         std::string_view::npos;
}

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("a missing directory is made, with all in it for its owner alone") {
  const DataDirectory data;
  const mode_t before = umask(0);
  { const auto storage = data.Open(); }
  umask(before);
  CHECK(ModeOf(data.path) == 0700);
  for (const fs::directory_entry& entry : fs::directory_iterator(data.path)) {
    CAPTURE(entry.path());
    CHECK(ModeOf(entry.path()) == 0600);
  }
  CHECK(fs::file_size(data.File("root.key")) == 32);
}

TEST_CASE("a directory that others can reach is refused, with the command that mends it") {
  const DataDirectory data;
  { const auto storage = data.Open(); }
  for (const unsigned mode : {0750u, 0705u, 0701u, 0777u}) {
    fs::permissions(data.path, static_cast<fs::perms>(mode));
    const absl::Status status = OpenStatus(data);
    CHECK(absl::IsFailedPrecondition(status));
    CHECK(Says(status, "chmod 700"));
  }
}

TEST_CASE("a directory of somebody else is refused") {
  const DataDirectory data;
  fs::create_directory(data.path);
  fs::permissions(data.path, fs::perms::owner_all);
  if (chown(data.path.c_str(), 12345, 12345) != 0) return;  // only root can give a directory away
  CHECK(absl::IsFailedPrecondition(OpenStatus(data)));
}

TEST_CASE("what is not a directory is refused") {
  const DataDirectory data;
  std::ofstream(data.path) << "a file";
  CHECK(absl::IsFailedPrecondition(OpenStatus(data)));
}

TEST_CASE("without create, a store that is not there is NotFound and stays so") {
  DataDirectory data;
  SqliteOptions options = data.Options();
  options.create = false;
  CHECK(absl::IsNotFound(SqliteStorage::Open(options).status()));
  CHECK_FALSE(fs::exists(data.path));
  fs::create_directory(data.path);
  fs::permissions(data.path, fs::perms::owner_all);
  CHECK(absl::IsNotFound(SqliteStorage::Open(options).status()));
  CHECK(fs::is_empty(data.path));
}

TEST_CASE("a root key of another size, or that others can read, is refused") {
  const DataDirectory data;
  { const auto storage = data.Open(); }
  const std::string key = data.File("root.key");
  SUBCASE("short") { fs::resize_file(key, 31); }
  SUBCASE("long") { fs::resize_file(key, 33); }
  SUBCASE("empty") { fs::resize_file(key, 0); }
  SUBCASE("readable") { fs::permissions(key, static_cast<fs::perms>(0640)); }
  SUBCASE("a link") {
    fs::rename(key, data.File("elsewhere"));
    fs::create_symlink("elsewhere", key);
  }
  CHECK(absl::IsFailedPrecondition(OpenStatus(data)));
}

TEST_CASE("a lost root key is not replaced: everything was made under it") {
  const DataDirectory data;
  { const auto storage = data.Open(); }
  fs::remove(data.File("root.key"));
  CHECK(absl::IsFailedPrecondition(OpenStatus(data)));
  CHECK_FALSE(fs::exists(data.File("root.key")));
}

TEST_CASE("processes that race for a new directory end up with one root key") {
  const DataDirectory data;
  const auto open = [&]() -> int {
    const auto storage = SqliteStorage::Open(data.Options());
    if (!storage.ok()) return 255;
    const std::string_view key = RevealSecret((*storage)->root_key());
    return key == Content(data.File("root.key")) ? 1 : 0;
  };
  for (const int answer : InProcesses({open, open, open, open, open, open})) CHECK(answer == 1);
  for (const fs::directory_entry& entry : fs::directory_iterator(data.path))
    CHECK(entry.path().string().find("root.key.") == std::string::npos);
}

TEST_CASE("a database made by a newer program is refused by name") {
  const DataDirectory data;
  { const auto storage = data.Open(); }
  RawDatabase(data.File("gate.db")).Run("PRAGMA user_version=99");
  const absl::Status status = OpenStatus(data);
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(Says(status, "gate.db"));
}

}  // namespace
}  // namespace mcpgate::testing
