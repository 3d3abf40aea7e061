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
  /// The answer to server/discover.
  std::string Discover(Revision revision) const;
  /// The answer to initialize with the settled revision.
  std::string Initialize(Revision settled) const;

 private:
  const Json info_;
  const std::string instructions_;
  const std::string modern_tail_;
};

}  // namespace mcpgate
