// File: tool/registered_resource.h
//
// Resources and templates as the registry keeps them: checked, their list entries already written.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "mcpgate/resource.h"
#include "tool/catalog_entry.h"
#include "tool/uri_template.h"

namespace mcpgate {

/// RegisteredResource
///
/// Immutable; safe for concurrent use.
class RegisteredResource final : public CatalogEntry {
 public:
  static absl::StatusOr<std::shared_ptr<const RegisteredResource>> New(Resource resource);
  const Resource& resource() const { return resource_; }

 private:
  RegisteredResource() = default;
  Resource resource_;
};

/// RegisteredTemplate
///
/// Immutable; safe for concurrent use.
class RegisteredTemplate final : public CatalogEntry {
 public:
  static absl::StatusOr<std::shared_ptr<const RegisteredTemplate>> New(ResourceTemplate resource_template);
  const ResourceTemplate& resource_template() const { return template_; }
  const UriTemplate& uri() const { return *uri_; }

 private:
  RegisteredTemplate() = default;
  ResourceTemplate template_;
  std::shared_ptr<const UriTemplate> uri_;
};

}  // namespace mcpgate
