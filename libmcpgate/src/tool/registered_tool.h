// File: tool/registered_tool.h
//
// A tool as the registry keeps it: checked, its schemas compiled, its list entries already written.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "mcpgate/export.h"
#include "mcpgate/tool.h"
#include "tool/compiled_schema.h"

namespace mcpgate {

/// The shapes of a tools/list entry: what each revision knows of a tool.
///   k2025_03  no title, no output schema          k2025_06  output schema only when its type is "object"
///   k2026     everything (2026-07-28)
enum class ToolListing : std::size_t { k2025_03 = 0, k2025_06 = 1, k2026 = 2 };

/// RegisteredTool
///
/// Immutable; safe for concurrent use.
class MCPGATE_EXPORT RegisteredTool {
 public:
  static absl::StatusOr<std::shared_ptr<const RegisteredTool>> New(Tool tool);

  const Tool& tool() const { return tool_; }
  const CompiledSchema& input() const { return *input_; }
  const CompiledSchema* output() const { return output_.get(); }  ///< nullptr when the tool declares none
  /// The entry as compact JSON text, made once.
  const std::string& Listing(ToolListing form) const { return listings_[static_cast<std::size_t>(form)]; }

 private:
  RegisteredTool() = default;

  Tool tool_;
  std::shared_ptr<const CompiledSchema> input_;
  std::shared_ptr<const CompiledSchema> output_;
  std::array<std::string, 3> listings_;
};

}  // namespace mcpgate
