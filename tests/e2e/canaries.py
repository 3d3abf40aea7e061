"""Plants a canary in every credential and in an argument, uses them all, and looks where they turn up."""

import json
import os
import secrets
import subprocess
import sys
import urllib.request

from stage import TAP

MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


class Connection:
    """A server with a pipe to it, one request at a time, in the 2026 era."""

    def __init__(self, stage, name, arguments, environment):
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, TAP, stage.records, name, "--", stage.server, "--data", stage.data, *arguments],
            env={**stage.environment, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._next = 0

    def ask(self, method, params=None):
        self._next += 1
        request = {"jsonrpc": "2.0", "id": self._next, "method": method, "params": {**(params or {}), "_meta": MODERN}}
        return self.send_line(json.dumps(request))

    def send_line(self, line):
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        return json.loads(answer) if answer else None

    def call(self, tool, **arguments):
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def child_files(self):
        """What the system tells others about the server's process: its arguments and environment."""
        with open(f"/proc/{self._process.pid}/task/{self._process.pid}/children", encoding="ascii") as file:
            child = file.read().split()[0]
        for name in ("cmdline", "environ"):
            try:
                with open(f"/proc/{child}/{name}", "rb") as file:
                    yield f"/proc {name}", file.read()
            except PermissionError:  # not dumpable: nobody else reads it either
                yield f"/proc {name}", b""

    def close(self):
        self._process.stdin.close()
        code = self._process.wait(timeout=20)
        self._process.stdout.close()
        return code


class Discord:
    """`mcpgate sandbox` in a process of its own, with a bot token that we chose."""

    def __init__(self, stage, token):
        self.token_file = os.path.join(stage.root, "bot.token")
        with os.fdopen(os.open(self.token_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(token + "\n")
        self._output = open(os.path.join(stage.records, "sandbox.stderr"), "wb")
        self._process = subprocess.Popen([stage.cli, "--json", "sandbox", "--token-file", self.token_file],
                                         env=stage.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=self._output)
        started = self._process.stdout.readline()
        self._output.write(started)
        facts = json.loads(started)
        self.url = facts["base_url"]
        self.channel = facts["channels"]["general"]
        self._token = token

    def history(self):
        """The newest messages of the channel, asked for without mcpgate."""
        request = urllib.request.Request(f"{self.url}/channels/{self.channel}/messages?limit=5",
                                         headers={"Authorization": f"Bot {self._token}", "User-Agent": "DiscordBot (https://example.org, 1)"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def close(self):
        self._process.terminate()
        self._process.wait(timeout=20)
        self._output.write(self._process.stdout.read())
        self._process.stdout.close()
        self._output.close()


def is_error(answer):
    return answer["result"].get("isError") is True


def talk(stage, discord, keys, token, word, tally):
    """Every road a secret or an argument can take: success, refusals, failures, bad lines, a bad key."""
    environment = {"MCPGATE_DISCORD_TOKEN": token, "MCPGATE_LOG_LEVEL": "debug"}
    with open(keys["writer"], encoding="utf-8") as file:
        environment["MCPGATE_API_KEY"] = file.read().strip()
    writer = Connection(stage, "writer", ["--discord-url", discord.url], environment)
    # The one call that may carry the word: it is sent, and its answer shows it.
    sent = writer.call("discord_send_message", channel_id=discord.channel, content=f"say {word}")
    tally.case(not is_error(sent), "the word is sent")
    tally.case(word.encode() in discord.history(), "the word arrives at Discord")
    carriers = {1}
    refused = [
        ("an unknown channel", is_error(writer.call("discord_send_message", channel_id="1", content=word))),
        ("a misspelt argument", is_error(writer.call("discord_send_message", channel_id=discord.channel, contents=word))),
        ("an unknown tool", "error" in writer.call("no_such_tool", content=word)),
        ("an unknown method", "error" in writer.ask("no/such", {"content": word})),
        ("a broken line", "error" in writer.send_line(f'{{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{{"{word}"')),
    ]
    for name, ok in refused:
        tally.case(ok, f"{name} with the word in it is refused")
    told = dict(writer.child_files())
    tally.case(writer.close() == 0, "the server ends well")

    reader = Connection(stage, "reader", ["--discord-url", discord.url, "--key-file", keys["reader"],
                                          "--discord-token-file", discord.token_file], {"MCPGATE_LOG_LEVEL": "debug"})
    answer = reader.call("discord_send_message", channel_id=discord.channel, content=word)
    tally.case(answer.get("error", {}).get("code") == 40301, "a reader's call with the word in it is refused")
    told.update((f"reader {name}", content) for name, content in reader.child_files())
    tally.case(reader.close() == 0, "the reader's server ends well")
    return carriers, told


def wrong_credentials(stage, discord, keys, token, tally):
    """Servers that do not start, or start with a bot token that Discord refuses."""
    with open(keys["writer"], encoding="utf-8") as file:
        key = file.read().strip()
    broken = key[:-1] + ("a" if key[-1] != "a" else "b")
    stage.secrets[broken.rsplit("_", 1)[1].encode()] = "the secret of a mistyped key"
    mistyped = Connection(stage, "mistyped", ["--sandbox"], {"MCPGATE_API_KEY": broken})
    tally.case(mistyped.close() != 0, "a mistyped key does not start a server")
    stage.command("keys", "revoke", key.split("_")[2])
    revoked = Connection(stage, "revoked", ["--sandbox"], {"MCPGATE_API_KEY": key})
    tally.case(revoked.close() != 0, "a revoked key does not start a server")
    other = "canary-" + secrets.token_hex(16)
    stage.secrets[other.encode()] = "a bot token that Discord refuses"
    stranger = Connection(stage, "stranger", ["--discord-url", discord.url, "--key-file", keys["other"]],
                          {"MCPGATE_DISCORD_TOKEN": other})
    tally.case(is_error(stranger.call("discord_get_channel", channel_id=discord.channel)),
               "a bot token that Discord refuses is a tool's failure")
    stranger.close()


def word_places(stage, word, carriers):
    """Where the word stands beside the answers to the calls `carriers` of the writer."""
    found = []
    for folder, _, names in os.walk(stage.root):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
            if word.encode() not in content:
                continue
            if not name.endswith(".jsonl"):
                found.append(name)
                continue
            for text in content.decode().splitlines():
                entry = json.loads(text)
                if entry.get("from") != "server" or word not in entry["line"]:
                    continue
                if not (name.startswith("writer") and json.loads(entry["line"]).get("id") in carriers):
                    found.append(f"{name}: {entry['line'].strip()[:200]}")
    return found


def run(stage, tally):
    word = "canary-" + secrets.token_hex(12)
    token = "MTA" + secrets.token_hex(12) + ".canary." + secrets.token_hex(20)
    stage.secrets[token.encode()] = "the bot token"
    keys = {name: stage.key(name, role, "*") for name, role in
            [("writer", "writer"), ("reader", "reader"), ("other", "reader")]}
    stage.add_root_key()
    discord = Discord(stage, token)
    try:
        carriers, told = talk(stage, discord, keys, token, word, tally)
        wrong_credentials(stage, discord, keys, token, tally)
    finally:
        discord.close()
    for arguments in (["audit", "tail"], ["--json", "audit", "tail"], ["audit", "verify"], ["keys", "list", "--all"],
                      ["--json", "keys", "list", "--all"]):
        stage.command(*arguments, code=None)
    for name, content in told.items():
        named = [what for secret, what in stage.secrets.items() if secret in content]
        tally.case(not named, f"no secret is in {name}{': ' if named else ''}{'; '.join(named)}")
    tally.case(bool(stage.leaks({word.encode(): "the word"})), "the search finds what is there")
    leaks = stage.leaks()
    tally.case(not leaks, f"no secret is in what was left behind{': ' if leaks else ''}{'; '.join(leaks)}")
    places = word_places(stage, word, carriers)
    tally.case(not places, f"the word is nowhere but in its call{': ' if places else ''}{'; '.join(places)}")
