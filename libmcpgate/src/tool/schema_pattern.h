// File: tool/schema_pattern.h
//
// `pattern`, as ECMA-262 writes it and RE2 runs it: in time linear in the text.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/export.h"

namespace re2 {
class RE2;
}

namespace mcpgate {

/// The same expression in RE2's syntax. InvalidArgument says what has no linear-time counterpart
/// (look-around, back-references) or no meaning.
MCPGATE_EXPORT absl::StatusOr<std::string> TranslatePattern(std::string_view ecma);

/// SchemaPattern
///
/// Immutable; safe for concurrent use.
class MCPGATE_EXPORT SchemaPattern {
 public:
  static absl::StatusOr<std::shared_ptr<const SchemaPattern>> Compile(std::string_view ecma);
  ~SchemaPattern();
  SchemaPattern(const SchemaPattern&) = delete;
  SchemaPattern& operator=(const SchemaPattern&) = delete;

  const std::string& source() const { return source_; }
  /// Anywhere in `text`.
  bool Matches(std::string_view text) const;
  /// Instructions of the compiled program.
  std::size_t size() const { return size_; }
  /// A bound on the work of Matches, in units that compare with one keyword check.
  std::size_t Work(std::string_view text) const { return 1 + text.size() * size_ / 1024; }

 private:
  SchemaPattern(std::string source, std::unique_ptr<re2::RE2> program);

  const std::string source_;
  const std::unique_ptr<re2::RE2> program_;
  const std::size_t size_;
};

}  // namespace mcpgate
