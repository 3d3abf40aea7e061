#include "cli/key_words.h"

#include "cli/help_text.h"
#include "cli/key_life.h"
#include "cli/key_revoke.h"

namespace mcpgate::hosts {
namespace {

// A list that stands in one option a value.
CLI::Option* AddList(CLI::App* app, const char* name, std::vector<std::string>& list, const char* about,
                     const char* type) {
  return app->add_option(name, list, about)->type_name(type)->allow_extra_args(false);
}

CLI::Validator IsRole() {
  return CLI::IsMember({"reader", "writer", "manager", "moderator", "admin", "read", "write"});
}

void DeclareWish(CLI::App* app, KeyWish& wish) {
  app->add_option("--name", wish.name, "What you call it")->required()->type_name("NAME");
  DeclareRights(app, wish);
  AddList(app, "--allow-tool", wish.allow_tools, "A tool beyond the role; repeatable", "PATTERN");
  AddList(app, "--deny-tool", wish.deny_tools, "A tool taken away; repeatable", "PATTERN");
  AddList(app, "--resource", wish.resources, "Another resource it may touch; repeatable", "PATTERN");
  AddList(app, "--network", wish.networks, "Where it may be shown from, 203.0.113.0/24; repeatable", "CIDR");
  app->add_option("--tenant", wish.tenant, "Whom it belongs to")->capture_default_str()->type_name("TENANT");
  app->add_option("--principal", wish.principal, "Whose it is, an existing principal of the tenant")
      ->type_name("ID");
  app->add_option("--metadata", wish.metadata, "A JSON object that is kept with it")->type_name("JSON");
}

void DeclareCreate(CLI::App& keys, Choice& choice) {
  CLI::App* app = Subcommand(keys, "create", kAboutKeysCreate, kMoreKeysCreate);
  CreateKeyOptions& options = Command<CreateKeyOptions>(app, choice, CreateKey);
  DeclareWish(app, options.wish);
  app->add_option("--key-file", options.key_file, "Write the token into this new file, mode 0600")
      ->type_name("PATH");
}

void DeclareImport(CLI::App& keys, Choice& choice) {
  CLI::App* app = Subcommand(keys, "import", "Takes over a key of another store", kMoreKeysImport);
  ImportKeyOptions& options = Command<ImportKeyOptions>(app, choice, ImportKey);
  DeclareWish(app, options.wish);
  app->add_option("--token-file", options.token_file, "File (mode 0600) that holds the whole key")
      ->type_name("PATH");
  app->add_option("--sha256", options.sha256, "Or the SHA-256 of the whole key")->type_name("HEX");
}

void DeclareList(CLI::App& keys, Choice& choice) {
  CLI::App* list = Subcommand(keys, "list", "Lists keys", "");
  ListKeysOptions& options = Command<ListKeysOptions>(list, choice, ListKeys);
  list->add_flag("--all", options.all, "Expired and revoked ones too");

  CLI::App* expiring = Subcommand(keys, "expiring", "Lists the live keys that end soon", "");
  ExpiringOptions& soon = Command<ExpiringOptions>(expiring, choice, ShowExpiring);
  expiring->add_option("--within", soon.within, "How soon")->capture_default_str()->type_name("TIME");
}

void DeclareOne(CLI::App& keys, Choice& choice, const char* name, const char* about, const char* more,
                int (*run)(const Console&, const OneKeyOptions&)) {
  CLI::App* app = Subcommand(keys, name, about, more);
  OneKeyOptions& options = Command<OneKeyOptions>(app, choice, run);
  app->add_option("id", options.id, "The key's id")->required()->type_name("ID");
}

void DeclareUpdate(CLI::App& keys, Choice& choice) {
  CLI::App* app = Subcommand(keys, "update", "Changes what a key is called and may do", kMoreKeysUpdate);
  UpdateKeyOptions& options = Command<UpdateKeyOptions>(app, choice, UpdateKey);
  app->add_option("id", options.id, "The key's id")->required()->type_name("ID");
  app->add_option("--name", options.name, "What you call it")->type_name("NAME");
  app->add_option("--role", options.role, "reader, writer, manager, moderator or admin")
      ->check(IsRole())
      ->type_name("ROLE");
  app->add_option("--expires", options.expires, "From now; earlier than it would, never later")
      ->type_name("TIME");
  AddList(app, "--channel", options.channels, "Channels and resources it may touch from now on; repeatable",
          "ID");
  AddList(app, "--resource", options.resources, "The same, for other resources; repeatable", "PATTERN");
  AddList(app, "--allow-tool", options.allow_tools, "Tools beyond the role from now on; repeatable",
          "PATTERN");
  AddList(app, "--deny-tool", options.deny_tools, "Tools taken away from now on; repeatable", "PATTERN");
  AddList(app, "--network", options.networks, "Where it may be shown from, from now on; repeatable", "CIDR");
  app->add_flag("--any-network", options.any_network, "From anywhere");
  app->add_option("--metadata", options.metadata, "A JSON object that is kept with it")->type_name("JSON");
  app->parse_complete_callback([app, &options] {
    options.tools_given = app->count("--allow-tool") + app->count("--deny-tool") != 0;
    options.reach_given = app->count("--channel") + app->count("--resource") != 0;
  });
}

void DeclareRotate(CLI::App& keys, Choice& choice) {
  CLI::App* app =
      Subcommand(keys, "rotate", "Gives a key a new secret; the old one works for a while", kMoreKeysRotate);
  RotateKeyOptions& options = Command<RotateKeyOptions>(app, choice, RotateKey);
  app->add_option("id", options.id, "The key's id")->required()->type_name("ID");
  app->add_option("--overlap", options.overlap, "How long both work; 0: the old one ends now")
      ->capture_default_str()
      ->type_name("TIME");
  app->add_option("--key-file", options.key_file, "Write the token into this new file, mode 0600")
      ->type_name("PATH");
}

void DeclareRevoke(CLI::App& keys, Choice& choice) {
  CLI::App* app = Subcommand(keys, "revoke", "Ends a key, or several, at once and for good", kMoreKeysRevoke);
  RevokeOptions& options = Command<RevokeOptions>(app, choice, RevokeKeys);
  app->add_option("id", options.id, "The key's id")->type_name("ID");
  app->add_flag("--only-this", options.only_this, "Of a key being rotated: this secret alone");
  app->add_option("--tenant", options.tenant, "All of this tenant")->type_name("TENANT");
  app->add_option("--principal", options.principal, "All of this principal; with --tenant")->type_name("ID");
  app->add_option("--parent", options.parent, "All sessions minted from this family")->type_name("ID");
  app->add_option("--name", options.name, "All that are called so")->type_name("PATTERN");
  app->add_option("--unused-for", options.unused_for, "All that were not used for so long")
      ->type_name("TIME");
  app->add_option("--older-than", options.older_than, "All made so long ago")->type_name("TIME");
  app->add_flag("--dry-run", options.dry_run, "Show which, change nothing");
}

}  // namespace

void DeclareRights(CLI::App* app, KeyWish& wish) {
  app->add_option("--role", wish.role, "reader, writer, manager, moderator or admin")
      ->capture_default_str()
      ->check(IsRole())
      ->type_name("ROLE");
  AddList(app, "--channel", wish.channels, "A Discord channel it may touch, or '*'; repeatable", "ID");
  app->add_option("--expires", wish.expires, "30d, 12h, ... or never")
      ->capture_default_str()
      ->type_name("TIME");
}

void DeclareKeys(CLI::App& root, Choice& choice) {
  CLI::App& keys = Group(root, "keys", "Make, show, change, rotate and revoke API keys");
  DeclareCreate(keys, choice);
  DeclareList(keys, choice);
  DeclareOne(keys, choice, "show", "Shows everything about one key but its secret", "", ShowKey);
  DeclareUpdate(keys, choice);
  DeclareOne(keys, choice, "disable", "Refuses a key until it is enabled", "", DisableKey);
  DeclareOne(keys, choice, "enable", "Accepts a disabled key again", "", EnableKey);
  DeclareRotate(keys, choice);
  DeclareOne(keys, choice, "finish", "Ends the old secret of a rotated key now", kMoreKeysRotate, FinishKey);
  DeclareOne(keys, choice, "undo", "Takes a rotation back: revokes the new secret", kMoreKeysRotate, UndoKey);
  DeclareRevoke(keys, choice);
  DeclareImport(keys, choice);
}

}  // namespace mcpgate::hosts
