#include "cli/audit_proof.h"

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string_view>

#include "cli/audit_view.h"
#include "common/file_write.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kWriteAtOnce = 64u << 10;

absl::Status Export(AuditTrail& trail, const TenantScope& scope, const AuditQuery& query, int fd,
                    const std::string& name) {
  std::string waiting;
  absl::Status status = trail.Export(scope, query, [&](std::string_view line) {
    waiting.append(line).append(1, '\n');
    if (waiting.size() < kWriteAtOnce) return absl::OkStatus();
    absl::Status written = WriteAll(fd, waiting, name);
    waiting.clear();
    return written;
  });
  return status.ok() ? WriteAll(fd, waiting, name) : status;
}

}  // namespace

int PrintCheckpoint(const Console& console, const ProofOptions& options) {
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = OpenTrail(options.data);
  if (!storage.ok()) return console.Fail(storage.status());
  const absl::StatusOr<std::string> note = (*storage)->trail()->Checkpoint();
  if (!note.ok()) return console.Fail(note.status(), "Find out more with: mcpgate audit verify");
  if (console.json()) {
    console.Document({{"checkpoint", *note}, {"verifier", (*storage)->trail()->VerifierKey()}});
  } else {
    console.Text(*note);
  }
  return kDone;
}

int PrintAuditKey(const Console& console, const ProofOptions& options) {
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = OpenTrail(options.data);
  if (!storage.ok()) return console.Fail(storage.status());
  const std::string key = (*storage)->trail()->VerifierKey();
  if (console.json()) {
    console.Document({{"verifier", key}});
  } else {
    console.Text(key + "\n");
  }
  return kDone;
}

int ExportAudit(const Console& console, const ExportAuditOptions& options) {
  const absl::StatusOr<AuditQuery> query = QueryOf(options.filter);
  if (!query.ok()) return console.Fail(query.status(), "", kUsage);
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = OpenTrail(options.data);
  if (!storage.ok()) return console.Fail(storage.status());
  const bool to_file = !options.out.empty();
  const FileDescriptor file(to_file ? open(options.out.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
                                    : dup(STDOUT_FILENO));
  const std::string name = to_file ? options.out : "standard output";
  if (file.get() < 0) return console.Fail(name + " cannot be made; an export replaces no file");
  absl::Status status = Export(*(*storage)->trail(), TenantScope::Operator(), *query, file.get(), name);
  return status.ok() ? kDone : console.Fail(status);
}

}  // namespace mcpgate::hosts
