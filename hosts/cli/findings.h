// File: cli/findings.h
//
// What named checks found, as a table, as JSON and as an exit code.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/console.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {

/// `kSkipped`: there was nothing to look at.
enum class Grade { kOk, kSkipped, kWarning, kFailure };

struct Finding {
  std::string check;  ///< "root_key"
  Grade grade = Grade::kOk;
  std::string note;  ///< what was seen; no secrets
  std::string todo;  ///< what to do about it; empty when nothing
};

Finding Ok(std::string check, std::string note);
Finding Skipped(std::string check, std::string note);
Finding Warning(std::string check, std::string note, std::string todo);
Finding Failed(std::string check, std::string note, std::string todo);
/// kFailure with the status's message.
Finding Failed(std::string check, const absl::Status& status, std::string todo = "");

/// Shows them and returns the exit code: kDone, or kFailed when one is a failure. `facts` are further members
/// of the JSON document: {"ok": true, "checks": [{"check", "grade", "note", "todo"}], ...}.
int ShowFindings(const Console& console, const std::vector<Finding>& findings, Json facts);

}  // namespace mcpgate::hosts
