#include "cli/help_text.h"

namespace mcpgate::hosts {

const char kAboutProgram[] =
    "Keys, audit trail and health of an mcpgate data directory. Every change works at once in the servers "
    "that run\n"
    "on the directory, and is recorded before it is made.";

const char kMoreProgram[] = R"(First steps:
  mcpgate keys create --name laptop --role writer --channel '*' --key-file ~/laptop.key
  mcpgate-stdio --sandbox --key-file ~/laptop.key          # a server, on a Discord stand-in
  mcpgate setup claude-desktop --sandbox                   # or let Claude Desktop start it
  mcpgate audit tail --follow                              # and see who does what

When something is wrong:
  mcpgate doctor                                           # this machine: files, keys, trail, settings
  mcpgate selftest http://127.0.0.1:8808/mcp --key-file ~/laptop.key   # a running mcpgate-http

The data directory is --data, $MCPGATE_DATA, $XDG_DATA_HOME/mcpgate or ~/.local/share/mcpgate.
Every command has --help with examples. --json gives one JSON document; errors are JSON on standard error.
Exit codes: 0 done; 1 refused or failed; 2 wrong command line (`audit verify` has its own).
)";

const char kAboutKeysCreate[] =
    "Makes a key. Its token is shown once, or written to a file that only you can read; nobody can get it\n"
    "back later.";

const char kMoreKeysCreate[] = R"(What a key may do:
  role       reader < writer < manager < moderator < admin; a tool names the lowest role that may call it
  tools      --allow-tool and --deny-tool add to and take from the role; a deny always wins
  channels   none unless given: --channel ID for each, or --channel '*' for all
In patterns * stands for any run of characters.

Examples:
  # may read and post in one channel for a month; the token goes to a file
  mcpgate keys create --name laptop --role writer --channel 417719834231439371 --expires 30d \
      --key-file ~/laptop.key
  # may read everywhere, may not list channels; the token is shown
  mcpgate keys create --name auditor --channel '*' --deny-tool discord_list_channels
  # for a script
  mcpgate --json keys create --name ci --expires 12h | jq -r .token
)";

const char kMoreKeysRevoke[] =
    R"(A revoked key is refused by the next call, in every process, and cannot be given back; so are the sessions
minted from it. The id is in `mcpgate keys list`. If all you have is a leaked token, its id is the twelve
characters after "_k_".

Examples:
  mcpgate keys revoke 7Qx0aZ3LmP9t
  mcpgate keys revoke --unused-for 90d --dry-run          # which would it be?
  mcpgate keys revoke --tenant acme --principal ada
)";

const char kMoreKeysUpdate[] =
    R"(What is given replaces what the key has; the rest stays. Sessions minted from it may never do more than it.

Examples:
  mcpgate keys update 7Qx0aZ3LmP9t --role reader --network 203.0.113.0/24
  mcpgate keys update 7Qx0aZ3LmP9t --expires 7d
)";

const char kMoreKeysRotate[] =
    R"(Both secrets are one key: rights, limits and history stay. The new one ends when the key does; the old one
after the overlap, or earlier if it would have. `finish` ends the old one now, `undo` takes the new one back.

Example:
  mcpgate keys rotate 7Qx0aZ3LmP9t --overlap 2d --key-file ~/laptop.key.new
  mcpgate keys show 7Qx0aZ3LmP9t                           # is the old secret still used?
  mcpgate keys finish 7Qx0aZ3LmP9t
)";

const char kMoreKeysImport[] =
    R"(Its owner goes on showing the key of before, whatever it looks like. Only a keyed hash of it is kept.

Examples:
  mcpgate keys import --name bot --role writer --token-file ~/old.key
  mcpgate keys import --name bot --sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
)";

const char kMoreToken[] =
    R"(A session may at most what its key may, ends with it, and can be revoked by itself. Its token goes into
DATA/mcp-tokens, mode 0600; the snippet says where it is and does not hold it.

Example:
  mcpgate token create --principal ada --client claude-code --lifetime 8h --sandbox
)";

const char kMoreExplain[] =
    R"(In order: a deny of the key or its role; the role's rank; an allow of the key or a role. A session needs both
its own rights and its key's.

Example:
  mcpgate explain --key 7Qx0aZ3LmP9t --tool discord_send_message
)";

const char kMorePrincipals[] =
    R"(A principal holds keys: a person or a service of a tenant, in a team or in none. Disabling a tenant, a team or
a principal refuses all keys below at once. The issue policy says what happens when a key more is made:
limit:N refuses when N are live, replace revokes the old one, refuse allows one.

Example:
  mcpgate tenants create acme --name "Acme Inc."
  mcpgate teams create web --tenant acme
  mcpgate principals create ada --tenant acme --team web --external discord:80351110224678912 \
      --issue-policy replace
  mcpgate keys create --name laptop --tenant acme --principal ada
)";

const char kAboutLimits[] = "Shows what the hosts limit, and what a key has left";

const char kMoreLimits[] =
    R"(The rules are those of MCPGATE_LIMITS, MCPGATE_BUDGETS and --config, as mcpgate-http reads them. What is left is
what the data directory counts; limits of less than a minute and `concurrency` are counted in the memory of each
process that serves. Above N = 64 what processes have set aside for themselves counts as used.

Examples:
  mcpgate limits
  mcpgate limits 7Qx0aZ3LmP9t --tool discord_send_message --config /etc/mcpgate/http.json
)";

const char kAboutUsage[] = "Shows what was spent of each budget in its present period";

const char kMoreUsage[] =
    R"(The budgets are those of MCPGATE_BUDGETS and --config, as mcpgate-http reads them.

Examples:
  MCPGATE_BUDGETS='monthly=calls:10000/month per tenant' mcpgate usage
  mcpgate --json usage --config /etc/mcpgate/http.json | jq '.usage[] | select(.left == 0)'
)";

const char kMoreNotices[] =
    R"(Servers deliver notices when they are told where: mcpgate-http --help, --notice-webhook and those below. What
fails is tried again for a day. A place is known from when a server first asked for it, until
`notices forget PLACE`.

Examples:
  mcpgate notices test && sleep 10 && mcpgate notices list   # empty: it has arrived, or no server delivers
  mcpgate --json notices list | jq '.waiting[] | select(.attempts > 3)'
)";

const char kAboutCollect[] = "Removes keys, sessions, tasks and token files that ended long ago";

const char kMoreCollect[] =
    R"(Hosts do this by themselves, once an hour and in small batches; this is for those who cannot wait, or keep
MCPGATE_JOB_TTL=off there. The trail names every key before it is removed. Its id is never given again, and a key that
was imported is not taken over again. A key stays as long as another secret of it lives, with its sessions.

Examples:
  mcpgate gc --dry-run
  mcpgate gc --job-ttl 90d
)";

const char kMoreAuditTail[] =
    R"(An effect has two records: its intent, on disk before anything happened, and its outcome.

Examples:
  mcpgate audit tail -n 50
  mcpgate audit tail --follow --outcome deny               # refusals as they happen
  mcpgate --json audit tail --key 7Qx0aZ3LmP9t | jq .action
)";

const char kMoreAuditList[] =
    R"(With --json the page is {"records", "next", "previous"}; the last two are cursors, empty at an end.

Examples:
  mcpgate audit list --tenant acme --since 24h --outcome deny
  mcpgate audit list --action 'keys.*' --class admin -n 10
  mcpgate --json audit list -n 1000 | jq -r .next
)";

const char kMoreAuditSearch[] =
    R"(Looks in every text of a record and of its declared fields. Arguments of calls are digests in the trail and
are not found.

Example:
  mcpgate audit search 417719834231439371 --since 2026-01-31
)";

const char kAboutAuditVerify[] =
    "Walks the whole hash chain of the trail and names the first record that does not hold.";

const char kMoreAuditVerify[] =
    R"(A trail that was put back to an older copy, or that somebody with root.key wrote anew, holds by itself. A
checkpoint that was kept elsewhere shows both; several of them show where.

Exit codes: 0 intact; 1 tampered: a record was changed, removed or put in; 2 truncated: the end is
missing; 3 unreadable, not there, or a checkpoint that cannot be compared, so not all is proved. (A wrong
command line is 2 as well, with its message on standard error and nothing on standard output.)

Examples, for a timer and for whoever got an export:
  mcpgate audit verify --checkpoint gate.checkpoint || mail -s "audit trail" root
  mcpgate audit verify --export june.jsonl --key mcpgate.audit/2f...+8c1d...+AZ...
)";

const char kMoreAuditCheckpoint[] =
    R"(Walks the whole chain first, and signs nothing that does not hold. The note is a C2SP tlog-checkpoint: origin,
number of records, root of the RFC 6962 tree over them, and an Ed25519 signature. Keep it where whoever can
write the data directory cannot; servers do it by themselves with --audit-checkpoint-file, -dir or -command.

Example:
  mcpgate audit checkpoint | ssh vault 'cat > gate.checkpoint'
)";

const char kMoreAuditExport[] =
    R"(Lines are records and gaps, in order, and at the end the signed checkpoint that they add up to. Gaps stand for
records that the filter leaves out: their hashes are there, so each record that is shown is proved to be the
one at its place. Verified offline by `mcpgate audit verify --export`.

Example:
  mcpgate audit export --tenant acme --since 2026-06-01 --until 2026-07-01 -o june.jsonl
)";

const char* SetupAbout(Client client) {
  switch (client) {
    case Client::kClaudeDesktop:
      return "Adds mcpgate to Claude Desktop. Other servers in the file stay as they are; the file is backed "
             "up\n"
             "first. The configuration names the file that holds the key, never the key.";
    case Client::kClaudeCode:
      return "Adds mcpgate to Claude Code: ~/.claude.json, or with --project the .mcp.json of this "
             "directory.\n"
             "The configuration names the file that holds the key, never the key.";
    case Client::kCursor:
      return "Adds mcpgate to Cursor: ~/.cursor/mcp.json, or with --project the .cursor/mcp.json of this\n"
             "directory.";
    case Client::kVsCode:
      return "Adds mcpgate to VS Code: mcp.json of the user's profile, or with --project the "
             ".vscode/mcp.json of\n"
             "this directory. Comments in the file stay.";
    case Client::kHttp:
      return "Shows, or writes into a file you name, what a client that speaks HTTP needs: the URL and a "
             "header\n"
             "with the key.";
  }
  return "";
}

const char* SetupMore(Client client) {
  switch (client) {
    case Client::kClaudeDesktop:
      return R"(The key file is used when it exists; otherwise a key with --role, --channel and --expires is made into it.
With --url the bridge mcp-remote (Node.js) stands between, as Claude Desktop sends no header of yours; it reads
the header from a file beside the key's.

Examples:
  # try it without Discord
  mcpgate setup claude-desktop --sandbox --role writer --channel '*'
  # with a bot, one channel, a key you made before
  mcpgate setup claude-desktop --discord-token-file ~/bot.token --key-file ~/laptop.key
  # see what would be written; take it back
  mcpgate setup claude-desktop --sandbox --print
  mcpgate setup claude-desktop --undo
)";
    case Client::kClaudeCode:
      return R"(The key file is used when it exists; otherwise a key with --role, --channel and --expires is made into it.
With --url Claude Code reads the key from its file at each connection (headersHelper). Close Claude Code before
you write ~/.claude.json: it keeps its own state there too.

Examples:
  # a server that runs on this machine
  mcpgate setup claude-code --url http://127.0.0.1:8808/mcp --role writer --channel '*'
  # one that is started with Claude Code, for this project alone
  mcpgate setup claude-code --project --sandbox
)";
    case Client::kCursor:
      return R"(The key file is used when it exists; otherwise a key with --role, --channel and --expires is made into it.
With --url Cursor takes the key from its environment, MCPGATE_API_KEY; --inline-key writes it into the file.

Examples:
  mcpgate setup cursor --discord-token-file ~/bot.token --key-file ~/laptop.key
  mcpgate setup cursor --url https://mcp.example.com/mcp --key-file ~/team.key
)";
    case Client::kVsCode:
      return R"(The key file is used when it exists; otherwise a key with --role, --channel and --expires is made into it.
With --url VS Code asks for the key once and keeps it in its own secret store (an entry of "inputs");
--inline-key writes it into the file.

Examples:
  mcpgate setup vscode --project --url http://127.0.0.1:8808/mcp
  mcpgate setup vscode --sandbox --print
)";
    case Client::kHttp:
      return R"(The key file is used when it exists; otherwise a key with --role, --channel and --expires is made into it.
The header names the variable MCPGATE_API_KEY for clients that fill variables in; --inline-key writes the key
itself. X-API-Key: KEY does as well as Authorization: Bearer KEY.

Examples:
  mcpgate setup http --url http://127.0.0.1:8808/mcp --print
  mcpgate setup http --url http://127.0.0.1:8808/mcp --config client.json --inline-key
)";
  }
  return "";
}

const char kAboutDoctor[] =
    "Looks at a data directory and what was configured around it, and says what to do about each fault. It\n"
    "changes nothing but what opening the store repairs by itself.";

const char kMoreDoctor[] =
    R"(The checks: data_directory, file_system, free_disk, permissions, locks, each database, root_key, store, keys,
audit_chain, clock, notices, environment (weak secrets), http_settings, limits, http_listening. Those of mcpgate-http look
at its variables and at --config. Run it as the user who serves.

Exit codes: 0 no failure, though perhaps warnings; 1 a failure; with --strict a warning is one.

Examples:
  mcpgate doctor
  sudo -u mcpgate mcpgate --data /var/lib/mcpgate doctor --config /etc/mcpgate/http.json
  mcpgate --json doctor --quick | jq -r '.checks[] | select(.grade == "failure") | .todo'
)";

const char kAboutSelftest[] =
    "Asks a running mcpgate-http what a client and a stranger would ask, and says whether it answers as it\n"
    "should. It calls one read-only tool and changes nothing.";

const char kMoreSelftest[] =
    R"(The checks: health, readiness, transport (TLS), metrics, initialize (2025-11-25), discover (2026-07-28),
tools_list, call, no_key, wrong_key, origin, rate_limit. Each run counts two refused keys of this address.

Exit codes: 0 no failure; 1 a failure; 2 the URL or the key cannot be read.

Examples:
  mcpgate selftest http://127.0.0.1:8808/mcp --key-file ~/laptop.key
  mcpgate selftest https://mcp.example.com/mcp --key-file ~/team.key --limits
  mcpgate selftest http://127.0.0.1:8808/mcp --health      # for a container's health check
)";

const char kAboutCompletion[] = "Prints a script with which bash completes the words of this command line.";

const char kMoreCompletion[] = R"(Examples:
  source <(mcpgate completion)                             # for this shell
  mcpgate completion > /etc/bash_completion.d/mcpgate      # for everybody
  autoload -U bashcompinit && bashcompinit && source <(mcpgate completion)   # in zsh
)";

const char kAboutSandbox[] =
    "Runs the Discord stand-in by itself, on 127.0.0.1: one invented guild, real rules (rate limits, "
    "nonces,\n"
    "pagination, errors). Several servers can talk to one.";

const char kMoreSandbox[] = R"(Example:
  mcpgate sandbox --port 8421 --token-file /tmp/sandbox.token
  # in another terminal
  MCPGATE_DISCORD_TOKEN_FILE=/tmp/sandbox.token mcpgate-stdio --discord-url http://127.0.0.1:8421/api/v10 ...
)";

}  // namespace mcpgate::hosts
