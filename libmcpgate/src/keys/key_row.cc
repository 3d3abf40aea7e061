#include "keys/key_row.h"

namespace mcpgate {
namespace {

void AddList(Blake2b& hash, const std::vector<std::string>& list) {
  hash.AddNumber(static_cast<std::int64_t>(list.size()));
  for (const std::string& item : list) hash.AddField(item);
}

}  // namespace

Digest RowMac(const Secret& row_key, const KeyRecord& record) {
  Blake2b hash(row_key, "key-row");
  hash.AddField(record.id).AddField(record.family).AddField(record.tenant).AddField(record.name);
  hash.AddNumber(static_cast<std::int64_t>(record.grants.role));
  AddList(hash, record.grants.allow_tools);
  AddList(hash, record.grants.deny_tools);
  AddList(hash, record.grants.resources);
  hash.AddField(AsView(record.hash));
  hash.AddNumber(record.created_at).AddNumber(record.not_before).AddNumber(record.expires_at);
  hash.AddNumber(record.revoked_at).AddNumber(record.version);
  return hash.Finish();
}

}  // namespace mcpgate
