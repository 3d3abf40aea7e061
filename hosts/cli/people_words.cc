#include "cli/people_words.h"

#include "cli/help_text.h"
#include "cli/people.h"

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

}  // namespace

void DeclarePeople(CLI::App& root, Choice& choice) {
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
