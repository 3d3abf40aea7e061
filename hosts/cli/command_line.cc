#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cli/audit_words.h"
#include "cli/choice.h"
#include "cli/collect.h"
#include "cli/completion.h"
#include "cli/doctor.h"
#include "cli/help_text.h"
#include "cli/key_words.h"
#include "cli/limits.h"
#include "cli/notices.h"
#include "cli/people_words.h"
#include "cli/run_sandbox.h"
#include "cli/selftest.h"
#include "cli/setup.h"
#include "common/shared_options.h"
#include "mcpgate/version.h"

namespace mcpgate::hosts {
namespace {

void DeclareSetupServer(CLI::App* app, SetupOptions& options) {
  app->add_option("--url", options.url, "Reach this mcpgate-http instead of starting mcpgate-stdio")
      ->type_name("URL");
  app->add_flag("--inline-key", options.inline_key, "With --url: write the key itself, not where it is");
  app->add_flag("--insecure", options.insecure, "With --url: plain HTTP beyond this machine is wanted");
  app->add_option("--discord-token-file", options.discord_token_file,
                  "Without --url: file (mode 0600) that holds the bot token")
      ->type_name("PATH");
  app->add_flag("--sandbox", options.sandbox, "Without --url: use the Discord stand-in");
  app->add_option("--program", options.program, "Without --url: another mcpgate-stdio")->type_name("PATH");
}

void DeclareSetupOf(const ClientFacts& client, CLI::App& setup, Choice& choice) {
  CLI::App* app = Subcommand(setup, client.name, SetupAbout(client.client), SetupMore(client.client));
  SetupOptions& options = Command<SetupOptions>(app, choice, SetupClient);
  options.client = client.client;
  options.wish.name = client.name;
  DeclareSetupServer(app, options);
  app->add_option("--key-file", options.key_file, "The file that holds, or will hold, the key")
      ->type_name("PATH");
  DeclareRights(app, options.wish);
  app->add_option("--server-name", options.server_name, "The entry's name")
      ->capture_default_str()
      ->type_name("NAME");
  app->add_option("--config", options.config, "Another configuration file")->type_name("PATH");
  if (!ClientConfigPath(client.client, ClientScope::kProject).empty()) {
    app->add_flag("--project", options.project, "The project in this directory, not all of yours");
  }
  CLI::Option* print = app->add_flag("--print", options.print, "Show what would be written, change nothing");
  CLI::Option* undo = app->add_flag("--undo", options.undo, "Put the newest backup in place");
  app->add_flag("--write", options.write, "Write it, as it does without this option")
      ->excludes(print)
      ->excludes(undo);
  print->excludes(undo);
  app->parse_complete_callback([app, &options] {
    options.rights_given = app->count("--role") + app->count("--channel") + app->count("--expires") != 0;
  });
}

void DeclareSetup(CLI::App& root, Choice& choice) {
  CLI::App& setup = Group(root, "setup", "Put mcpgate into a client's configuration");
  for (const ClientFacts& client : ClientsKnown()) DeclareSetupOf(client, setup, choice);
}

void DeclareDoctor(CLI::App& root, Choice& choice) {
  CLI::App* app = Subcommand(root, "doctor", kAboutDoctor, kMoreDoctor);
  DoctorOptions& options = Command<DoctorOptions>(app, choice, RunDoctor);
  app->add_option("--config", options.config, "The configuration file of mcpgate-http")->type_name("FILE");
  app->add_flag("--quick", options.quick, "Leave out what reads every record");
  app->add_flag("--strict", options.strict, "Count a warning as a failure");
}

void DeclareSelftest(CLI::App& root, Choice& choice) {
  CLI::App* app = Subcommand(root, "selftest", kAboutSelftest, kMoreSelftest);
  SelftestOptions& options = Command<SelftestOptions>(app, choice, RunSelftest);
  app->add_option("url", options.url, "Where it serves MCP, http://127.0.0.1:8808/mcp")
      ->required()
      ->type_name("URL");
  app->add_option("--key-file", options.key_file, "File that holds a key; or MCPGATE_API_KEY[_FILE]")
      ->type_name("PATH");
  app->add_option("--ca-file", options.ca_file, "PEM file of who signed its certificate")->type_name("PATH");
  app->add_option("--tool", options.tool, "A read-only tool to call without arguments")
      ->capture_default_str()
      ->type_name("NAME");
  app->add_flag("--health", options.health, "Ask for health and readiness alone; needs no key");
  app->add_flag("--limits", options.limits, "Ask with a wrong key until a limit answers");
}

void DeclareSandbox(CLI::App& root, Choice& choice) {
  CLI::App* app = Subcommand(root, "sandbox", kAboutSandbox, kMoreSandbox);
  RunSandboxOptions& options = Command<RunSandboxOptions>(app, choice, RunSandbox);
  app->add_option("--port", options.port, "0: any free one")->capture_default_str()->type_name("PORT");
  app->add_option("--latency-ms", options.latency_ms, "How long every answer takes")
      ->capture_default_str()
      ->check(CLI::Range(0, 60'000))
      ->type_name("MS");
  app->add_option("--seed", options.seed, "The same seed gives the same guild")
      ->capture_default_str()
      ->type_name("N");
  app->add_flag("--no-rate-limits", options.no_rate_limits,
                "Take any number of requests, as Discord would not");
  app->add_option("--token-file", options.token_file, "Keep the bot token here; made when missing")
      ->type_name("PATH");
}

void DeclareCompletion(CLI::App& root, Choice& choice) {
  CLI::App* app = Subcommand(root, "completion", kAboutCompletion, kMoreCompletion);
  app->callback([&root, &choice] {
    choice.command = [script = BashCompletion(root)](const Console& console) {
      console.Text(script);
      return kDone;
    };
  });
}

}  // namespace

CommandLine ParseCommandLine(int argc, char** argv) {
  CommandLine line;
  Choice choice;
  CLI::App root(kAboutProgram, "mcpgate");
  root.footer(kMoreProgram);
  root.get_formatter()->column_width(32);
  root.require_subcommand(1);
  root.fallthrough();
  root.add_flag("--json", choice.json, "JSON instead of tables");
  root.add_option("--data", choice.data, "Data directory")->type_name("DIR");
  root.set_version_flag("--version", std::string("mcpgate ") + kVersion);
  DeclareKeys(root, choice);
  DeclarePeople(root, choice);
  DeclareLimits(root, choice);
  DeclareNotices(root, choice);
  DeclareAudit(root, choice);
  DeclareCollect(root, choice);
  DeclareSetup(root, choice);
  DeclareDoctor(root, choice);
  DeclareSelftest(root, choice);
  DeclareSandbox(root, choice);
  DeclareCompletion(root, choice);
  Parsed parsed = Parse(root, argc, argv, [] {});
  line.exit_code = parsed.exit_code;
  line.out = std::move(parsed.out);
  line.err = std::move(parsed.err);
  line.json = choice.json;
  line.command = std::move(choice.command);
  return line;
}

}  // namespace mcpgate::hosts
