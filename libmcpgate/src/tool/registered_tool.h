// File: tool/registered_tool.h
//
// A tool as the registry keeps it: checked, its schemas compiled, its list entries already written.
#pragma once

#include <memory>
#include <vector>

#include "mcpgate/export.h"
#include "mcpgate/tool.h"
#include "tool/catalog_entry.h"
#include "tool/compiled_schema.h"
#include "tool/param_headers.h"

namespace mcpgate {

/// RegisteredTool
///
/// Immutable; safe for concurrent use.
class MCPGATE_EXPORT RegisteredTool final : public CatalogEntry {
 public:
  static absl::StatusOr<std::shared_ptr<const RegisteredTool>> New(Tool tool);

  const Tool& tool() const { return tool_; }
  const CompiledSchema& input() const { return *input_; }
  const CompiledSchema* output() const { return output_.get(); }  ///< nullptr when the tool declares none
  /// Arguments that a client repeats in headers of its own (2026-07-28, "x-mcp-header").
  const std::vector<ParamHeader>& param_headers() const { return param_headers_; }

 private:
  RegisteredTool() = default;

  Tool tool_;
  std::shared_ptr<const CompiledSchema> input_;
  std::shared_ptr<const CompiledSchema> output_;
  std::vector<ParamHeader> param_headers_;
};

}  // namespace mcpgate
