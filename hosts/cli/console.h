// File: cli/console.h
//
// What the command line says, to people or to programs.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {

/// Exit codes of every command; `audit verify` has its own, see its help.
constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;

/// Console
///
/// Results go to standard output, everything else to standard error. With `--json` a result is one JSON
/// document and an error is `{"error": {"message", "hint"}}`. Not thread-safe.
class Console {
 public:
  Console(bool json, bool colour) : json_(json), colour_(colour) {}

  bool json() const { return json_; }
  bool colour() const { return colour_; }

  /// The result, for programs.
  void Document(const Json& document) const;
  /// One result of several, in a line of its own, at once.
  void Line(const Json& document) const;
  /// The result, for people.
  void Text(std::string_view text) const;
  /// A remark on standard error that changes no result.
  void Note(std::string_view text) const;
  /// What went wrong and what to do about it (may be empty). Returns `code`.
  int Fail(std::string_view what, std::string_view todo = "", int code = kFailed) const;
  int Fail(const absl::Status& status, std::string_view todo = "", int code = kFailed) const;
  /// Whether everything said so far has reached standard output.
  bool Flush() const;

 private:
  const bool json_;
  const bool colour_;
};

}  // namespace mcpgate::hosts
