// $ref and $dynamicRef: from a URI reference to a node (JSON Schema 2020-12, core 8.2.3 and 9).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tool/schema_compiler.h"
#include "tool/schema_reference.h"
#include "tool/schema_uri.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

std::string RefersTo(std::string_view reference, std::string_view what) {
  return fmt::format("refers to {}, {}", Shorten(reference, 100), what);
}

}  // namespace

void SchemaCompiler::Refer(SchemaReference& slot, std::string_view reference, const SchemaSource& from,
                           std::string place, bool is_dynamic) {
  references_.push_back({&slot, reference, from.resource, std::move(place), is_dynamic});
}

void SchemaCompiler::Resolve(PendingReference reference) {
  const UriAndFragment split = SplitFragment(reference.text);
  SchemaResource* resource = reference.from;
  if (!split.uri.empty()) resource = ResourceNamed(ResolveUri(resource->uri, split.uri), reference);
  if (resource == nullptr) return;
  if (nodes_.find(resource->root) == nodes_.end()) {
    // A document that has just come in: its names are known once it has been read.
    NodeOf({resource->root, resource, 1}, resource->place);
    references_.push_back(std::move(reference));
    return;
  }
  const auto fragment = DecodePercents(split.fragment);
  if (!fragment.has_value()) {
    return Refuse(reference.place, RefersTo(reference.text, "whose percent-encoding is broken"));
  }
  if (fragment->empty() || fragment->front() == '/') return ResolvePointer(reference, *resource, *fragment);
  ResolveAnchor(reference, *resource, *fragment);
}

SchemaResource* SchemaCompiler::ResourceNamed(std::string_view uri, const PendingReference& reference) {
  if (SchemaResource* known = resources_.Find(uri)) return known;
  const auto loaded = resources_.Load(uri);
  if (!loaded.ok()) {
    Refuse(reference.place, std::string(loaded.status().message()));
    return nullptr;
  }
  if (*loaded == nullptr) {
    Refuse(reference.place, RefersTo(reference.text,
                                     "which is outside this document; nothing is fetched, so "
                                     "put it under $defs"));
    return nullptr;
  }
  if (IsTooDeep(*(*loaded)->root)) {
    Refuse(reference.place, RefersTo(reference.text, fmt::format("a document nested too deeply: at most {} "
                                                                 "levels are accepted",
                                                                 limits_.max_depth)));
    return nullptr;
  }
  return *loaded;
}

void SchemaCompiler::ResolveAnchor(const PendingReference& reference, const SchemaResource& resource,
                                   std::string_view name) {
  const auto anchor = resource.anchors.find(name);
  if (anchor == resource.anchors.end()) {
    return Refuse(reference.place, RefersTo(reference.text, "but there is no such $anchor"));
  }
  reference.slot->node = anchor->second.node;
  if (!reference.is_dynamic || !anchor->second.is_dynamic) return;
  reference.slot->dynamic_name = name;
  dynamic_references_.push_back(reference.slot);
}

void SchemaCompiler::ResolvePointer(const PendingReference& reference, SchemaResource& resource,
                                    const std::string& pointer) {
  const auto way = FollowPointer(*resource.root, pointer);
  if (way.empty()) {
    return Refuse(reference.place, RefersTo(reference.text, "which does not exist in this document"));
  }
  // The target may lie in a resource inside this one, or under a keyword that has no meaning here and was
  // not read; the last known value on the way says where.
  SchemaResource* inside = &resource;
  for (const Json* step : way) {
    if (const auto known = nodes_.find(step); known != nodes_.end()) inside = known->second.resource;
  }
  reference.slot->node = NodeOf({way.back(), inside, 1}, resource.place + pointer);
}

// A name that only one resource has needs no search; then validation does not keep track of resources.
void SchemaCompiler::SettleDynamicReferences() {
  std::map<std::string_view, std::size_t> bearers;
  for (const SchemaResource& resource : resources_.all()) {
    for (const auto& [name, anchor] : resource.anchors) bearers[name] += anchor.is_dynamic ? 1 : 0;
  }
  bool is_any_dynamic = false;
  for (SchemaReference* reference : dynamic_references_) {
    if (bearers[reference->dynamic_name] < 2) reference->dynamic_name.clear();
    is_any_dynamic |= !reference->dynamic_name.empty();
  }
  if (!is_any_dynamic) return;
  std::map<const SchemaResource*, const SchemaScope*> scopes;
  for (const SchemaResource& resource : resources_.all()) {
    SchemaScope scope;
    for (const auto& [name, anchor] : resource.anchors) {
      if (anchor.is_dynamic) scope.emplace(name, anchor.node);
    }
    if (!scope.empty()) scopes.emplace(&resource, &graph_.scopes.emplace_back(std::move(scope)));
  }
  for (const auto& [schema, known] : nodes_) {
    if (const auto scope = scopes.find(known.resource); scope != scopes.end()) {
      known.node->scope = scope->second;
      known.node->is_plain = false;
    }
  }
}

}  // namespace mcpgate
