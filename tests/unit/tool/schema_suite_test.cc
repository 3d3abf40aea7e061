// The official JSON Schema Test Suite, draft 2020-12, read from the test data beside the project. Every
// required test must be answered right; of the optional ones those that concern more than `format`, which
// only annotates here, are counted.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "tool/compiled_schema.h"

namespace mcpgate {
namespace {

namespace fs = std::filesystem;

const fs::path kData = MCPGATE_TEST_DATA "/json-schema";
const fs::path kSuite = kData / "tests/draft2020-12";

struct Tally {
  int passed = 0;
  int total = 0;
  std::vector<std::string> missed;
};

Json Read(const fs::path& file) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto value = ParseJson(text, {.max_depth = 200});
  REQUIRE_MESSAGE(value.ok(), file.string());
  return *std::move(value);
}

std::vector<fs::path> JsonFilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json") files.push_back(entry.path());
  }
  return files;
}

// What the suite expects at http://localhost:1234/, and the meta-schema with its parts.
const std::map<std::string, Json, std::less<>>& Remotes() {
  static const auto remotes = [] {
    std::map<std::string, Json, std::less<>> read;
    for (const fs::path& file : JsonFilesIn(kData / "remotes")) {
      read.emplace("http://localhost:1234/" + fs::relative(file, kData / "remotes").generic_string(),
                   Read(file));
    }
    for (const fs::path& file : JsonFilesIn(kData / "metaschema")) {
      Json part = Read(file);
      std::string id = StringOr(part, "$id", "");
      read.emplace(std::move(id), std::move(part));
    }
    return read;
  }();
  return remotes;
}

const Json* Remote(std::string_view uri) {
  const auto found = Remotes().find(uri);
  return found == Remotes().end() ? nullptr : &found->second;
}

void RunGroup(const std::string& file, const Json& group, Tally& tally) {
  const auto schema = CompiledSchema::Compile(group["schema"], {}, Remote);
  for (const Json& test : group["tests"]) {
    ++tally.total;
    std::string said = schema.ok() ? "" : schema.status().ToString();
    if (schema.ok()) {
      const auto violations = (*schema)->Validate(test["data"]);
      if (violations.empty() == test["valid"].get<bool>()) {
        ++tally.passed;
        continue;
      }
      said = DescribeViolations(violations);
    }
    tally.missed.push_back(file + ": " + group["description"].get<std::string>() + ": " +
                           test["description"].get<std::string>() + "\n    " + said);
  }
}

void RunFile(const fs::path& file, Tally& tally) {
  for (const Json& group : Read(file)) RunGroup(file.filename().string(), group, tally);
}

std::string Counts(const Tally& tally) {
  return std::to_string(tally.passed) + " of " + std::to_string(tally.total);
}

std::string MissedBy(const Tally& tally) {
  std::string text;
  for (const std::string& missed : tally.missed) text += "\n  " + missed;
  return text;
}

// False, and the reader is told, when the suite is not on this machine.
bool HasSuite() {
  if (fs::exists(kSuite)) return true;
  const char* required = std::getenv("MCPGATE_REQUIRE_SUITE");
  CHECK_FALSE((required != nullptr && std::string(required) == "1"));
  MESSAGE("SKIPPED: the JSON Schema Test Suite is not at " << kSuite.string());
  return false;
}

TEST_CASE("every required test of the official suite is answered right") {
  if (!HasSuite()) return;
  Tally required;
  for (const auto& entry : fs::directory_iterator(kSuite)) {
    if (entry.is_regular_file()) RunFile(entry.path(), required);
  }
  Tally optional;
  Tally format;
  for (const fs::path& file : JsonFilesIn(kSuite / "optional")) {
    const bool asserts_format =
        file.parent_path().filename() == "format" || file.filename() == "format-assertion.json";
    RunFile(file, asserts_format ? format : optional);
  }
  MESSAGE("JSON Schema 2020-12: required " << Counts(required) << ", optional " << Counts(optional)
                                           << ", optional about format, which only annotates, "
                                           << Counts(format));
  INFO(MissedBy(required));
  CHECK(required.passed == required.total);
  CHECK(required.total >= 1299);
  INFO(MissedBy(optional));
  CHECK(optional.passed >= 143);  // the others want a draft before 2020-12
  if (std::getenv("MCPGATE_SHOW_MISSED") != nullptr) MESSAGE(MissedBy(optional));
}

}  // namespace
}  // namespace mcpgate
