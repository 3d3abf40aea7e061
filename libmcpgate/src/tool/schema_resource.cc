#include "tool/schema_resource.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tool/schema_uri.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

// A relative `$id` repeats what it is relative to: without a bound a long one would be copied into each of
// a thousand others.
constexpr std::size_t kMaxUri = 2'000;

bool IsAnchorName(std::string_view name) {
  const auto starts = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && starts(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return starts(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

absl::Status Wrong(std::string message) { return absl::InvalidArgumentError(std::move(message)); }

std::string At(std::string_view place) { return place.empty() ? "the top level" : std::string(place); }

}  // namespace

SchemaResource& SchemaResources::AddDocument(const Json& root, std::string uri, std::string place) {
  SchemaResource& resource = resources_.emplace_back();
  resource.uri = std::move(uri);
  resource.root = &root;
  resource.place = std::move(place);
  by_uri_.emplace(resource.uri, &resource);
  by_root_.emplace(&root, &resource);
  return resource;
}

absl::StatusOr<SchemaResource*> SchemaResources::Identify(SchemaResource& parent, std::string_view id,
                                                          const Json& schema, std::string_view place) {
  if (absl::Status status = CountName(); !status.ok()) return status;
  const UriAndFragment split = SplitFragment(id);
  if (!split.fragment.empty()) return Wrong("must have no fragment; a name inside a resource is an $anchor");
  if (split.uri.size() > kMaxUri) return Wrong(fmt::format("is too long: at most {} bytes", kMaxUri));
  std::string uri = ResolveUri(parent.uri, split.uri);
  if (uri.size() > kMaxUri) return Wrong(fmt::format("is too long: at most {} bytes with its base", kMaxUri));
  const bool is_root = parent.root == &schema;
  if (const SchemaResource* known = Find(uri); known != nullptr && !(is_root && known == &parent)) {
    return Wrong(fmt::format("is {}, which {} is called already", Shorten(uri, 200), At(known->place)));
  }
  if (!is_root) {
    SchemaResource& made = AddDocument(schema, std::move(uri), std::string(place));
    made.vocabularies = parent.vocabularies;
    return &made;
  }
  by_uri_.emplace(uri, &parent);
  parent.uri = std::move(uri);
  return &parent;
}

absl::Status SchemaResources::AddAnchor(SchemaResource& resource, const std::string& name,
                                        SchemaAnchor anchor) {
  if (absl::Status status = CountName(); !status.ok()) return status;
  if (!IsAnchorName(name)) {
    return Wrong(fmt::format("must be a letter or _ and then letters, digits, _ - or ., is {}", Quote(name)));
  }
  const auto [known, is_new] = resource.anchors.emplace(name, anchor);
  if (!is_new && known->second.node != anchor.node) {
    return Wrong(
        fmt::format("is {}, which {} is called already", QuoteName(name), At(known->second.node->place)));
  }
  known->second.is_dynamic |= anchor.is_dynamic;
  return absl::OkStatus();
}

SchemaResource* SchemaResources::Find(std::string_view uri) const {
  const auto known = by_uri_.find(uri);
  return known == by_uri_.end() ? nullptr : known->second;
}

absl::StatusOr<SchemaResource*> SchemaResources::Load(std::string_view uri) {
  const Json* document = lookup_ ? lookup_(uri) : nullptr;
  if (document == nullptr) return nullptr;
  if (const auto known = by_root_.find(document); known != by_root_.end()) {
    by_uri_.emplace(uri, known->second);
    return known->second;
  }
  if (++documents_ > limits_.max_documents) {
    return Wrong(fmt::format("refers to {}, one document too many: at most {} are accepted",
                             Shorten(uri, 100), limits_.max_documents));
  }
  return &AddDocument(*document, std::string(uri), std::string(uri) + "#");
}

absl::Status SchemaResources::CountName() {
  if (++names_ <= limits_.max_names) return absl::OkStatus();
  return Wrong(fmt::format("is one name too many: at most {} $id, $anchor and $dynamicAnchor are accepted",
                           limits_.max_names));
}

}  // namespace mcpgate
