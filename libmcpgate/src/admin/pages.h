// File: admin/pages.h
//
// What anybody may read: the dashboard's files, the OpenAPI document, and the page that shows it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mcpgate/http_message.h"

namespace mcpgate::admin {

/// Pages
///
/// Static, the same for everybody, without a word about what this server holds. Immutable; safe for
/// concurrent use.
class Pages {
 public:
  explicit Pages(std::string openapi) : openapi_(std::move(openapi)) {}

  static bool IsPage(std::string_view path);
  bool Has(std::string_view path) const { return IsPage(path); }
  /// Refuses what is neither GET nor HEAD.
  std::optional<HttpResponse> Screen(const HttpRequest& request) const;
  /// 304 when the page still has the ETag `known_tag`.
  HttpResponse Get(std::string_view path, std::string_view known_tag) const;

 private:
  const std::string openapi_;
};

}  // namespace mcpgate::admin
