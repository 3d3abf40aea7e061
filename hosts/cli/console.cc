#include "cli/console.h"

#include <fmt/format.h>
#include <stdio.h>

#include "common/display_width.h"

namespace mcpgate::hosts {
namespace {

// Failures show at Flush; fmt::print would throw.
void Put(FILE* file, std::string_view text) { fwrite(text.data(), 1, text.size(), file); }

}  // namespace

void Console::Document(const Json& document) const { Put(stdout, PrettyJson(document) + "\n"); }

void Console::Line(const Json& document) const {
  Put(stdout, DumpJson(document) + "\n");
  fflush(stdout);
}

void Console::Text(std::string_view text) const { Put(stdout, text); }

void Console::Note(std::string_view text) const {
  fflush(stdout);
  Put(stderr, fmt::format("note: {}\n", text));
}

int Console::Fail(std::string_view what, std::string_view todo, int code) const {
  fflush(stdout);
  if (json_) {
    Json error = {{"message", std::string(what)}};
    if (!todo.empty()) error["hint"] = std::string(todo);
    Put(stderr, DumpJson({{"error", error}}) + "\n");
    return code;
  }
  Put(stderr, fmt::format("mcpgate: {}\n", Printable(what)));
  if (!todo.empty()) Put(stderr, fmt::format("  {}\n", Printable(todo)));
  return code;
}

int Console::Fail(const absl::Status& status, std::string_view todo, int code) const {
  return Fail(std::string(status.message()), todo, code);
}

bool Console::Flush() const { return fflush(stdout) == 0 && ferror(stdout) == 0; }

}  // namespace mcpgate::hosts
