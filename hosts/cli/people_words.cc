#include "cli/people_words.h"

#include "cli/explain.h"
#include "cli/help_text.h"
#include "cli/people.h"
#include "cli/token.h"

namespace mcpgate::hosts {
namespace {

using Run = int (*)(const Console&, const PersonOptions&);
using RunList = int (*)(const Console&, const ListPeopleOptions&);

// What tenants, teams and principals are called, and what is done with them.
struct Kind {
  const char* plural;
  const char* about;
  Run create, show, update;
  RunList list;
  bool has_tenant, is_holder;
};

void DeclareId(CLI::App* app, const Kind& kind, PersonOptions& options) {
  app->add_option("id", options.id, "Its id")->required()->type_name("ID");
  if (kind.has_tenant)
    app->add_option("--tenant", options.tenant, "Whose it is")->capture_default_str()->type_name("TENANT");
}

void DeclareFacts(CLI::App* app, const Kind& kind, PersonOptions& options) {
  app->add_option("--name", options.change.name, "What you call it")->type_name("NAME");
  if (!kind.is_holder) return;
  app->add_option("--team", options.change.team, "An existing team of the tenant, or ''")->type_name("ID");
  app->add_option("--external", options.change.external_ids, "An id elsewhere, discord:123; repeatable")
      ->type_name("ID")
      ->allow_extra_args(false);
  app->add_option_function<std::string>(
         "--issue-policy",
         [&options](const std::string& text) { options.change.issue_policy = ParseIssuePolicy(text); },
         "limit:N, replace or refuse")
      ->check([](const std::string& text) {
        return ParseIssuePolicy(text) ? "" : "takes limit:N (1 to 10000), replace or refuse";
      })
      ->type_name("POLICY");
  app->add_option("--session-limit", options.change.session_limit, "Live sessions at once")->type_name("N");
}

void DeclareVerb(CLI::App& group, Choice& choice, const Kind& kind, const char* verb, const char* about,
                 Run run, bool has_facts, std::optional<bool> disabled) {
  CLI::App* app = Subcommand(group, verb, about, kMorePrincipals);
  PersonOptions& options = Command<PersonOptions>(app, choice, run);
  options.change.disabled = disabled;
  DeclareId(app, kind, options);
  if (has_facts) DeclareFacts(app, kind, options);
}

void DeclareKind(CLI::App& root, Choice& choice, const Kind& kind) {
  CLI::App& group = Group(root, kind.plural, kind.about);
  DeclareVerb(group, choice, kind, "create", "Makes one", kind.create, true, {});
  CLI::App* list = Subcommand(group, "list", "Lists them", "");
  ListPeopleOptions& options = Command<ListPeopleOptions>(list, choice, kind.list);
  if (kind.has_tenant)
    list->add_option("--tenant", options.tenant, "Of this tenant alone")->type_name("TENANT");
  if (kind.is_holder) list->add_option("--team", options.team, "Of this team alone")->type_name("ID");
  DeclareVerb(group, choice, kind, "show", "Shows one", kind.show, false, {});
  DeclareVerb(group, choice, kind, "update", "Changes what is given, keeps the rest", kind.update, true, {});
  DeclareVerb(group, choice, kind, "disable", "Refuses all keys below it until it is enabled", kind.update,
              false, true);
  DeclareVerb(group, choice, kind, "enable", "Accepts the keys below it again", kind.update, false, false);
}

void DeclareToken(CLI::App& root, Choice& choice) {
  CLI::App& group = Group(root, "token", "Make a session for a client");
  CLI::App* app =
      Subcommand(group, "create", "Mints a session into a file, and shows what to paste", kMoreToken);
  CreateTokenOptions& options = Command<CreateTokenOptions>(app, choice, CreateToken);
  app->add_option("--principal", options.principal, "Whose only key it is minted from")->type_name("ID");
  app->add_option("--tenant", options.tenant, "The principal's")->capture_default_str()->type_name("TENANT");
  app->add_option("--key", options.key, "Or the key it is minted from")->type_name("ID");
  app->add_option("--client", options.client, "claude-desktop, claude-code, cursor, vscode or http")
      ->capture_default_str()
      ->type_name("CLIENT");
  app->add_option("--role", options.role, "At most the key's own, which it has unless said otherwise")
      ->check(CLI::IsMember({"reader", "writer", "manager", "moderator", "admin", "read", "write"}))
      ->type_name("ROLE");
  app->add_option("--lifetime", options.lifetime, "At most 90d")->capture_default_str()->type_name("TIME");
  app->add_option("--url", options.url, "Reach this mcpgate-http instead of starting mcpgate-stdio")
      ->type_name("URL");
  app->add_option("--discord-token-file", options.discord_token_file,
                  "Without --url: file that holds the bot token")
      ->type_name("PATH");
  app->add_flag("--sandbox", options.sandbox, "Without --url: use the Discord stand-in");
}

void DeclareExplain(CLI::App& root, Choice& choice) {
  CLI::App* app =
      Subcommand(root, "explain", "Says which rule lets a key call a tool, or does not", kMoreExplain);
  ExplainOptions& options = Command<ExplainOptions>(app, choice, Explain);
  app->add_option("--key", options.key, "The key's id")->required()->type_name("ID");
  app->add_option("--tool", options.tool, "The tool's name")->required()->type_name("NAME");
  app->add_option("--needs", options.needs, "The role the tool asks for, when it is none of the shipped ones")
      ->type_name("ROLE");
  app->add_option("--policy", options.policy_file, "The policy file of the server")
      ->envname("MCPGATE_POLICY")
      ->type_name("FILE");
}

}  // namespace

void DeclarePeople(CLI::App& root, Choice& choice) {
  DeclareToken(root, choice);
  DeclareExplain(root, choice);
  DeclareKind(root, choice,
              {"tenants", "Who shares this gate; their keys see nothing of one another", CreateTenant,
               ShowTenant, UpdateTenant, ListTenants, false, false});
  DeclareKind(root, choice,
              {"teams", "Groups of principals in a tenant", CreateTeam, ShowTeam, UpdateTeam, ListTeams, true,
               false});
  DeclareKind(root, choice,
              {"principals", "Who holds keys: people and services of a tenant", CreateHolder, ShowHolder,
               UpdateHolder, ListHolders, true, true});
}

}  // namespace mcpgate::hosts
