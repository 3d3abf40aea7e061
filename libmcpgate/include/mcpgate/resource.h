// File: resource.h
//
// Resources: what a client can read, at fixed addresses or by a template (RFC 6570).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/call_context.h"
#include "mcpgate/clock.h"
#include "mcpgate/completion.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"
#include "mcpgate/principal.h"

namespace mcpgate {

struct ResourceContents {
  std::string uri{};  ///< empty: the address that was read
  std::string mime_type{};
  std::string text{};
  std::optional<std::string> bytes{};  ///< instead of text; sent in base64
};

struct ResourceResult {
  std::vector<ResourceContents> contents{};
  Nanos ttl{0};  ///< how long a client may keep it (2026-07-28); always for this caller alone

  static MCPGATE_EXPORT ResourceResult Text(std::string mime_type, std::string text);
  static MCPGATE_EXPORT ResourceResult Bytes(std::string mime_type, std::string bytes);
};

struct ResourceRequest {
  const std::string& uri;
  const std::map<std::string, std::string, std::less<>>& variables;  ///< of the template, decoded
};

/// NotFound: nothing is there; the client hears "resource not found".
using ResourceHandler =
    std::function<absl::StatusOr<ResourceResult>(const ResourceRequest& request, CallContext& context)>;

struct Resource {
  std::string uri{};  ///< absolute; unique among resources. Rules speak of it as "resources/<uri>"
  std::string name{};
  std::string title{};
  std::string description{};
  std::string mime_type{};
  std::optional<std::int64_t> size{};  ///< bytes
  Json annotations{};                  ///< audience, priority, lastModified; null: none
  Json icons{};
  Role role = Role::kAdmin;
  RunOn run_on = RunOn::kPool;
  ResourceHandler handler{};
};

struct ResourceTemplate {
  std::string uri_template{};  ///< RFC 6570 level 3; unique. Rules speak of it as "resources/<uri_template>"
  std::string name{};
  std::string title{};
  std::string description{};
  std::string mime_type{};
  Json annotations{};
  Json icons{};
  Role role = Role::kAdmin;
  RunOn run_on = RunOn::kPool;
  ResourceHandler handler{};
  CompletionHandler complete{};  ///< for its variables; may be empty
};

}  // namespace mcpgate
