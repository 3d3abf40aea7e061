"""The command line of the MCP Inspector against mcpgate-http: each invocation is a client of its own.

It also reads the configurations that hosts/http/clients.md shows.
"""

import json
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "node_modules", "@modelcontextprotocol", "inspector", "clients", "launcher", "build", "index.js")
PAGE = os.path.join(HERE, "..", "..", "hosts", "http", "clients.md")
ERAS = ["legacy", "modern", "auto"]


class Inspector:
    """Runs it with a key, out of a configuration as the README shows it."""

    def __init__(self, stage, node, url):
        self._stage, self._node, self._url = stage, node, url
        self._home = os.path.join(stage.root, "home")
        os.makedirs(self._home, exist_ok=True)

    def config(self, name, key, shown):
        """A file with the configuration `shown`, its URL and key replaced by those that work here."""
        # The name's ending keeps the file out of the search for secrets: it has to hold one.
        path = os.path.join(self._stage.root, f"{name}.inspector.key")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(shown.replace("http://127.0.0.1:8808/mcp", self._url).replace("mcpg_k_...", key))
        return path

    def ask(self, config, era, *words):
        """Exit code, the result and the error it prints."""
        environment = {**self._stage.environment, "HOME": self._home, "PATH": os.path.dirname(self._node)}
        done = subprocess.run([self._node, PROGRAM, "--cli", "--config", config, "--server", "mcpgate", "--format", "json",
                               "--quiet", "--protocol-era", era, *words], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60)
        with open(os.path.join(self._stage.records, "inspector.out"), "ab") as kept:
            kept.write(done.stdout + done.stderr)
        return done.returncode, first_json(done.stdout).get("result", {}), first_json(done.stderr).get("error", {})


def first_json(output):
    """The first line that is an object; what stands around it are words for people."""
    lines = [line for line in output.decode().splitlines() if line.startswith("{")]
    return json.loads(lines[0]) if lines else {}


def shown_configs():
    """The JSON blocks of the page that name a server by its URL under `mcpServers`; all blocks have to be JSON."""
    with open(PAGE, encoding="utf-8") as file:
        blocks = re.findall(r"^```json\n(.*?)^```$", file.read(), re.M | re.S)
    return [block for block in blocks if "url" in json.loads(block).get("mcpServers", {}).get("mcpgate", {})]


def content(result):
    return " ".join(block.get("text", "") for block in result.get("content", []))


def lists(inspector, config, era, tally):
    code, result, _ = inspector.ask(config, era, "--strict", "--method", "tools/list")
    names = [tool["name"] for tool in result.get("tools", [])]
    tally.case(code == 0 and "discord_send_message" in names, f"{era}: tools are listed, portable schemas and all: {code}, {len(names)} tools")
    for kind in ("resources", "prompts"):
        code, result, error = inspector.ask(config, era, "--method", f"{kind}/list")
        tally.case(code == 0 and result.get(kind) == [], f"{era}: {kind}/list says there are none: {code} {error or result}")


def calls(inspector, config, era, tally):
    code, result, _ = inspector.ask(config, era, "--method", "tools/call", "--tool-name", "check_server_status")
    tally.case(code == 0 and result["structuredContent"]["version"] in content(result), f"{era}: a tool is called: {code}")
    wrong = ["--method", "tools/call", "--tool-name", "discord_read_messages"]
    code, result, error = inspector.ask(config, era, *wrong, "--tool-args-json", '{"channel_id": "1"}')
    tally.case(code != 0 and result.get("isError") is True and "unknown channel" in content(result).lower(),
               f"{era}: a tool's failure is told: {code} {content(result)[:80]} {error.get('code')}")
    code, _, error = inspector.ask(config, era, "--method", "tools/call", "--tool-name", "no_such_tool")
    tally.case(code != 0 and "no_such_tool" in error.get("message", ""), f"{era}: an unknown tool is told: {code} {error}")


def refusals(inspector, configs, tally):
    """What a key may not do, and a key that is none."""
    code, result, _ = inspector.ask(configs["reader"], "auto", "--method", "tools/list")
    names = [tool["name"] for tool in result.get("tools", [])]
    tally.case(code == 0 and len(names) > 1 and "discord_send_message" not in names, f"a reader's list has no posting tool: {names}")
    code, result, error = inspector.ask(configs["none"], "legacy", "--stored-auth-only", "--method", "tools/list")
    tally.case(code != 0 and not result and bool(error), f"a wrong key ends it at once, with no sign-in to wait for: {code} {error}")


def run(stage, node, tally):
    keys = {role: stage.key(f"inspector-{role}", role, "*") for role in ("writer", "reader")}
    stage.add_root_key()
    inspector = Inspector(stage, node, stage.serve_http())
    shown = shown_configs()
    configs = {"none": inspector.config("none", "mcpg_k_none", shown[0])}
    for role, path in keys.items():
        with open(path, encoding="utf-8") as file:
            configs[role] = inspector.config(role, file.read().strip(), shown[0])
    for era in ERAS:
        lists(inspector, configs["writer"], era, tally)
        calls(inspector, configs["writer"], era, tally)
    refusals(inspector, configs, tally)
    with_type, without = (json.loads(block)["mcpServers"]["mcpgate"] for block in shown)
    tally.case({"type": "http", **without} == with_type, "the page's configuration without a type says the same")
