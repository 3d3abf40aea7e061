#include "cli/audit_words.h"

#include "cli/audit_read.h"
#include "cli/audit_verify.h"
#include "cli/help_text.h"
#include "mcpgate/audit_trail.h"

namespace mcpgate::hosts {
namespace {

void DeclareFilter(CLI::App* app, AuditFilterOptions& filter) {
  app->add_option("--tenant", filter.tenant, "Only this tenant's")->type_name("TENANT");
  app->add_option("--key", filter.key, "Only this key's")->type_name("ID");
  app->add_option("--action", filter.action, "Only these tools or commands; * stands for any characters")
      ->type_name("PATTERN");
  app->add_option("--class", filter.klass, "Only these")
      ->check(CLI::IsMember({"tool", "auth", "admin", "system"}))
      ->type_name("CLASS");
  app->add_option("--outcome", filter.outcome, "Only these")
      ->check(CLI::IsMember({"allow", "deny", "ok", "error", "aborted", "cancelled", "unknown"}))
      ->type_name("OUTCOME");
  app->add_option("--call", filter.call, "Only this call's intent and outcome")->type_name("ID");
  app->add_option("--since", filter.since, "Not older: 2026-01-31, 2026-01-31T08:00:00Z, or 2h (ago)")
      ->type_name("TIME");
  app->add_option("--until", filter.until, "Older than this")->type_name("TIME");
}

ListAuditOptions& DeclareList(CLI::App* app, Choice& choice) {
  ListAuditOptions& options = Command<ListAuditOptions>(app, choice, ListAudit);
  DeclareFilter(app, options.filter);
  app->add_option("-n,--count", options.count, "How many at most")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, kMaxAuditPage))
      ->type_name("N");
  app->add_option("--cursor", options.cursor, "Another page: `next` or `previous` of one with these filters")
      ->type_name("CURSOR");
  app->add_flag("--oldest-first", options.oldest_first, "Begin at the beginning of the trail");
  return options;
}

void DeclareTail(CLI::App& audit, Choice& choice) {
  CLI::App* tail = Subcommand(audit, "tail", "Shows the newest records", kMoreAuditTail);
  TailOptions& options = Command<TailOptions>(tail, choice, TailAudit);
  tail->add_option("-n,--count", options.count, "How many")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000))
      ->type_name("N");
  tail->add_flag("-f,--follow", options.follow, "Go on with new ones until interrupted");
  DeclareFilter(tail, options.filter);
}

}  // namespace

void DeclareAudit(CLI::App& root, Choice& choice) {
  CLI::App& audit = Group(root, "audit", "Read and verify the audit trail");
  DeclareTail(audit, choice);
  DeclareList(Subcommand(audit, "list", "Lists records in pages, newest first", kMoreAuditList), choice);
  CLI::App* search =
      Subcommand(audit, "search", "Lists records in which a text occurs, newest first", kMoreAuditSearch);
  search->add_option("text", DeclareList(search, choice).text, "ASCII letters compare without case")
      ->required()
      ->type_name("TEXT");
  CLI::App* verify = Subcommand(audit, "verify", kAboutAuditVerify, kMoreAuditVerify);
  Command<VerifyOptions>(verify, choice, VerifyAudit);
}

}  // namespace mcpgate::hosts
