// What makes a row of the store authentic.
#pragma once

#include "base/crypto.h"
#include "mcpgate/key_record.h"
#include "mcpgate/secret.h"

namespace mcpgate {

/// The MAC over every field of `record` but `mac`, each length-prefixed.
Digest RowMac(const Secret& row_key, const KeyRecord& record);
Digest RowMac(const Secret& row_key, const PersonRecord& record);

template <typename Record>
bool IsAuthentic(const Secret& row_key, const Record& record) {
  return ConstantTimeEqual(RowMac(row_key, record), record.mac);
}

}  // namespace mcpgate
