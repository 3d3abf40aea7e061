#include "tool/schema_dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "tool/violation_text.h"

namespace mcpgate {
namespace {

constexpr std::string_view kDialect = "https://json-schema.org/draft/2020-12/schema";
constexpr std::string_view kVocabularyBase = "https://json-schema.org/draft/2020-12/vocab/";

// JSON Schema 2020-12, core 8.1.2.1; the numbers are what each gives.
constexpr std::pair<std::string_view, Vocabularies> kVocabularies[] = {
    {"core", 0},
    {"applicator", kApplicator},
    {"unevaluated", kUnevaluated},
    {"validation", kValidation},
    {"meta-data", 0},
    {"format-annotation", 0},
    {"content", 0},
};

constexpr std::string_view kApplicators[] = {"prefixItems",
                                             "items",
                                             "contains",
                                             "additionalProperties",
                                             "properties",
                                             "patternProperties",
                                             "propertyNames",
                                             "if",
                                             "then",
                                             "else",
                                             "allOf",
                                             "anyOf",
                                             "oneOf",
                                             "not",
                                             "dependentSchemas"};

std::string_view WithoutHash(std::string_view uri) {
  if (uri.ends_with('#')) uri.remove_suffix(1);
  return uri;
}

absl::Status Unsupported(std::string_view uri, std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("names the dialect {}: dialect not supported, {}", Shorten(uri, 100), why));
}

std::optional<Vocabularies> VocabularyNamed(std::string_view uri) {
  if (!uri.starts_with(kVocabularyBase)) return std::nullopt;
  for (const auto& [name, given] : kVocabularies) {
    if (uri.substr(kVocabularyBase.size()) == name) return given;
  }
  return std::nullopt;
}

absl::StatusOr<Vocabularies> ReadVocabularies(std::string_view uri, const Json& meta_schema) {
  const Json* listed = FindObject(meta_schema, "$vocabulary");
  if (listed == nullptr) return kAllVocabularies;
  Vocabularies given = 0;
  for (const auto& [name, required] : *listed->get_ptr<const Json::object_t*>()) {
    const auto known = VocabularyNamed(name);
    if (!known.has_value() && required != false) {
      return Unsupported(uri, fmt::format("its vocabulary {} is not known", Shorten(name, 100)));
    }
    given = static_cast<Vocabularies>(given | known.value_or(0));
  }
  return given;
}

}  // namespace

absl::StatusOr<Vocabularies> FindDialect(std::string_view uri, const SchemaLookup& lookup) {
  if (WithoutHash(uri) == kDialect) return kAllVocabularies;
  const Json* meta_schema = lookup ? lookup(WithoutHash(uri)) : nullptr;
  if (meta_schema == nullptr || WithoutHash(StringOr(*meta_schema, "$schema", kDialect)) != kDialect) {
    return Unsupported(uri, fmt::format("only {} is", kDialect));
  }
  return ReadVocabularies(uri, *meta_schema);
}

bool IsInForce(std::string_view keyword, Vocabularies vocabularies) {
  if (vocabularies == kAllVocabularies || keyword.starts_with('$')) return true;
  if (keyword.starts_with("unevaluated")) return (vocabularies & kUnevaluated) != 0;
  const bool applies =
      std::find(std::begin(kApplicators), std::end(kApplicators), keyword) != std::end(kApplicators);
  return (vocabularies & (applies ? kApplicator : kValidation)) != 0;
}

}  // namespace mcpgate
