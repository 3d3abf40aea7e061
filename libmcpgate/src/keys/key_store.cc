#include "mcpgate/key_store.h"

#include <algorithm>
#include <utility>

namespace mcpgate {

std::int64_t EndOf(const KeyRecord& record) {
  std::int64_t end = 0;
  for (const std::int64_t moment : {record.expires_at, record.revoked_at, record.retires_at}) {
    if (moment != 0) end = end == 0 ? moment : std::min(end, moment);
  }
  return end;
}

absl::Status KeyStore::Insert(KeyRecord record) {
  const RowChange change{.verb = RowChange::Verb::kInsert, .row = std::move(record)};
  return Apply({&change, 1});
}

absl::Status KeyStore::Update(KeyRecord record) {
  const RowChange change{.verb = RowChange::Verb::kUpdate, .row = std::move(record)};
  return Apply({&change, 1});
}

}  // namespace mcpgate
