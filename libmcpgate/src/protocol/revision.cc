#include "protocol/revision.h"

#include <array>
#include <utility>

namespace mcpgate {
namespace {

constexpr std::array<std::pair<Revision, std::string_view>, 4> kRevisions = {{
    {Revision::k2025_03_26, "2025-03-26"},
    {Revision::k2025_06_18, "2025-06-18"},
    {Revision::k2025_11_25, "2025-11-25"},
    {Revision::k2026_07_28, "2026-07-28"},
}};

}  // namespace

std::string_view RevisionName(Revision revision) {
  return kRevisions[static_cast<std::size_t>(revision)].second;
}

std::optional<Revision> ParseRevision(std::string_view name) {
  for (const auto& [revision, known] : kRevisions) {
    if (known == name) return revision;
  }
  return std::nullopt;
}

Json ModernRevisions() {
  Json names = Json::array();
  for (const auto& [revision, name] : kRevisions) {
    if (IsModern(revision)) names.push_back(name);
  }
  return names;
}

}  // namespace mcpgate
