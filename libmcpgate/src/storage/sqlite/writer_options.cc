#include "storage/sqlite/writer_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace mcpgate::sqlite {
namespace {

constexpr Nanos kLongestLinger = std::chrono::milliseconds(50);
constexpr std::size_t kQueue = 65536;  // calls that wait; far more than there are threads

}  // namespace

GroupWriterOptions WriterOptions(const SqliteOptions& options, std::string_view file) {
  return {.path = fmt::format("{}/{}", options.directory, file),
          .deadline = options.deadline,
          .linger = std::clamp(options.audit_linger, Nanos(0), kLongestLinger),
          .max_queue = file == "audit.db" ? options.audit_queue : kQueue,
          .log = options.log};
}

}  // namespace mcpgate::sqlite
