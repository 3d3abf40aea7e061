#include "cli/doctor.h"

#include <iterator>
#include <utility>
#include <vector>

#include "cli/doctor_files.h"
#include "cli/doctor_settings.h"
#include "cli/doctor_store.h"
#include "cli/findings.h"
#include "common/data_directory.h"
#include "mcpgate/version.h"

namespace mcpgate::hosts {
namespace {

void Append(std::vector<Finding>& findings, std::vector<Finding> more) {
  findings.insert(findings.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool HasFailed(const Finding& finding) { return finding.grade == Grade::kFailure; }

// Each looks at what those before it found whole.
void CheckData(const DoctorOptions& options, const std::string& directory, std::vector<Finding>& findings) {
  findings.push_back(CheckDirectory(directory));
  if (HasFailed(findings.back())) return;
  findings.push_back(CheckFileSystem(directory));
  findings.push_back(CheckFreeDisk(directory));
  findings.push_back(CheckFileModes(directory));
  findings.push_back(CheckLocks(directory));
  if (HasFailed(findings.back())) return;
  if (!options.quick) Append(findings, CheckDatabases(directory));
  findings.push_back(CheckRootKey(directory));
  if (HasFailed(findings.back())) return;
  Append(findings, CheckStore(directory, options.quick));
}

}  // namespace

int RunDoctor(const Console& console, const DoctorOptions& options) {
  absl::StatusOr<std::string> directory = DataDirectory(options.data);
  if (!directory.ok()) return console.Fail(directory.status());
  std::vector<Finding> findings;
  CheckData(options, *directory, findings);
  findings.push_back(CheckEnvironment());
  Append(findings, CheckHttp(options.config, *directory));
  if (options.strict) {
    for (Finding& finding : findings) {
      if (finding.grade == Grade::kWarning) finding.grade = Grade::kFailure;
    }
  }
  return ShowFindings(console, findings, {{"data", *directory}, {"version", kVersion}});
}

}  // namespace mcpgate::hosts
