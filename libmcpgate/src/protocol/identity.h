// File: protocol/identity.h
//
// What a server says of itself, written once and copied into every answer.
#pragma once

#include <string>
#include <string_view>

#include "mcpgate/json.h"
#include "protocol/revision.h"

namespace mcpgate {

/// Immutable; safe for concurrent use.
class Identity {
 public:
  /// `title` and `instructions` may be empty.
  Identity(std::string_view name, std::string_view title, std::string_view version,
           std::string_view instructions);

  /// Ends a result object whose members are in `members` (JSON text without braces, may be empty): the modern
  /// era adds `resultType` and the server's name.
  std::string Result(Revision revision, std::string_view members) const;
  /// The same, as the whole answer to the request `id`.
  std::string ResultMessage(const Json& id, Revision revision, std::string_view members) const;
  /// A result that asks for input (2026 era); `members` is an object.
  std::string InputRequired(const Json& members) const;
  /// A result that begins a task; `members` is an object.
  std::string Task(const Json& members) const;
  /// The answer to server/discover.
  std::string Discover(const Json& capabilities) const;
  /// The answer to initialize with the settled revision.
  std::string Initialize(Revision settled, const Json& capabilities) const;
  const Json& info() const { return info_; }

 private:
  void AppendResult(std::string& text, Revision revision, std::string_view members) const;

  const Json info_;
  const std::string instructions_;
  const std::string modern_tail_;
};

}  // namespace mcpgate
