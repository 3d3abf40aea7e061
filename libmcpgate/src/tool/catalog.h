// File: tool/catalog.h
//
// Everything a server offers at one moment.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "mcpgate/export.h"
#include "tool/registered_prompt.h"
#include "tool/registered_resource.h"
#include "tool/registered_tool.h"

namespace mcpgate {

/// Section
///
/// One list: its entries in the order they were added, and by key. Immutable; safe for concurrent use.
template <typename Entry>
class Section {
 public:
  using Entries = std::vector<std::shared_ptr<const Entry>>;

  Section() = default;
  explicit Section(Entries entries) : entries_(std::move(entries)) {
    for (std::size_t i = 0; i < entries_.size(); ++i) by_key_.emplace(entries_[i]->key(), i);
  }

  const Entries& entries() const { return entries_; }
  std::shared_ptr<const Entry> Find(std::string_view key) const {
    const std::optional<std::size_t> at = IndexOf(key);
    return at ? entries_[*at] : nullptr;
  }
  std::optional<std::size_t> IndexOf(std::string_view key) const {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return std::nullopt;
    return found->second;
  }

 private:
  // Views of the entries' own keys. std's hash: Debian's Abseil has a string_view of its own.
  Entries entries_;
  absl::flat_hash_map<std::string_view, std::size_t, std::hash<std::string_view>> by_key_;
};

/// Catalog
///
/// Immutable; safe for concurrent use.
class Catalog {
 public:
  Section<RegisteredTool> tools;
  Section<RegisteredPrompt> prompts;
  Section<RegisteredResource> resources;
  Section<RegisteredTemplate> templates;

  struct TemplateMatch {
    std::shared_ptr<const RegisteredTemplate> entry;
    UriTemplate::Variables variables;
  };
  /// The first template, in the order they were added, that `uri` fits.
  std::optional<TemplateMatch> MatchTemplate(std::string_view uri) const {
    for (const auto& entry : templates.entries()) {
      if (auto variables = entry->uri().Match(uri)) return TemplateMatch{entry, *std::move(variables)};
    }
    return std::nullopt;
  }
};

}  // namespace mcpgate
