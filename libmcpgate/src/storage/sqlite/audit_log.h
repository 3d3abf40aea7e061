// File: storage/sqlite/audit_log.h
//
// The trail as an AuditSink.
#pragma once

#include <memory>

#include "mcpgate/audit.h"
#include "storage/sqlite/audit_table.h"
#include "storage/sqlite/group_writer.h"

namespace mcpgate::sqlite {

/// The table and its writer live as long as the sink.
struct AuditBook {
  AuditBook(const Secret& root_key, const Clock& clock) : chain(root_key), table(chain, clock) {}
  const AuditChain chain;
  AuditTable table;
  std::unique_ptr<GroupWriter> writer;  ///< last, so that it stops first
};

/// `queue` is the bound of the book's writer, in records.
std::unique_ptr<AuditSink> NewAuditLog(std::shared_ptr<AuditBook> book, std::size_t queue);

}  // namespace mcpgate::sqlite
