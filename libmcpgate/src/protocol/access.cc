#include "protocol/access.h"

namespace mcpgate {

std::string OwnerOf(const Principal& principal) { return principal.tenant + '/' + principal.family; }

bool IsRefused(Gate& gate, const Credentials& credentials) {
  const auto refusal = RefusalOf(gate.Authenticate(credentials).status());
  return refusal && refusal->code == Refusal::kInvalidCredential;
}

bool MayRead(const Gate& gate, const Catalog& catalog, const Principal& principal, const std::string& uri) {
  const auto may = [&](const CatalogEntry& entry) {
    return gate.Permits(principal, entry.action(), entry.role());
  };
  if (const auto found = catalog.resources.Find(uri)) return may(*found);
  const auto match = catalog.MatchTemplate(uri);
  return match && may(*match->entry);
}

}  // namespace mcpgate
