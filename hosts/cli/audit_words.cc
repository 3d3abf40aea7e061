#include "cli/audit_words.h"

#include "cli/audit_proof.h"
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

void DeclareVerify(CLI::App& audit, Choice& choice) {
  CLI::App* app = Subcommand(audit, "verify", kAboutAuditVerify, kMoreAuditVerify);
  VerifyOptions& options = Command<VerifyOptions>(app, choice, VerifyAudit);
  app->add_option("--checkpoint", options.checkpoints,
                  "A checkpoint made before, or a directory of them; repeatable")
      ->allow_extra_args(false)
      ->type_name("FILE");
  CLI::Option* exported =
      app->add_option("--export", options.export_file, "Verify this export instead; needs no data directory")
          ->type_name("FILE");
  app->add_option("--lines", options.lines,
                  "Verify this file of JSON lines instead; repeatable, oldest first")
      ->allow_extra_args(false)
      ->type_name("FILE");
  app->add_option("--key", options.key, "The key that the export must be signed by, as `audit key` prints it")
      ->needs(exported)
      ->type_name("KEY");
}

void DeclareProof(CLI::App& audit, Choice& choice) {
  Command<ProofOptions>(Subcommand(audit, "checkpoint", "Signs what the trail is now", kMoreAuditCheckpoint),
                        choice, PrintCheckpoint);
  Command<ProofOptions>(Subcommand(audit, "key", "Prints the key that verifies checkpoints and exports", ""),
                        choice, PrintAuditKey);
  CLI::App* app =
      Subcommand(audit, "export", "Writes records as JSON lines that prove themselves", kMoreAuditExport);
  ExportAuditOptions& options = Command<ExportAuditOptions>(app, choice, ExportAudit);
  DeclareFilter(app, options.filter);
  app->add_option("-o,--out", options.out, "A new file, mode 0600, instead of standard output")
      ->type_name("FILE");
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
  DeclareVerify(audit, choice);
  DeclareProof(audit, choice);
}

}  // namespace mcpgate::hosts
