// File: tool/uri_template.h
//
// URI templates (RFC 6570) read backwards: does an address fit, and what are its variables?
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/export.h"

namespace re2 {
class RE2;
}

namespace mcpgate {

/// UriTemplate
///
/// All operators of levels 1 to 3; the modifiers of level 4 (":3", "*") cannot be read backwards and are
/// refused. Matching takes time linear in the address. Immutable; safe for concurrent use.
class MCPGATE_EXPORT UriTemplate {
 public:
  using Variables = std::map<std::string, std::string, std::less<>>;

  /// InvalidArgument with position and reason.
  static absl::StatusOr<std::shared_ptr<const UriTemplate>> Compile(std::string_view text);
  ~UriTemplate();

  const std::vector<std::string>& names() const { return names_; }
  /// The variables, percent-decoded; nullopt when `uri` does not fit or decodes to invalid UTF-8.
  std::optional<Variables> Match(std::string_view uri) const;

 private:
  UriTemplate(std::vector<std::string> names, std::vector<int> queries, std::unique_ptr<re2::RE2> pattern);

  const std::vector<std::string> names_;
  const std::vector<int> queries_;  // of each name: the number of the {?...} it stands in, or 0
  const std::unique_ptr<re2::RE2> pattern_;
};

/// InvalidArgument unless `uri` has a scheme, no space or control characters, and at most 2,048 bytes.
MCPGATE_EXPORT absl::Status CheckUri(std::string_view uri);

}  // namespace mcpgate
