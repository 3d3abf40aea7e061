#include "keys/key_row.h"

namespace mcpgate {
namespace {

void AddList(Blake2b& hash, const std::vector<std::string>& list) {
  hash.AddNumber(static_cast<std::int64_t>(list.size()));
  for (const std::string& item : list) hash.AddField(item);
}

// Fields that came later, each behind its name and only when set: rows of before have the MAC they had.
class LaterFields {
 public:
  explicit LaterFields(Blake2b& hash) : hash_(hash) {}

  LaterFields& Text(std::string_view name, const std::string& value) {
    if (!value.empty()) hash_.AddField(name).AddField(value);
    return *this;
  }
  LaterFields& Number(std::string_view name, std::int64_t value) {
    if (value != 0) hash_.AddField(name).AddNumber(value);
    return *this;
  }
  LaterFields& List(std::string_view name, const std::vector<std::string>& value) {
    if (value.empty()) return *this;
    hash_.AddField(name);
    AddList(hash_, value);
    return *this;
  }

 private:
  Blake2b& hash_;
};

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
  LaterFields(hash)
      .Number("kind", static_cast<std::int64_t>(record.kind))
      .Text("principal", record.principal)
      .Text("parent", record.parent)
      .Number("disabled_at", record.disabled_at)
      .Number("retires_at", record.retires_at)
      .List("networks", record.networks)
      .Text("metadata", record.metadata)
      .Number("imported_at", record.imported_at);
  return hash.Finish();
}

Digest RowMac(const Secret& row_key, const PersonRecord& record) {
  Blake2b hash(row_key, "person-row");
  hash.AddNumber(static_cast<std::int64_t>(record.kind));
  hash.AddField(record.tenant).AddField(record.id).AddField(record.parent);
  AddList(hash, record.externals);
  hash.AddField(record.body).AddNumber(record.version);
  return hash.Finish();
}

}  // namespace mcpgate
