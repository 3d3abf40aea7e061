// File: storage/sqlite/writer_options.h
#pragma once

#include <string_view>

#include "mcpgate/sqlite.h"
#include "storage/sqlite/group_writer.h"

namespace mcpgate::sqlite {

/// How the writer of one file of the directory works: "gate.db", "audit.db", "tasks.db".
GroupWriterOptions WriterOptions(const SqliteOptions& options, std::string_view file);

}  // namespace mcpgate::sqlite
