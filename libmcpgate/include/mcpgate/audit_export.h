// File: audit_export.h
//
// Records taken out of a trail that prove themselves anywhere.
//
// An export is JSON lines, in order of seq:
//   {"mcpgate_audit_export":1,"verifier":"name+hash+key"}
//   {"gap":[1,41],"tree":"..."}       records that are not shown, as the base64 of hashes of whole subtrees
//   of the
//                                     RFC 6962 tree, from left to right
//   {"record":{...},"seq":42}         a record; a leaf of the tree is its canonical text, which is the JSON
//   text
//                                     with sorted members and no spaces
//   {"checkpoint":"..."}              the signed note (c2sp.org/tlog-checkpoint) of the whole trail
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "mcpgate/audit_trail.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// Sets `line` to the next line; false at the end.
using LineSource = std::function<bool(std::string& line)>;

/// Checks that each record of an export is the one that the signed trail has at its seq. `verifier` is the
/// key to believe, as AuditTrail::VerifierKey() told it on another way than with the export; an empty one
/// believes the export's own, which shows damage but no forger. Truncated: the checkpoint at the end is
/// missing. `records` counts those that are shown. It does not prove that all records of a query are shown.
MCPGATE_EXPORT AuditVerdict VerifyAuditExport(const LineSource& next_line, std::string_view verifier);

}  // namespace mcpgate
