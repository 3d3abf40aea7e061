// File: tool/schema_dialect.h
//
// Which keywords a schema's `$schema` gives a meaning.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "tool/compiled_schema.h"

namespace mcpgate {

/// A set of the vocabularies that change what fits. Core is in every dialect; the others only annotate.
using Vocabularies = std::uint8_t;
enum : Vocabularies {
  kApplicator = 1,
  kUnevaluated = 2,
  kValidation = 4,
  kAllVocabularies = kApplicator | kUnevaluated | kValidation,
};

/// The vocabularies of the dialect that `$schema` names: 2020-12, or a meta-schema for 2020-12 that `lookup`
/// has. InvalidArgument otherwise, and when its `$vocabulary` requires one that is not known.
absl::StatusOr<Vocabularies> FindDialect(std::string_view uri, const SchemaLookup& lookup);

/// Whether `keyword` means something under `vocabularies`.
bool IsInForce(std::string_view keyword, Vocabularies vocabularies);

}  // namespace mcpgate
