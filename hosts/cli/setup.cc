#include "cli/setup.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "cli/key_view.h"
#include "cli/setup_plan.h"
#include "common/client_config.h"
#include "common/file_write.h"
#include "common/secret_source.h"
#include "mcpgate/clock.h"
#include "mcpgate/key_admin.h"

namespace mcpgate::hosts {
namespace {

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

absl::Status CheckKeyFile(const SetupPlan& plan) {
  absl::StatusOr<Secret> token = ReadSecretFile(plan.key_file);
  if (!token.ok()) return token.status();
  if (plan.remote_keys) return absl::OkStatus();
  absl::StatusOr<Store> store = OpenStore({.directory = plan.data});
  if (!store.ok()) return store.status();
  absl::StatusOr<KeyVerdict> verdict = store->keyring->Verify(*token);
  if (!verdict.ok()) return verdict.status();
  if (verdict->principal != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "the key in {} is not accepted ({}); remove the file to have a new key made, or name the data "
      "directory it was made in with --data",
      plan.key_file, KeyRefusalName(verdict->refusal)));
}

absl::StatusOr<std::string> MakeKey(const Console& console, const SetupOptions& options,
                                    const SetupPlan& plan) {
  if (plan.remote_keys) {
    return absl::FailedPreconditionError(
        fmt::format("a key of {} is made where that server runs; put it into a file of mode 0600 and name it "
                    "with --key-file",
                    options.url));
  }
  absl::StatusOr<KeyRequest> request = KeyRequestOf(options.wish);
  if (!request.ok()) return request.status();
  absl::StatusOr<Store> store = OpenStore({.directory = plan.data});
  if (!store.ok()) return store.status();
  absl::StatusOr<SecretFile> file = SecretFile::Create(plan.key_file);
  if (!file.ok()) return file.status();
  absl::StatusOr<IssuedKey> key = IssueRecorded(console, *store, *request);
  if (!key.ok()) return key.status();
  if (absl::Status status = file->Write(key->token); !status.ok()) return status;
  NoteReach(console, key->record);
  return key->record.id;
}

// The id of a key that was made for this, empty when the file was there.
absl::StatusOr<std::string> EnsureKey(const Console& console, const SetupOptions& options,
                                      const SetupPlan& plan) {
  if (!Exists(plan.key_file)) return MakeKey(console, options, plan);
  if (options.rights_given) {
    return absl::FailedPreconditionError(
        fmt::format("{} holds a key already, and a key's rights do not change; leave --role, --channel and "
                    "--expires away to use it, or name another file with --key-file",
                    plan.key_file));
  }
  if (absl::Status status = CheckKeyFile(plan); !status.ok()) return status;
  return std::string();
}

// Whatever repeats the key: a header in a file, or in the entry itself.
absl::Status PlaceKey(const SetupOptions& options, SetupPlan& plan) {
  if (plan.header_file.empty() && !options.inline_key) return absl::OkStatus();
  absl::StatusOr<Secret> key = ReadSecretFile(plan.key_file);
  if (!key.ok()) return key.status();
  if (options.inline_key) InlineKey(*key, options, plan);
  if (plan.header_file.empty()) return absl::OkStatus();
  return ReplaceFile(plan.header_file, fmt::format("Authorization: Bearer {}\n", RevealSecret(*key)));
}

int Undo(const Console& console, const SetupOptions& options) {
  absl::StatusOr<std::string> path = SetupConfigPath(options);
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

int Print(const Console& console, const SetupOptions& options, SetupPlan plan) {
  const bool has_key = Exists(plan.key_file);
  if (options.inline_key) {
    absl::StatusOr<Secret> key = ReadSecretFile(plan.key_file);
    if (!key.ok()) return console.Fail(key.status(), "without --inline-key it is shown where the key goes");
    InlineKey(*key, options, plan);
  }
  Json document = {{plan.entry.servers, {{plan.entry.name, plan.entry.value}}}};
  if (!plan.entry.prompt.is_null()) document["inputs"] = Json::array({plan.entry.prompt});
  console.Document(document);
  if (!plan.header_file.empty() && !Exists(plan.header_file)) {
    console.Note(fmt::format("{} would hold the line: Authorization: Bearer KEY", plan.header_file));
  }
  if (!has_key && !plan.remote_keys) {
    console.Note(fmt::format(
        "nothing was changed; make the key it uses: mcpgate --data '{}' keys create --name {} --role {} "
        "--key-file '{}'",
        plan.data, options.wish.name, options.wish.role, plan.key_file));
  }
  return kDone;
}

// What is left for a person to do about the key.
std::string KeyHint(const SetupOptions& options, const SetupPlan& plan) {
  if (options.url.empty() || options.inline_key) return "";
  if (plan.client.key_path == KeyPath::kVariable) {
    return fmt::format("Start {} with the key in its environment: {}=\"$(cat '{}')\".\n", plan.client.title,
                       kKeyVariable, plan.key_file);
  }
  if (plan.client.key_path == KeyPath::kPrompt) {
    return fmt::format("{} asks for the key once: paste the content of {}.\n", plan.client.title,
                       plan.key_file);
  }
  return "";
}

std::string Ending(const SetupOptions& options, const SetupPlan& plan) {
  std::string text = fmt::format("Restart {} to use it. Take it back: mcpgate setup {} --undo",
                                 plan.client.title, plan.client.name);
  if (!options.config.empty()) text += fmt::format(" --config '{}'", plan.config);
  if (options.project) text += " --project";
  return text + "\n";
}

void ShowDone(const Console& console, const SetupOptions& options, const SetupPlan& plan,
              const ConfigChange& change, const std::string& key_id) {
  if (console.json()) {
    Json json = {{"config", plan.config},
                 {"server", plan.entry.name},
                 {"replaced", change.replaced},
                 {"key_file", plan.key_file}};
    if (!change.backup.empty()) json["backup"] = change.backup;
    if (!key_id.empty()) json["key_id"] = key_id;
    if (!plan.header_file.empty()) json["header_file"] = plan.header_file;
    return console.Document(json);
  }
  console.Text(fmt::format("{} the server {} in {}.\n", change.replaced ? "Replaced" : "Added",
                           plan.entry.name, plan.config));
  if (!change.backup.empty()) console.Text(fmt::format("What was there before is {}.\n", change.backup));
  console.Text(key_id.empty() ? fmt::format("It uses the key in {}.\n", plan.key_file)
                              : fmt::format("Made key {} for it, in {}.\n", key_id, plan.key_file));
  console.Text(KeyHint(options, plan) + Ending(options, plan));
}

int Write(const Console& console, const SetupOptions& options, SetupPlan plan) {
  if (!options.discord_token_file.empty()) {
    const absl::StatusOr<Secret> token = ReadSecretFile(options.discord_token_file);
    if (!token.ok()) return console.Fail(token.status());
  }
  // A configuration that cannot be changed must not leave a key behind.
  const absl::Status extendable = CheckClientConfig(plan.config, plan.entry);
  if (!extendable.ok()) return console.Fail(extendable, "nothing was changed");
  absl::StatusOr<std::string> key_id = EnsureKey(console, options, plan);
  if (!key_id.ok()) return console.Fail(key_id.status(), "the configuration was not changed");
  const absl::Status placed = PlaceKey(options, plan);
  if (!placed.ok()) return console.Fail(placed, "the configuration was not changed");
  absl::StatusOr<ConfigChange> change = AddClientEntry(plan.config, plan.entry, Clock::System().Now());
  if (!change.ok()) return console.Fail(change.status(), "the configuration was not changed");
  ShowDone(console, options, plan, *change, *key_id);
  return kDone;
}

}  // namespace

int SetupClient(const Console& console, const SetupOptions& options) {
  if (options.undo) return Undo(console, options);
  absl::StatusOr<SetupPlan> plan = PlanSetup(options);
  if (!plan.ok()) {
    const bool usage = absl::IsInvalidArgument(plan.status());
    return console.Fail(plan.status(), "", usage ? kUsage : kFailed);
  }
  return options.print ? Print(console, options, *std::move(plan))
                       : Write(console, options, *std::move(plan));
}

}  // namespace mcpgate::hosts
