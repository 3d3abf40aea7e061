// unevaluatedProperties and unevaluatedItems against a naive reading of the specification that collects
// annotations as sets and never stops early.
#include <doctest/doctest.h>

#include <cstdint>
#include <set>
#include <string>

#include "support/sanitized.h"
#include "tool/compiled_schema.h"
#include "unit/tool/dice.h"

namespace mcpgate {
namespace {

struct Answer {
  bool fits = true;
  std::set<std::string> names;
  std::set<std::size_t> items;

  void Take(const Answer& other) {
    names.insert(other.names.begin(), other.names.end());
    items.insert(other.items.begin(), other.items.end());
  }
  void Demand(const Answer& other) {
    fits = fits && other.fits;
    if (other.fits) Take(other);
  }
};

// Core 10 and 11, keyword by keyword.
class Naive {
 public:
  explicit Naive(const Json& root) : root_(root) {}

  Answer Ask(const Json& schema, const Json& value) const {
    Answer answer;
    if (schema.is_boolean()) {
      answer.fits = schema.get<bool>();
      return answer;
    }
    if (schema.contains("type")) answer.fits = schema["type"] == value.type_name();
    if (schema.contains("required") && value.is_object()) {
      for (const std::string name : schema["required"]) answer.fits = answer.fits && value.contains(name);
    }
    if (schema.contains("$ref")) answer.Demand(Ask(Target(schema["$ref"]), value));
    AskLogic(schema, value, answer);
    if (value.is_object()) AskMembers(schema, value, answer);
    if (value.is_array()) AskItems(schema, value, answer);
    return answer;
  }

 private:
  const Json& Target(const std::string& reference) const {
    const std::size_t slash = reference.rfind('/');
    return root_["$defs"][reference.substr(slash == std::string::npos ? 1 : slash + 1)];
  }

  void AskLogic(const Json& schema, const Json& value, Answer& answer) const {
    if (schema.contains("allOf")) {
      for (const Json& inner : schema["allOf"]) answer.Demand(Ask(inner, value));
    }
    for (const char* keyword : {"anyOf", "oneOf"}) {
      if (!schema.contains(keyword)) continue;
      int fitting = 0;
      for (const Json& inner : schema[keyword]) {
        const Answer one = Ask(inner, value);
        if (one.fits) ++fitting;
        if (one.fits) answer.Take(one);
      }
      answer.fits = answer.fits && (keyword[0] == 'a' ? fitting > 0 : fitting == 1);
    }
    if (schema.contains("not")) answer.fits = answer.fits && !Ask(schema["not"], value).fits;
    if (schema.contains("if")) {
      const Answer condition = Ask(schema["if"], value);
      if (condition.fits) answer.Take(condition);
      const char* next = condition.fits ? "then" : "else";
      if (schema.contains(next)) answer.Demand(Ask(schema[next], value));
    }
    if (schema.contains("dependentSchemas") && value.is_object()) {
      for (const auto& [name, inner] : schema["dependentSchemas"].items()) {
        if (value.contains(name)) answer.Demand(Ask(inner, value));
      }
    }
  }

  void AskMembers(const Json& schema, const Json& value, Answer& answer) const {
    std::set<std::string> own;
    for (const auto& [name, member] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(name)) {
        AskMember(schema["properties"][name], name, member, own, answer);
      }
      if (schema.contains("patternProperties") && name[0] == 'a') {
        AskMember(schema["patternProperties"]["^a"], name, member, own, answer);
      }
      if (schema.contains("additionalProperties") && own.count(name) == 0) {
        AskMember(schema["additionalProperties"], name, member, own, answer);
      }
    }
    answer.names.insert(own.begin(), own.end());
    if (!schema.contains("unevaluatedProperties")) return;
    for (const auto& [name, member] : value.items()) {
      if (answer.names.count(name) == 0) {
        AskMember(schema["unevaluatedProperties"], name, member, answer.names, answer);
      }
    }
  }

  void AskMember(const Json& schema, const std::string& name, const Json& member, std::set<std::string>& seen,
                 Answer& answer) const {
    answer.fits = Ask(schema, member).fits && answer.fits;
    seen.insert(name);
  }

  void AskItems(const Json& schema, const Json& value, Answer& answer) const {
    const std::size_t prefix = schema.contains("prefixItems") ? schema["prefixItems"].size() : 0;
    bool contains = !schema.contains("contains");
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i < prefix) AskItem(schema["prefixItems"][i], value, i, answer);
      if (i >= prefix && schema.contains("items")) AskItem(schema["items"], value, i, answer);
      if (!schema.contains("contains") || !Ask(schema["contains"], value[i]).fits) continue;
      contains = true;
      answer.items.insert(i);
    }
    answer.fits = answer.fits && contains;
    if (!schema.contains("unevaluatedItems")) return;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (answer.items.count(i) == 0) AskItem(schema["unevaluatedItems"], value, i, answer);
    }
  }

  void AskItem(const Json& schema, const Json& value, std::size_t index, Answer& answer) const {
    answer.fits = Ask(schema, value[index]).fits && answer.fits;
    answer.items.insert(index);
  }

  const Json& root_;
};

constexpr const char* kNames[] = {"a", "ab", "b", "c", "d"};

// References lead only to definitions with a higher number, so they end.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : dice_(seed) {}

  Json Root() {
    Json root = Schema(3, 0);
    if (!root.is_object()) root = Json::object();
    for (int i = 0; i < kDefinitions; ++i) {
      const std::string name = "n" + std::to_string(i);
      Json schema = Schema(2, i + 1);
      if (!schema.is_object()) schema = Json::object();
      schema["$anchor"] = name;
      root["$defs"][name] = std::move(schema);
    }
    return root;
  }

  Json Value(int depth) {
    const int kind = depth > 0 ? dice_.Below(5) : dice_.Below(2);
    if (kind == 0) return "text";
    if (kind == 1) return nullptr;
    Json value = kind == 2 ? Json::array() : Json::object();
    for (int i = dice_.Below(4); i > 0; --i) {
      if (kind == 2) {
        value.push_back(Value(depth - 1));
      } else {
        value[dice_.Pick(kNames)] = Value(depth - 1);
      }
    }
    return value;
  }

 private:
  static constexpr int kDefinitions = 3;

  Json Schema(int depth, int first_definition) {
    if (dice_.Below(8) == 0) return dice_.Below(3) > 0;
    Json schema = Json::object();
    for (int i = dice_.Below(4); i >= 0; --i) Add(schema, depth, first_definition);
    return schema;
  }

  void Add(Json& schema, int depth, int first) {
    constexpr const char* kTypes[] = {"object", "array", "string", "null"};
    constexpr const char* kOne[] = {"not", "if", "then", "else", "items", "contains", "additionalProperties"};
    constexpr const char* kLists[] = {"allOf", "anyOf", "oneOf", "prefixItems"};
    constexpr const char* kRest[] = {"unevaluatedItems", "unevaluatedProperties"};
    const int kind = dice_.Below(depth > 0 ? 11 : 2);
    if (kind == 0) {
      schema["type"] = dice_.Pick(kTypes);
    } else if (kind == 1) {
      schema["required"] = Json::array({dice_.Pick(kNames)});
    } else if (kind == 2 && first < kDefinitions) {
      const std::string name = "n" + std::to_string(first + dice_.Below(kDefinitions - first));
      schema["$ref"] = (dice_.Below(2) == 0 ? "#" : "#/$defs/") + name;
    } else if (kind == 3) {
      schema["patternProperties"]["^a"] = Schema(depth - 1, first);
    } else if (kind == 4) {
      schema["dependentSchemas"][dice_.Pick(kNames)] = Schema(depth - 1, first);
    } else if (kind == 5) {
      schema[dice_.Pick(kOne)] = Schema(depth - 1, first);
    } else if (kind <= 7) {
      Json list = Json::array();
      for (int i = dice_.Below(3); i >= 0; --i) list.push_back(Schema(depth - 1, first));
      schema[dice_.Pick(kLists)] = std::move(list);
    } else if (kind == 8) {
      schema["properties"][dice_.Pick(kNames)] = Schema(depth - 1, first);
    } else {
      schema[dice_.Pick(kRest)] = dice_.Below(2) == 0 ? Json(false) : Schema(depth - 1, first);
    }
  }

  Dice dice_;
};

TEST_CASE("what is left unevaluated agrees with a naive reading of the specification") {
  const std::uint32_t seed = Seed(2020);
  CAPTURE(seed);
  Chance chance(seed);
  int fitting = 0;
  int judged = 0;
  for (int round = 0; round < testing::Rounds(4'000); ++round) {
    const Json schema = chance.Root();
    const auto compiled = CompiledSchema::Compile(schema);
    REQUIRE_MESSAGE(compiled.ok(), compiled.status().ToString());
    for (int i = 0; i < 4; ++i) {
      const Json value = chance.Value(3);
      const bool fits = (*compiled)->Validate(value).empty();
      ++judged;
      if (fits) ++fitting;
      if (Naive(schema).Ask(schema, value).fits == fits) continue;
      CAPTURE(schema.dump());
      CAPTURE(value.dump());
      FAIL_CHECK("the validator says " << fits);
    }
  }
  CHECK(fitting > judged / 10);
  CHECK(fitting < judged * 9 / 10);
}

}  // namespace
}  // namespace mcpgate
