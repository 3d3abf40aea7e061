// File: cli/doctor_store.h
//
// What is in a data directory: databases, keys, the audit trail.
#pragma once

#include <string>
#include <vector>

#include "cli/findings.h"

namespace mcpgate::hosts {

/// One finding a database.
std::vector<Finding> CheckDatabases(const std::string& directory);

/// Opens the store: that it works, its keys, its trail, what the trail says of the clock, and notices that do
/// not arrive. `quick` leaves
/// out the walk over the whole trail.
std::vector<Finding> CheckStore(const std::string& directory, bool quick);

}  // namespace mcpgate::hosts
