#include "cli/selftest.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "cli/findings.h"
#include "cli/selftest_client.h"
#include "cli/server_url.h"
#include "common/secret_source.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

// Of the form of a key, with an id and a check sum that none has.
constexpr char kNoKey[] = "mcpg_k_selftestnone_000000000000000000000000000000000000000";
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kTooMany = 429;
constexpr std::int64_t kNoGoodKey = 40101;

// How long it took, as people say it.
std::string Took(const WebAnswer& answer) {
  return fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(answer.took).count());
}

Finding CheckTransport(const ServerUrl& server) {
  constexpr char kCheck[] = "transport";
  if (server.secure) return Ok(kCheck, "TLS 1.2 or newer, the certificate holds for this name");
  if (server.loopback) return Ok(kCheck, "plain HTTP, within this machine");
  return Warning(kCheck, "plain HTTP: anybody on the way can read the keys",
                 "give mcpgate-http --tls-cert and --tls-key, or put a proxy with TLS before it");
}

Finding CheckHealth(const SelftestClient& client, const std::string& check, const std::string& path) {
  const absl::StatusOr<WebAnswer> answer = client.Get(path);
  if (!answer.ok()) {
    return Failed(
        check, answer.status(),
        absl::IsFailedPrecondition(answer.status())
            ? "name the certificate's issuer with --ca-file PATH, and the server as the certificate does"
            : "is mcpgate-http running, and is this its place?");
  }
  if (answer->status == 200) return Ok(check, fmt::format("200 in {}", Took(*answer)));
  return Failed(check, fmt::format("{}: {}", answer->status, answer->body.substr(0, 300)),
                "mcpgate doctor, where the server runs, says more");
}

Finding CheckMetrics(const SelftestClient& client) {
  constexpr char kCheck[] = "metrics";
  const absl::StatusOr<WebAnswer> answer = client.Get("/metrics");
  if (!answer.ok()) return Failed(kCheck, answer.status());
  if (answer->status == kForbidden) return Ok(kCheck, "closed to this address");
  if (answer->status != 200) return Skipped(kCheck, fmt::format("{} answers {}", "/metrics", answer->status));
  if (client.server().loopback) return Ok(kCheck, fmt::format("{} bytes", answer->body.size()));
  return Warning(kCheck, "open to whoever asks",
                 "serve without --metrics-open, or let a proxy pass on /mcp alone");
}

// A request that must be refused before it does anything.
Finding CheckRefused(const std::string& check, const absl::StatusOr<McpAnswer>& answer, int status,
                     std::int64_t code) {
  if (!answer.ok()) return Failed(check, answer.status());
  const bool refused = answer->web.status == status && (code == 0 || answer->error_code() == code);
  if (refused) return Ok(check, answer->summary());
  return Failed(check, fmt::format("{} instead of {}", answer->summary(), status),
                "what answers at this URL does not guard it; is it mcpgate-http?");
}

Finding CheckAnswered(const std::string& check, const absl::StatusOr<McpAnswer>& answer,
                      std::string (*what)(const Json& result)) {
  if (!answer.ok()) return Failed(check, answer.status());
  const Json* result = answer->result();
  if (answer->web.status == 200 && result != nullptr) {
    return Ok(check, fmt::format("{} in {}", what(*result), Took(answer->web)));
  }
  const char* todo = "mcpgate audit tail, where the server runs, has the reason";
  if (answer->web.status == kForbidden)
    todo = "allow the name that this URL uses: mcpgate-http --allow-host NAME";
  return Failed(check, answer->summary(), todo);
}

std::string InitializeText(const Json& result) { return StringOr(result, "protocolVersion", "no version"); }

std::string DiscoverText(const Json& result) {
  const Json* versions = FindArray(result, "supportedVersions");
  return fmt::format("{} versions", versions == nullptr ? 0 : versions->size());
}

std::string ListText(const Json& result) {
  const Json* tools = FindArray(result, "tools");
  return fmt::format("{} tools", tools == nullptr ? 0 : tools->size());
}

const Json* FindTool(const Json& result, const std::string& name) {
  const Json* tools = FindArray(result, "tools");
  if (tools == nullptr) return nullptr;
  const auto found = std::find_if(tools->begin(), tools->end(),
                                  [&](const Json& tool) { return StringOr(tool, "name", "") == name; });
  return found == tools->end() ? nullptr : &*found;
}

Finding CheckCall(const SelftestClient& client, const Secret& key, const std::string& name,
                  const Json& list) {
  constexpr char kCheck[] = "call";
  const Json* tool = FindTool(list, name);
  if (tool == nullptr) return Skipped(kCheck, fmt::format("this key sees no tool {}", name));
  const Json* annotations = FindObject(*tool, "annotations");
  if (annotations == nullptr || !BoolOr(*annotations, "readOnlyHint", false)) {
    return Failed(kCheck, fmt::format("{} is not read-only and was not called", name),
                  "name one that is with --tool NAME");
  }
  const absl::StatusOr<McpAnswer> answer = client.Ask(key, "tools/call", name);
  if (answer.ok() && answer->result() != nullptr && BoolOr(*answer->result(), "isError", false)) {
    return Failed(kCheck, fmt::format("{} failed: {}", name, DumpJson(*answer->result()).substr(0, 300)), "");
  }
  return CheckAnswered(kCheck, answer, [](const Json&) { return std::string("answered"); });
}

Finding CheckLimitHeaders(const McpAnswer& answer, int asked) {
  constexpr char kCheck[] = "rate_limit";
  std::string missing;
  for (const char* name : {"Retry-After", "RateLimit", "RateLimit-Policy"}) {
    if (!answer.web.Find(name)) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", name);
  }
  if (!missing.empty())
    return Failed(kCheck, fmt::format("429 without {}", missing), "does a proxy take them away?");
  return Ok(kCheck, fmt::format("429 after {} wrong keys, {}, retry after {} s", asked,
                                *answer.web.Find("RateLimit-Policy"), *answer.web.Find("Retry-After")));
}

Finding CheckLimits(const SelftestClient& client, bool wanted) {
  constexpr char kCheck[] = "rate_limit";
  constexpr int kMost = 200;
  if (!wanted) return Skipped(kCheck, "--limits asks until a limit answers; this address then waits");
  for (int asked = 1; asked <= kMost; ++asked) {
    const absl::StatusOr<McpAnswer> answer = client.Ask(Secret(std::string_view(kNoKey)), "tools/list");
    if (!answer.ok()) return Failed(kCheck, answer.status());
    if (answer->web.status == kTooMany) return CheckLimitHeaders(*answer, asked - 1);
  }
  return Failed(kCheck, fmt::format("{} wrong keys in a row and no limit", kMost),
                "serve with --failure-limit, as mcpgate-http ships it");
}

void CheckGuards(const SelftestClient& client, const Secret& key, std::vector<Finding>& findings) {
  findings.push_back(CheckRefused("no_key", client.Ask(Secret(), "tools/list"), kUnauthorized, kNoGoodKey));
  findings.push_back(CheckRefused("wrong_key", client.Ask(Secret(std::string_view(kNoKey)), "tools/list"),
                                  kUnauthorized, kNoGoodKey));
  findings.push_back(CheckRefused(
      "origin", client.Ask(key, "tools/list", "", {{"Origin", "https://selftest.invalid"}}), kForbidden, 0));
}

void CheckProtocol(const SelftestClient& client, const Secret& key, const std::string& tool,
                   std::vector<Finding>& findings) {
  if (key.empty()) {
    findings.push_back(Skipped("protocol", "no key; name its file with --key-file PATH"));
    return;
  }
  findings.push_back(CheckAnswered("initialize", client.Initialize(key), InitializeText));
  findings.push_back(CheckAnswered("discover", client.Ask(key, "server/discover"), DiscoverText));
  const absl::StatusOr<McpAnswer> list = client.Ask(key, "tools/list");
  findings.push_back(CheckAnswered("tools_list", list, ListText));
  if (list.ok() && list->result() != nullptr) {
    findings.push_back(CheckCall(client, key, tool, *list->result()));
  }
}

std::vector<Finding> RunChecks(const SelftestClient& client, const Secret& key,
                               const SelftestOptions& options) {
  std::vector<Finding> findings = {CheckHealth(client, "health", "/healthz"),
                                   CheckHealth(client, "readiness", "/readyz")};
  if (options.health || findings.front().grade == Grade::kFailure) return findings;
  findings.push_back(CheckTransport(client.server()));
  findings.push_back(CheckMetrics(client));
  CheckProtocol(client, key, options.tool, findings);
  CheckGuards(client, key, findings);
  findings.push_back(CheckLimits(client, options.limits));
  return findings;
}

}  // namespace

int RunSelftest(const Console& console, const SelftestOptions& options) {
  absl::StatusOr<ServerUrl> server = ParseServerUrl(options.url);
  if (!server.ok()) return console.Fail(server.status(), "", kUsage);
  absl::StatusOr<std::optional<Secret>> key = ReadSecret(ApiKeySource(options.key_file));
  if (!key.ok()) return console.Fail(key.status(), "", kUsage);
  const std::string url = server->text;
  const SelftestClient client(*std::move(server), {.ca_file = options.ca_file});
  const std::vector<Finding> findings = RunChecks(client, key->value_or(Secret()), options);
  return ShowFindings(console, findings, {{"url", url}});
}

}  // namespace mcpgate::hosts
