#include "cli/token.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "cli/key_view.h"
#include "cli/recorded.h"
#include "common/client_kind.h"
#include "common/data_directory.h"
#include "common/program_path.h"
#include "common/time_text.h"
#include "mcpgate/token_files.h"

namespace mcpgate::hosts {
namespace {

const TenantScope& Operator() {
  static const TenantScope scope = TenantScope::Operator();
  return scope;
}

// The key itself, or the only live one of the principal.
absl::StatusOr<KeyRecord> ParentOf(Keyring& keyring, const CreateTokenOptions& options) {
  if (options.key.empty() == options.principal.empty())
    return absl::InvalidArgumentError("name the key by --key, or its owner by --principal");
  if (!options.key.empty()) {
    const absl::StatusOr<KeyInfo> info = keyring.admin().Show(Operator(), KeyIdOf(options.key));
    if (!info.ok()) return info.status();
    return info->record;
  }
  if (const auto holder = keyring.people().ShowHolder(Operator(), options.tenant, options.principal);
      !holder.ok())
    return holder.status();
  std::optional<KeyRecord> parent;
  KeyQuery query{.tenant = options.tenant, .principal = options.principal};
  do {
    const absl::StatusOr<KeyPage> page = keyring.admin().List(Operator(), query);
    if (!page.ok()) return page.status();
    for (const KeyInfo& info : page->keys) {
      const KeyRecord& record = info.record;
      if (info.state != KeyInfo::State::kLive || record.kind != KeyKind::kKey || record.retires_at != 0)
        continue;
      if (parent) return absl::FailedPreconditionError("the principal has several keys; name one by --key");
      parent = record;
    }
    query.after = page->next;
  } while (!query.after.empty());
  if (parent) return *std::move(parent);
  return absl::FailedPreconditionError(
      "the principal has no live key; make one: mcpgate keys create --principal ...");
}

absl::StatusOr<SessionRequest> RequestOf(const CreateTokenOptions& options, const KeyRecord& parent) {
  const absl::StatusOr<Nanos> lifetime = ParseDuration(options.lifetime);
  if (!lifetime.ok())
    return absl::InvalidArgumentError("--lifetime: " + std::string(lifetime.status().message()));
  SessionRequest request{.parent = parent.id, .name = options.client, .lifetime = *lifetime};
  if (options.role.empty()) return request;
  request.grants = parent.grants;
  request.grants->role = ParseRole(options.role).value_or(Role::kReader);
  return request;
}

// The entry of a client that starts the server, or reaches it: it says where the token is and does not hold
// it.
absl::StatusOr<Json> EntryOf(const CreateTokenOptions& options, const ClientFacts& client,
                             const std::string& directory, const std::string& path) {
  if (!options.url.empty()) {
    if (client.key_path == KeyPath::kBridge)
      return absl::InvalidArgumentError(fmt::format(
          "{} reaches a URL over a bridge; use: mcpgate setup {} --url", client.title, client.name));
    return EntryJson(client, HttpEntry{.url = options.url, .key_file = path});
  }
  absl::StatusOr<std::string> program = FindProgram("mcpgate-stdio");
  if (!program.ok()) return program.status();
  StdioEntry entry{.command = *std::move(program),
                   .arguments = {"--data", directory},
                   .environment = {{"MCPGATE_API_KEY_FILE", path}}};
  if (options.sandbox) entry.arguments.push_back("--sandbox");
  if (!options.discord_token_file.empty())
    entry.environment.emplace_back("MCPGATE_DISCORD_TOKEN_FILE", options.discord_token_file);
  return EntryJson(client, entry);
}

const ClientFacts* FindClient(const std::string& name) {
  for (const ClientFacts& client : ClientsKnown()) {
    if (name == client.name) return &client;
  }
  return nullptr;
}

void ShowMade(const Console& console, const ClientFacts& client, const ProvisionedToken& token,
              const Json& entry) {
  const Json snippet = {{client.servers, {{"mcpgate-" + token.name, entry}}}};
  const KeyInfo info{.record = token.session.record};
  if (console.json())
    return console.Document({{"session", KeyJson(info)}, {"token_file", token.path}, {"config", snippet}});
  console.Text(fmt::format("Made session {} for {}: {}.\nIts token is in {}.\n\n{}\n\n",
                           token.session.record.id, client.title, KeyRights(token.session.record), token.path,
                           PrettyJson(snippet)));
  console.Text(fmt::format("End it: mcpgate keys revoke {}\n", token.session.record.id));
}

}  // namespace

int CreateToken(const Console& console, const CreateTokenOptions& options) {
  const ClientFacts* const client = FindClient(options.client);
  if (client == nullptr)
    return console.Fail("--client: there is no such client", "mcpgate setup --help", kUsage);
  absl::StatusOr<std::string> directory = DataDirectory(options.data);
  if (!directory.ok()) return console.Fail(directory.status());
  absl::StatusOr<Json> entry = EntryOf(options, *client, *directory, "");
  if (!entry.ok()) return console.Fail(entry.status());  // before anything is made
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  const absl::StatusOr<KeyRecord> parent = ParentOf(*store->keyring, options);
  if (!parent.ok()) return console.Fail(parent.status());
  const absl::StatusOr<SessionRequest> request = RequestOf(options, *parent);
  if (!request.ok()) return console.Fail(request.status(), "mcpgate token create --help", kUsage);
  const absl::StatusOr<std::unique_ptr<TokenFiles>> files =
      TokenFiles::New({.directory = *directory + "/mcp-tokens", .admin = &store->keyring->admin()});
  if (!files.ok()) return console.Fail(files.status());
  const absl::StatusOr<ProvisionedToken> token = Recorded(
      console, *store, "tokens.create", parent->id,
      {{"client", client->name}, {"lifetime", options.lifetime}},
      [&] { return (*files)->Provision(Operator(), *request, client->name); },
      [](const ProvisionedToken& made) { return made.session.record.id; });
  if (!token.ok()) return console.Fail(token.status());
  entry = EntryOf(options, *client, *directory, token->path);
  if (!entry.ok()) return console.Fail(entry.status());
  ShowMade(console, *client, *token, *entry);
  return kDone;
}

}  // namespace mcpgate::hosts
