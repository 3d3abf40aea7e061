#include "storage/sqlite/use_table.h"

#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {

absl::Status UseTable::Attach(Database& db) {
  return PrepareInto(db, note_,
                     "INSERT INTO uses(id, last_used_at, uses) VALUES(?1,?2,?3) ON CONFLICT(id) DO UPDATE SET"
                     " last_used_at=max(last_used_at, excluded.last_used_at), uses=uses+excluded.uses");
}

absl::Status UseTable::Note(std::span<const KeyUse> uses) {
  for (const KeyUse& use : uses) {
    note_.BindText(1, use.id).Bind(2, use.last_used_at).Bind(3, use.uses);
    if (absl::Status status = note_.Run(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace mcpgate::sqlite
