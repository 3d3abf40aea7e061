// What a forger does to a trail.
#pragma once

#include <sqlite3.h>

#include <string>

namespace mcpgate::testing {

/// Whether `sql` changed something in the trail of the data directory.
inline bool EditTrail(const std::string& data, const char* sql) {
  sqlite3* database = nullptr;
  const bool done = sqlite3_open((data + "/audit.db").c_str(), &database) == SQLITE_OK &&
                    sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK &&
                    sqlite3_changes(database) > 0;
  sqlite3_close(database);
  return done;
}

}  // namespace mcpgate::testing
