#include "form_fields.h"

#include <string>
#include <utility>
#include <vector>

namespace mcpgate::conformance {
namespace {

Json Titled(std::vector<std::pair<std::string, std::string>> choices) {
  Json options = Json::array();
  for (auto& [value, title] : choices) options.push_back({{"const", value}, {"title", title}});
  return options;
}

}  // namespace

Json FieldsWithDefaults() {
  return {
      {"name", {{"type", "string"}, {"default", "John Doe"}}},
      {"age", {{"type", "integer"}, {"default", 30}}},
      {"score", {{"type", "number"}, {"default", 95.5}}},
      {"status", {{"type", "string"}, {"enum", {"active", "inactive", "pending"}}, {"default", "active"}}},
      {"verified", {{"type", "boolean"}, {"default", true}}}};
}

Json FieldsWithChoices() {
  const Json options = {"option1", "option2", "option3"};
  return {{"untitledSingle", {{"type", "string"}, {"enum", options}}},
          {"titledSingle",
           {{"type", "string"},
            {"oneOf",
             Titled({{"value1", "First Option"}, {"value2", "Second Option"}, {"value3", "Third Option"}})}}},
          {"legacyEnum",
           {{"type", "string"},
            {"enum", {"opt1", "opt2", "opt3"}},
            {"enumNames", {"Option One", "Option Two", "Option Three"}}}},
          {"untitledMulti", {{"type", "array"}, {"items", {{"type", "string"}, {"enum", options}}}}},
          {"titledMulti",
           {{"type", "array"},
            {"items",
             {{"anyOf", Titled({{"value1", "First Choice"},
                                {"value2", "Second Choice"},
                                {"value3", "Third Choice"}})}}}}}};
}

}  // namespace mcpgate::conformance
