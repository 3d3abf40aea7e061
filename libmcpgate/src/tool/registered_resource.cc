#include "tool/registered_resource.h"

#include <fmt/format.h>

#include <utility>

namespace mcpgate {
namespace {

absl::Status Wrong(std::string_view uri, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("resource \"{}\": {}", uri, what));
}

// What resources and templates have in common in a list.
template <typename T>
Json EntryOf(const T& declared, ListingForm form) {
  Json entry = {{"name", declared.name}};
  AddTexts(entry, form, declared.title, declared.description);
  AddIcons(entry, form, declared.icons);
  if (!declared.mime_type.empty()) entry["mimeType"] = declared.mime_type;
  if (declared.annotations.is_object()) entry["annotations"] = declared.annotations;
  return entry;
}

}  // namespace

ResourceResult ResourceResult::Text(std::string mime_type, std::string text) {
  ResourceResult result;
  result.contents.push_back({.mime_type = std::move(mime_type), .text = std::move(text)});
  return result;
}

ResourceResult ResourceResult::Bytes(std::string mime_type, std::string bytes) {
  ResourceResult result;
  result.contents.push_back({.mime_type = std::move(mime_type), .bytes = std::move(bytes)});
  return result;
}

absl::StatusOr<std::shared_ptr<const RegisteredResource>> RegisteredResource::New(Resource resource) {
  if (absl::Status bad = CheckUri(resource.uri); !bad.ok()) return bad;
  if (resource.name.empty()) return Wrong(resource.uri, "has no name");
  if (!resource.handler) return Wrong(resource.uri, "has no handler");
  std::shared_ptr<RegisteredResource> made(new RegisteredResource());
  for (const ListingForm form : kListingForms) {
    Json entry = EntryOf(resource, form);
    entry["uri"] = resource.uri;
    if (resource.size) entry["size"] = *resource.size;
    made->listings_[static_cast<std::size_t>(form)] = DumpJson(entry);
  }
  made->key_ = resource.uri;
  made->action_ = "resources/" + resource.uri;
  made->role_ = resource.role;
  made->resource_ = std::move(resource);
  return std::shared_ptr<const RegisteredResource>(std::move(made));
}

absl::StatusOr<std::shared_ptr<const RegisteredTemplate>> RegisteredTemplate::New(
    ResourceTemplate resource_template) {
  const std::string& text = resource_template.uri_template;
  if (resource_template.name.empty()) return Wrong(text, "has no name");
  if (!resource_template.handler) return Wrong(text, "has no handler");
  auto uri = UriTemplate::Compile(text);
  if (!uri.ok()) return Wrong(text, std::string(uri.status().message()));
  std::shared_ptr<RegisteredTemplate> made(new RegisteredTemplate());
  made->uri_ = *std::move(uri);
  for (const ListingForm form : kListingForms) {
    Json entry = EntryOf(resource_template, form);
    entry["uriTemplate"] = text;
    made->listings_[static_cast<std::size_t>(form)] = DumpJson(entry);
  }
  made->key_ = text;
  made->action_ = "resources/" + text;
  made->role_ = resource_template.role;
  made->template_ = std::move(resource_template);
  return std::shared_ptr<const RegisteredTemplate>(std::move(made));
}

}  // namespace mcpgate
