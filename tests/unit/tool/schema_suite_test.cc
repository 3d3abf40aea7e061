// The official JSON Schema Test Suite, draft 2020-12, read from the test data beside the project. What the
// compiler does not know yet must be refused, and for a reason on this list; everything else must be answered
// right.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "tool/compiled_schema.h"

namespace mcpgate {
namespace {

const std::set<std::string> kRefusable = {
    "$anchor", "$dynamicAnchor", "$dynamicRef",      "$id",
    "$ref",    "$schema",        "unevaluatedItems", "unevaluatedProperties"};

struct Tally {
  int right = 0;
  int refused_groups = 0;
  int refused_tests = 0;
  std::map<std::string, int> reasons;
};

Json Read(const std::filesystem::path& file) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto value = ParseJson(text, {.max_depth = 200});
  REQUIRE_MESSAGE(value.ok(), file.string());
  return *std::move(value);
}

// "/a/$ref refers to ..." names `$ref`.
std::string KeywordOf(const absl::Status& refusal) {
  const std::string message(refusal.message());
  const std::string place = message.substr(0, message.find(' '));
  return place.substr(place.rfind('/') + 1);
}

// A `$ref` is refused only because it leaves the document or means an anchor.
bool IsReferenceBeyondReach(const absl::Status& refusal) {
  const std::string message(refusal.message());
  return message.find("outside this document") != std::string::npos ||
         message.find("anchors are not supported yet") != std::string::npos;
}

void RunGroup(const Json& group, Tally& tally) {
  const auto schema = CompiledSchema::Compile(group["schema"]);
  if (!schema.ok()) {
    INFO(schema.status().ToString());
    const std::string keyword = KeywordOf(schema.status());
    CHECK(kRefusable.count(keyword) == 1);
    if (keyword == "$ref") CHECK(IsReferenceBeyondReach(schema.status()));
    ++tally.reasons[keyword];
    ++tally.refused_groups;
    tally.refused_tests += static_cast<int>(group["tests"].size());
    return;
  }
  for (const Json& test : group["tests"]) {
    const auto violations = (*schema)->Validate(test["data"]);
    INFO(group["description"].get<std::string>() << ": " << test["description"].get<std::string>() << "\n"
                                                 << DescribeViolations(violations));
    CHECK(violations.empty() == test["valid"].get<bool>());
    ++tally.right;
  }
}

void RunFile(const std::filesystem::path& file, Tally& tally) {
  INFO(file.filename().string());
  for (const Json& group : Read(file)) RunGroup(group, tally);
}

std::string Report(const Tally& tally) {
  std::string text = std::to_string(tally.right) + " tests run, " + std::to_string(tally.refused_tests) +
                     " in " + std::to_string(tally.refused_groups) + " refused schemas (";
  for (const auto& [keyword, count] : tally.reasons) text += keyword + " " + std::to_string(count) + ", ";
  return text + "by the keyword named)";
}

const std::filesystem::path kSuite = MCPGATE_TEST_DATA "/json-schema/tests/draft2020-12";

TEST_CASE("every required test of the official suite is answered right or its schema is refused by name") {
  if (!std::filesystem::exists(kSuite)) {
    MESSAGE("SKIPPED: the JSON Schema Test Suite is not at " << kSuite.string());
    return;
  }
  Tally tally;
  for (const auto& entry : std::filesystem::directory_iterator(kSuite)) {
    if (entry.is_regular_file()) RunFile(entry.path(), tally);
  }
  MESSAGE("required: " << Report(tally));
  CHECK(tally.right + tally.refused_tests >= 1299);
}

TEST_CASE("the optional tests that concern this validator are answered right") {
  if (!std::filesystem::exists(kSuite)) {
    MESSAGE("SKIPPED: the JSON Schema Test Suite is not at " << kSuite.string());
    return;
  }
  Tally tally;
  for (const char* name : {"bignum", "ecmascript-regex", "non-bmp-regex", "float-overflow", "no-schema",
                           "refOfUnknownKeyword", "unknownKeyword", "anchor", "id", "dynamicRef"}) {
    RunFile(kSuite / "optional" / (std::string(name) + ".json"), tally);
  }
  MESSAGE("optional: " << Report(tally));
}

}  // namespace
}  // namespace mcpgate
