// File: tool/registered_prompt.h
//
// A prompt as the registry keeps it: checked, its list entries already written.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "mcpgate/prompt.h"
#include "tool/catalog_entry.h"

namespace mcpgate {

/// RegisteredPrompt
///
/// Immutable; safe for concurrent use.
class RegisteredPrompt final : public CatalogEntry {
 public:
  static absl::StatusOr<std::shared_ptr<const RegisteredPrompt>> New(Prompt prompt);
  const Prompt& prompt() const { return prompt_; }
  bool Declares(std::string_view argument) const;

 private:
  RegisteredPrompt() = default;
  Prompt prompt_;
};

}  // namespace mcpgate
