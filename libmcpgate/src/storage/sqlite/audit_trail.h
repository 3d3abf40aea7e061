// File: storage/sqlite/audit_trail.h
//
// The reader's end of the trail.
#pragma once

#include <memory>
#include <string>

#include "mcpgate/audit_trail.h"
#include "mcpgate/clock.h"
#include "mcpgate/secret.h"

namespace mcpgate::sqlite {

/// Reads the file at `path` through connections of its own, one a call.
std::unique_ptr<AuditTrail> NewAuditTrail(std::string path, const Secret& root_key, Nanos busy);

}  // namespace mcpgate::sqlite
