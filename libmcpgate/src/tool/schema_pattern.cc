#include "tool/schema_pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace mcpgate {
namespace {

// Enough for any pattern a person writes; a schema with thousands of patterns stays affordable.
constexpr std::int64_t kMaxProgramMemory = 2 << 20;

RE2::Options Options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(kMaxProgramMemory);
  return options;
}

}  // namespace

SchemaPattern::SchemaPattern(std::string source, std::unique_ptr<re2::RE2> program)
    : source_(std::move(source)),
      program_(std::move(program)),
      size_(static_cast<std::size_t>(std::max(program_->ProgramSize(), 1))) {}

SchemaPattern::~SchemaPattern() = default;

absl::StatusOr<std::shared_ptr<const SchemaPattern>> SchemaPattern::Compile(std::string_view ecma) {
  const auto translated = TranslatePattern(ecma);
  if (!translated.ok()) return translated.status();
  auto program = std::make_unique<RE2>(*translated, Options());
  if (!program->ok()) return absl::InvalidArgumentError(program->error());
  return std::shared_ptr<const SchemaPattern>(new SchemaPattern(std::string(ecma), std::move(program)));
}

bool SchemaPattern::Matches(std::string_view text) const {
  const re2::StringPiece piece(text.data(), text.size());
  return program_->Match(piece, 0, piece.size(), RE2::UNANCHORED, nullptr, 0);
}

}  // namespace mcpgate
