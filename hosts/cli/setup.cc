#include "cli/setup.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "cli/key_view.h"
#include "cli/program_path.h"
#include "common/client_config.h"
#include "common/data_directory.h"
#include "common/secret_source.h"
#include "mcpgate/clock.h"

namespace mcpgate::hosts {
namespace {

constexpr char kRestart[] =
    "Restart Claude Desktop to use it. Take it back: mcpgate setup claude-desktop --undo\n";

// Everything the configuration will name, all of it absolute.
struct Plan {
  std::string config;
  std::string data;
  std::string key_file;
  ClientEntry entry;
};

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

absl::StatusOr<std::string> ConfigPath(const SetupOptions& options) {
  const std::string path = options.config.empty() ? ClaudeDesktopConfigPath() : Absolute(options.config);
  if (path.empty()) return absl::FailedPreconditionError("HOME is not set; name the file with --config PATH");
  return path;
}

absl::StatusOr<Plan> MakePlan(const SetupOptions& options) {
  absl::StatusOr<std::string> config = ConfigPath(options);
  if (!config.ok()) return config.status();
  absl::StatusOr<std::string> data = DataDirectory(options.data);
  if (!data.ok()) return data.status();
  absl::StatusOr<std::string> program =
      options.program.empty() ? FindProgram("mcpgate-stdio") : Absolute(options.program);
  if (!program.ok()) return program.status();

  Plan plan{*std::move(config), *std::move(data), options.key_file, {}};
  if (plan.key_file.empty())
    plan.key_file = fmt::format("{}/keys/claude-desktop-{}.key", plan.data, options.server_name);
  plan.key_file = Absolute(plan.key_file);
  plan.entry = {.name = options.server_name,
                .command = *std::move(program),
                .arguments = {"--data", plan.data},
                .environment = {{"MCPGATE_API_KEY_FILE", plan.key_file}}};
  if (options.sandbox) plan.entry.arguments.push_back("--sandbox");
  if (!options.discord_token_file.empty()) {
    plan.entry.environment.emplace_back("MCPGATE_DISCORD_TOKEN_FILE", Absolute(options.discord_token_file));
  }
  return plan;
}

absl::Status CheckKeyFile(Store& store, const std::string& path) {
  absl::StatusOr<Secret> token = ReadSecretFile(path);
  if (!token.ok()) return token.status();
  absl::StatusOr<KeyVerdict> verdict = store.keyring->Verify(*token);
  if (!verdict.ok()) return verdict.status();
  if (verdict->principal != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("the key in {} is not accepted ({}); remove the file to have a new key made", path,
                  KeyRefusalName(verdict->refusal)));
}

// The id of a key that was made for this, empty when the file was there.
absl::StatusOr<std::string> EnsureKey(const Console& console, const SetupOptions& options, const Plan& plan) {
  absl::StatusOr<Store> store = OpenStore({.directory = plan.data});
  if (!store.ok()) return store.status();
  if (std::error_code ignored; std::filesystem::exists(plan.key_file, ignored)) {
    if (options.rights_given) {
      return absl::FailedPreconditionError(
          fmt::format("{} holds a key already, and a key's rights do not change; leave --role, --channel and "
                      "--expires away to use it, or name another file with --key-file",
                      plan.key_file));
    }
    if (absl::Status status = CheckKeyFile(*store, plan.key_file); !status.ok()) return status;
    return std::string();
  }
  absl::StatusOr<KeyRequest> request = KeyRequestOf(options.wish);
  if (!request.ok()) return request.status();
  absl::StatusOr<SecretFile> file = SecretFile::Create(plan.key_file);
  if (!file.ok()) return file.status();
  absl::StatusOr<IssuedKey> key = IssueRecorded(console, *store, *request);
  if (!key.ok()) return key.status();
  if (absl::Status status = file->Write(key->token); !status.ok()) return status;
  NoteReach(console, key->record);
  return key->record.id;
}

int Undo(const Console& console, const SetupOptions& options) {
  absl::StatusOr<std::string> path = ConfigPath(options);
  if (!path.ok()) return console.Fail(path.status());
  absl::StatusOr<ConfigUndo> undo = UndoClientEntry(*path, Clock::System().Now());
  if (!undo.ok()) return console.Fail(undo.status(), "nothing was changed");
  if (console.json()) {
    console.Document({{"config", *path},
                      {"restored_from", undo->restored_from},
                      {"set_aside", undo->set_aside},
                      {"removed", undo->removed}});
    return kDone;
  }
  console.Text(undo->removed ? fmt::format("Removed {}, as there was none before.\n", *path)
                             : fmt::format("Restored {} from {}.\n", *path, undo->restored_from));
  if (!undo->set_aside.empty()) console.Text(fmt::format("What was there is now {}.\n", undo->set_aside));
  console.Text("Keys are still valid: mcpgate keys list, mcpgate keys revoke ID.\n");
  return kDone;
}

int Print(const Console& console, const SetupOptions& options, const Plan& plan) {
  console.Document({{"mcpServers", {{plan.entry.name, ClientEntryJson(plan.entry)}}}});
  std::error_code ignored;
  if (!std::filesystem::exists(plan.key_file, ignored)) {
    console.Note(fmt::format(
        "nothing was changed; make the key it names: mcpgate --data '{}' keys create --name {} --role {} "
        "--key-file '{}'",
        plan.data, options.wish.name, options.wish.role, plan.key_file));
  }
  return kDone;
}

void ShowDone(const Console& console, const Plan& plan, const ConfigChange& change,
              const std::string& key_id) {
  if (console.json()) {
    Json json = {{"config", plan.config},
                 {"server", plan.entry.name},
                 {"replaced", change.replaced},
                 {"key_file", plan.key_file}};
    if (!change.backup.empty()) json["backup"] = change.backup;
    if (!key_id.empty()) json["key_id"] = key_id;
    return console.Document(json);
  }
  console.Text(fmt::format("{} the server {} in {}.\n", change.replaced ? "Replaced" : "Added",
                           plan.entry.name, plan.config));
  if (!change.backup.empty()) console.Text(fmt::format("What was there before is {}.\n", change.backup));
  console.Text(key_id.empty() ? fmt::format("It uses the key in {}.\n", plan.key_file)
                              : fmt::format("Made key {} for it, in {}.\n", key_id, plan.key_file));
  console.Text(kRestart);
}

}  // namespace

int SetupClaudeDesktop(const Console& console, const SetupOptions& options) {
  if (options.undo) return Undo(console, options);
  if (!options.sandbox && options.discord_token_file.empty()) {
    return console.Fail(
        "Claude Desktop starts the server without your environment, so it needs the bot token's file",
        "pass --discord-token-file PATH, or --sandbox to try it without Discord", kUsage);
  }
  absl::StatusOr<Plan> plan = MakePlan(options);
  if (!plan.ok()) return console.Fail(plan.status());
  if (options.print) return Print(console, options, *plan);
  if (!options.discord_token_file.empty()) {
    const absl::StatusOr<Secret> token = ReadSecretFile(options.discord_token_file);
    if (!token.ok()) return console.Fail(token.status());
  }
  // A configuration that cannot be changed must not leave a key behind.
  const absl::Status extendable = CheckClientConfig(plan->config);
  if (!extendable.ok()) return console.Fail(extendable, "nothing was changed");
  absl::StatusOr<std::string> key_id = EnsureKey(console, options, *plan);
  if (!key_id.ok()) return console.Fail(key_id.status(), "the configuration was not changed");
  absl::StatusOr<ConfigChange> change = AddClientEntry(plan->config, plan->entry, Clock::System().Now());
  if (!change.ok()) return console.Fail(change.status(), "the configuration was not changed");
  ShowDone(console, *plan, *change, *key_id);
  return kDone;
}

}  // namespace mcpgate::hosts
