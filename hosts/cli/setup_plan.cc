#include "cli/setup_plan.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/server_url.h"
#include "common/data_directory.h"
#include "common/program_path.h"

namespace mcpgate::hosts {
namespace {

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

absl::Status CheckStdio(const SetupOptions& options, const ClientFacts& client) {
  if (client.client == Client::kHttp) {
    return absl::InvalidArgumentError("which server? pass --url, for example http://127.0.0.1:8808/mcp");
  }
  if (options.inline_key) {
    return absl::InvalidArgumentError("--inline-key is for --url; mcpgate-stdio reads the key's file");
  }
  if (options.sandbox || !options.discord_token_file.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} starts the server without your environment, so it needs the bot token's file; pass "
                  "--discord-token-file PATH, or --sandbox to try it without Discord",
                  client.title));
}

absl::Status CheckHttp(const SetupOptions& options, const ClientFacts& client, const ServerUrl& url) {
  if (options.sandbox || !options.discord_token_file.empty() || !options.program.empty()) {
    return absl::InvalidArgumentError(
        "--sandbox, --discord-token-file and --program are for a server that the client starts; leave them "
        "away "
        "with --url");
  }
  if (!url.secure && !url.loopback && !options.insecure) {
    return absl::InvalidArgumentError(fmt::format(
        "anybody on the way to {} could read the key; give the server TLS and write https, or say --insecure "
        "when the way is safe",
        url.origin));
  }
  if (client.key_path == KeyPath::kBridge && options.inline_key) {
    return absl::InvalidArgumentError(
        fmt::format("{} has no place for a header; without --inline-key mcp-remote stands between and reads "
                    "it from a file",
                    client.title));
  }
  if (options.inline_key && options.project) {
    return absl::InvalidArgumentError(
        "a project's configuration is shared with everybody who has the project; leave --inline-key away");
  }
  return absl::OkStatus();
}

absl::StatusOr<StdioEntry> StdioOf(const SetupOptions& options, const SetupPlan& plan) {
  absl::StatusOr<std::string> program =
      options.program.empty() ? FindProgram("mcpgate-stdio") : Absolute(options.program);
  if (!program.ok()) return program.status();
  StdioEntry entry{.command = *std::move(program),
                   .arguments = {"--data", plan.data},
                   .environment = {{"MCPGATE_API_KEY_FILE", plan.key_file}}};
  if (options.sandbox) entry.arguments.push_back("--sandbox");
  if (!options.discord_token_file.empty()) {
    entry.environment.emplace_back("MCPGATE_DISCORD_TOKEN_FILE", Absolute(options.discord_token_file));
  }
  return entry;
}

HttpEntry HttpOf(const SetupOptions& options, const SetupPlan& plan) {
  return {.url = options.url, .key_file = plan.key_file, .header_file = plan.header_file};
}

absl::Status PlanHttp(const SetupOptions& options, SetupPlan& plan) {
  absl::StatusOr<ServerUrl> url = ParseServerUrl(options.url);
  if (!url.ok()) return url.status();
  if (absl::Status status = CheckHttp(options, plan.client, *url); !status.ok()) return status;
  plan.remote_keys = !url->loopback;
  if (plan.client.key_path == KeyPath::kBridge) plan.header_file = plan.key_file + ".header";
  plan.entry.value = EntryJson(plan.client, HttpOf(options, plan));
  if (!url->secure && !url->loopback && plan.client.key_path == KeyPath::kBridge) {
    plan.entry.value["args"].push_back("--allow-http");
  }
  if (plan.client.key_path == KeyPath::kPrompt && !options.inline_key) plan.entry.prompt = PromptInput();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SetupConfigPath(const SetupOptions& options) {
  if (!options.config.empty()) return Absolute(options.config);
  const ClientFacts& client = FactsOf(options.client);
  const std::string path =
      ClientConfigPath(client.client, options.project ? ClientScope::kProject : ClientScope::kUser);
  if (!path.empty()) return Absolute(path);
  if (options.project) {
    return absl::FailedPreconditionError(fmt::format("{} has no configuration for a project", client.title));
  }
  return absl::FailedPreconditionError(
      client.client == Client::kHttp
          ? "which file? name the client's with --config PATH, or see what to put into it with --print"
          : "HOME is not set; name the file with --config PATH");
}

absl::StatusOr<SetupPlan> PlanSetup(const SetupOptions& options) {
  SetupPlan plan{.client = FactsOf(options.client)};
  absl::StatusOr<std::string> config = SetupConfigPath(options);
  if (config.ok()) plan.config = *std::move(config);
  if (!config.ok() && !options.print) return config.status();
  absl::StatusOr<std::string> data = DataDirectory(options.data);
  if (!data.ok()) return data.status();
  plan.data = *std::move(data);
  plan.key_file = options.key_file.empty()
                      ? fmt::format("{}/keys/{}-{}.key", plan.data, plan.client.name, options.server_name)
                      : Absolute(options.key_file);
  plan.entry = {.servers = plan.client.servers, .name = options.server_name, .dialect = plan.client.dialect};
  if (!options.url.empty()) {
    if (absl::Status status = PlanHttp(options, plan); !status.ok()) return status;
    return plan;
  }
  if (absl::Status status = CheckStdio(options, plan.client); !status.ok()) return status;
  absl::StatusOr<StdioEntry> stdio = StdioOf(options, plan);
  if (!stdio.ok()) return stdio.status();
  plan.entry.value = EntryJson(plan.client, *stdio);
  return plan;
}

void InlineKey(const Secret& key, const SetupOptions& options, SetupPlan& plan) {
  HttpEntry entry = HttpOf(options, plan);
  entry.inline_key = RevealSecret(key);
  plan.entry.value = EntryJson(plan.client, entry);
}

}  // namespace mcpgate::hosts
