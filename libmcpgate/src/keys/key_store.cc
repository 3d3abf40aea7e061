#include "mcpgate/key_store.h"

#include <utility>

namespace mcpgate {

absl::Status KeyStore::Insert(KeyRecord record) {
  const RowChange change{.verb = RowChange::Verb::kInsert, .row = std::move(record)};
  return Apply({&change, 1});
}

absl::Status KeyStore::Update(KeyRecord record) {
  const RowChange change{.verb = RowChange::Verb::kUpdate, .row = std::move(record)};
  return Apply({&change, 1});
}

}  // namespace mcpgate
