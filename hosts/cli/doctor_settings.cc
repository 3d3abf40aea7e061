#include "cli/doctor_settings.h"

#include <fmt/format.h>

#include <optional>

#include "cli/run_program.h"
#include "cli/web.h"
#include "common/program_path.h"
#include "common/weak_secret.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {
namespace {

constexpr char kSettings[] = "http_settings";
constexpr char kLimits[] = "limits";
constexpr char kListening[] = "http_listening";

// The member, or an object without members.
Json ObjectOf(const Json& value, std::string_view name) {
  const Json* found = FindObject(value, name);
  return found == nullptr ? Json::object() : *found;
}

Finding CheckLimits(const Json& settings) {
  const Json limits = ObjectOf(settings, "limits");
  std::string text;
  for (const auto& item : limits.items()) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", item.key(), StringOr(limits, item.key(), ""));
  }
  for (const auto& [name, todo] : {
           std::pair("posting", "without it an agent in a loop posts as fast as Discord lets it"),
           std::pair("per-key", "without it one key can make as many calls as it likes"),
           std::pair("burst", "without it one key can keep all others waiting"),
           std::pair("failures", "without it keys can be guessed as fast as the network goes"),
       }) {
    if (limits.contains(name)) continue;
    return Warning(kLimits, fmt::format("the limit '{}' is off", name), todo);
  }
  return Ok(kLimits, text);
}

// The names of the checks that readiness fails for.
std::string NotReady(const WebAnswer& answer) {
  std::string text;
  const Json report = ParseJson(answer.body).value_or(Json());
  const Json checks = ObjectOf(report, "checks");
  for (const auto& [name, check] : checks.items()) {
    if (BoolOr(check, "ok", true)) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", name, StringOr(check, "note", ""));
  }
  return text;
}

Finding CheckListening(const std::string& origin) {
  const absl::StatusOr<WebAnswer> answer =
      AskWeb({.url = origin + "/readyz"}, {.timeout = std::chrono::seconds(3)});
  if (absl::IsFailedPrecondition(answer.status())) {
    return Skipped(kListening,
                   fmt::format("{} speaks TLS for another name; mcpgate selftest URL asks by it", origin));
  }
  if (!answer.ok()) return Skipped(kListening, fmt::format("nothing answers at {}", origin));
  if (answer->status == 200) return Ok(kListening, fmt::format("{} is ready", origin));
  if (answer->status == 503) {
    return Failed(kListening, fmt::format("{} is not ready: {}", origin, NotReady(*answer)),
                  "its log says more; it recovers by itself when the cause is gone");
  }
  return Warning(kListening, fmt::format("{} answers {}, and is no mcpgate-http", origin, answer->status),
                 "see who listens there: ss -ltnp; choose another place with --listen");
}

// The line that says what is wrong, without the program's name.
std::string FirstLine(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  constexpr std::string_view kName = "mcpgate-http: ";
  return text.starts_with(kName) ? text.substr(kName.size()) : text;
}

}  // namespace

Finding CheckEnvironment() {
  constexpr char kCheck[] = "environment";
  const std::vector<std::string> weak = WeakVariables();
  if (weak.empty()) return Ok(kCheck, "no variable holds a secret that everybody knows");
  return Failed(
      kCheck, fmt::format("{} holds a placeholder or a word that is tried first", weak.front()),
      "put the real secret into a file of mode 0600 and name it with the variable that ends in _FILE");
}

std::vector<Finding> CheckHttp(const std::string& config, const std::string& directory) {
  const absl::StatusOr<std::string> program = FindProgram("mcpgate-http");
  if (!program.ok()) return {Skipped(kSettings, "mcpgate-http is not installed")};
  std::vector<std::string> words = {*program, "--check", "--json", "--data", directory};
  if (!config.empty()) words.insert(words.end(), {"--config", config});
  const absl::StatusOr<ProgramEnd> end = RunProgram(std::move(words));
  if (!end.ok()) return {Failed(kSettings, end.status())};
  if (end->code != 0) {
    return {Failed(kSettings, FirstLine(end->err), "mcpgate-http --check says the same while you change it")};
  }
  const Json settings = ParseJson(end->out).value_or(Json());
  const std::string origin = StringOr(settings, "origin", "");
  return {
      Ok(kSettings, fmt::format("{}{}", config.empty() ? "" : config + ": ", StringOr(settings, "url", ""))),
      CheckLimits(settings), CheckListening(origin)};
}

}  // namespace mcpgate::hosts
