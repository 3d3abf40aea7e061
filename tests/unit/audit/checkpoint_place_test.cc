// Where checkpoints go.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "mcpgate/audit_checkpoint.h"
#include "support/temp_dir.h"

namespace mcpgate::testing {
namespace {

std::string Content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Names(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("a file is replaced whole, and nothing else is left") {
  const TempDir dir;
  const CheckpointSink sink = CheckpointToFile(dir / "now");
  REQUIRE(sink("first\n", 1).ok());
  REQUIRE(sink("2\n", 2).ok());
  CHECK(Content(dir / "now") == "2\n");
  CHECK(Names(dir.path()) == std::vector<std::string>{"now"});
  CHECK(absl::IsUnavailable(CheckpointToFile(dir / "no/such/place")("x\n", 1)));
}

TEST_CASE("a directory keeps the newest, each in its own file") {
  const TempDir dir;
  const CheckpointSink sink = CheckpointToDirectory(dir.path().string(), 2);
  for (const std::uint64_t size : {9, 10, 11}) REQUIRE(sink("note\n", size).ok());
  CHECK(Names(dir.path()) ==
        std::vector<std::string>{"checkpoint-00000000000000000010", "checkpoint-00000000000000000011"});
}

TEST_CASE("a command gets the note on its input and its words as they are") {
  const TempDir dir;
  const std::string name = "a b;$(c)";
  REQUIRE(CheckpointToCommand({"/usr/bin/tee", dir / name})("the note\n", 1).ok());
  CHECK(Content(dir / name) == "the note\n");
}

TEST_CASE("a command that fails, hangs or is not there is told of") {
  CHECK(absl::IsUnavailable(CheckpointToCommand({"/bin/false"})("x\n", 1)));
  CHECK(absl::IsUnavailable(CheckpointToCommand({"/no/such/program"})("x\n", 1)));
  CHECK(absl::IsInvalidArgument(CheckpointToCommand({"tee"})("x\n", 1)));
  CHECK(absl::IsInvalidArgument(CheckpointToCommand({})("x\n", 1)));
  const auto begin = std::chrono::steady_clock::now();
  const absl::Status hung =
      CheckpointToCommand({"/bin/sleep", "600"}, std::chrono::milliseconds(50))("x\n", 1);
  CHECK(hung.message().find("deadline") != absl::string_view::npos);
  const absl::Status deaf = CheckpointToCommand({"/bin/sleep", "600"}, std::chrono::milliseconds(50))(
      std::string(8u << 20, 'x'), 1);
  CHECK(deaf.message().find("does not read") != absl::string_view::npos);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
}

}  // namespace
}  // namespace mcpgate::testing
