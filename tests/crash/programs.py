"""The programs under test as their users have them: the Discord stand-in, the command line, the stdio host."""

import http.client
import json
import os
import signal
import subprocess
import threading
import time
import urllib.parse

MODERN = "2026-07-28"
LEGACY = ("2025-11-25", "2025-06-18", "2025-03-26")
PATIENCE = 20  # s; longer than any deadline inside the programs

INVALID_CREDENTIAL, FORBIDDEN, RATE_LIMITED = 40101, 40301, 42901
STORE_TROUBLE = (42902, 50301, 50302)  # too busy, or the disk did not answer in time: the call did not run


class Killed(Exception):
    """The fleet takes no new process."""


class Fleet:
    """All processes that share the data directory. Safe for several threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._live = []
        self._closed = False
        self.killed = 0

    def start(self, command, environment, log):
        with self._lock:
            if self._closed:
                raise Killed
            process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=log)
            self._live.append(process)
            return process

    def kill(self, random, spare=None):
        """SIGKILL to everything but `spare`, in any order; nothing starts until reopen()."""
        with self._lock:
            self._closed = True
            doomed = [process for process in self._live if process is not spare]
            random.shuffle(doomed)
            for process in doomed:
                if process.poll() is None:
                    process.kill()
            for process in doomed:
                self.killed += process.wait() == -signal.SIGKILL
            self._live = [spare] if spare else []

    def reopen(self):
        with self._lock:
            self._closed = False


class Call:
    """A request and, once it came, its answer."""

    def __init__(self, number):
        self.number = number
        self.asked_at = time.monotonic()
        self.answer = None
        self.answered_at = None

    def outcome(self):
        """("none" | "refused" | "failed" | "done", what came with it)."""
        if self.answer is None:
            return "none", None
        if "error" in self.answer:
            return "refused", self.answer["error"]
        result = self.answer["result"]
        text = "".join(part.get("text", "") for part in result.get("content", ()))
        if result.get("isError"):
            return "failed", text
        return "done", result.get("structuredContent") or (json.loads(text) if text.startswith("{") else text)

    def refused_by(self, code):
        kind, error = self.outcome()
        return kind == "refused" and error["code"] == code


class Host:
    """A client's end of one mcpgate-stdio. Any thread may ask; one of its own listens."""

    def __init__(self, process, era):
        self.process = process
        self.era = era
        self.calls = []
        self.answers = 0
        self.strange = []  # what came that is no answer to anything asked
        self._news = threading.Condition()
        self._writing = threading.Lock()
        self._outstanding = {}
        self._ended = False
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        if era != MODERN:
            self.ask("initialize", {"protocolVersion": era, "capabilities": {},
                                    "clientInfo": {"name": "crash", "version": "1"}})
            self._write({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def ask(self, method, params):
        with self._writing:
            call = Call(len(self.calls) + 1)
            self.calls.append(call)
        if self.era == MODERN:
            params = {**params, "_meta": {"io.modelcontextprotocol/protocolVersion": MODERN,
                                          "io.modelcontextprotocol/clientCapabilities": {}}}
        with self._news:
            self._outstanding[call.number] = call
        self._write({"jsonrpc": "2.0", "id": call.number, "method": method, "params": params})
        return call

    def tool(self, name, arguments):
        return self.ask("tools/call", {"name": name, "arguments": arguments})

    def answered(self, call):
        """`call` with its answer; without one when the host ended."""
        self._wait(lambda: call.answer is not None)
        return call

    def has_room(self, in_flight):
        """Waits until fewer than that many calls are unanswered. False when the host has ended."""
        self._wait(lambda: len(self._outstanding) < in_flight)
        return not self._ended

    def loaded(self):
        """The names of the shared objects in it."""
        with open(f"/proc/{self.process.pid}/maps", encoding="utf-8") as maps:
            return {os.path.basename(line.split()[-1]) for line in maps}

    def close(self):
        """Ends it as a client does; returns its exit code."""
        try:
            self.process.stdin.close()
        except OSError:
            pass
        code = self.process.wait(PATIENCE)
        self.join()
        return code

    def join(self):
        self._listener.join(PATIENCE)

    def _wait(self, condition):
        with self._news:
            if not self._news.wait_for(lambda: condition() or self._ended, PATIENCE):
                raise TimeoutError(f"mcpgate-stdio did not answer within {PATIENCE} s")

    def _write(self, message):
        line = json.dumps(message, ensure_ascii=False).encode() + b"\n"
        try:
            with self._writing:
                self.process.stdin.write(line)
                self.process.stdin.flush()
        except (OSError, ValueError):
            pass  # it was killed; the listener notices

    def _listen(self):
        for line in self.process.stdout:
            if not line.endswith(b"\n"):
                break  # killed in the middle of a line
            now = time.monotonic()
            with self._news:
                try:
                    message = json.loads(line)
                    call = self._outstanding.pop(message["id"])
                    call.answer, call.answered_at = message, now
                    self.answers += 1
                except (ValueError, LookupError, TypeError):
                    self.strange.append(line[:200])
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


class Sandbox:
    """The Discord stand-in in its own process. It outlives every kill. One thread."""

    def __init__(self, cli, log, latency_ms=0):
        self._process = subprocess.Popen(
            [cli, "--json", "sandbox", "--no-rate-limits", "--latency-ms", str(latency_ms)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env={})
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"mcpgate sandbox ended with {self._process.wait()}")
        told = json.loads(line)
        self.url, self.token = told["base_url"], told["token"]
        self._state_path = urllib.parse.urlsplit(told["state_url"]).path
        self._base = urllib.parse.urlsplit(self.url)
        names = {channel["name"]: number for number, channel in self.state()["channels"].items()}
        self.channels = [names["general"], names["bot-bench"]]
        self._read_up_to = {channel: self._newest(channel) for channel in self.channels}

    def state(self):
        return self._get(self._state_path)

    def new_messages(self):
        """Messages that appeared since the last time, oldest first within their channel."""
        found = []
        for channel in self.channels:
            while True:
                page = self._messages(channel, f"limit=100&after={self._read_up_to[channel]}")
                if not page:
                    break
                found += reversed(page)
                self._read_up_to[channel] = page[0]["id"]
        return found

    def stop(self):
        self._process.terminate()
        code = self._process.wait(PATIENCE)
        self._process.stdout.close()
        return code

    def _newest(self, channel):
        page = self._messages(channel, "limit=1")
        return page[0]["id"] if page else "0"

    def _messages(self, channel, query):
        return self._get(f"{self._base.path}/channels/{channel}/messages?{query}")

    def _get(self, path):
        # A connection for each question: one kept would be closed as idle in a long quiet phase.
        connection = http.client.HTTPConnection(self._base.netloc, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bot {self.token}",
                                                     "User-Agent": "DiscordBot (crash, 1)"})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"the sandbox answered {answer.status} to {path}: {body[:200]}")
        return json.loads(body)


class Stage:
    """A data directory, what runs on it, and a log of what it says. Safe for several threads."""

    def __init__(self, programs, root, sandbox=None, preload=None):
        # No variable of the caller's reaches a program under test.
        self.environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8",
                            "MCPGATE_LIMITS": "per-key=off,per-tool=off"}
        if preload:
            self.environment["LD_PRELOAD"] = preload
        self._cli = os.path.join(programs, "mcpgate")
        self._stdio = os.path.join(programs, "mcpgate-stdio")
        self._sandbox = sandbox
        self.data = os.path.join(root, "data")
        self.log = open(os.path.join(root, "stderr.log"), "ab")
        self.fleet = Fleet()

    def tear_writes(self, sixteenths):
        """How much of what was not synced a kill leaves in part, for programs started from now on under a preload."""
        self.environment["MCPGATE_TORN_WRITES"] = str(sixteenths)

    def command(self, *arguments):
        """`mcpgate ... --json`, started."""
        return self.fleet.start([self._cli, "--json", "--data", self.data, *arguments], self.environment, self.log)

    def told(self, *arguments):
        """(exit code, the document it printed or None). A document that is whole counts, however it ended."""
        return self.result(self.command(*arguments))

    @staticmethod
    def result(process):
        out, _ = process.communicate(timeout=PATIENCE)
        try:
            return process.returncode, json.loads(out)
        except ValueError:
            return process.returncode, None

    def create_key(self, name, role="writer", *more):
        code, told = self.told("keys", "create", "--name", name, "--role", role, "--channel", "*", *more)
        if code != 0:
            raise RuntimeError(f"keys create ended with {code}; see {self.log.name}")
        return told["key"]["id"], told["token"]

    def host(self, token, era=MODERN, *options):
        environment = {**self.environment, "MCPGATE_API_KEY": token}
        if self._sandbox:
            environment["MCPGATE_DISCORD_TOKEN"] = self._sandbox.token
            options = ("--discord-url", self._sandbox.url, *options)
        command = [self._stdio, "--data", self.data, *options]
        return Host(self.fleet.start(command, environment, self.log), era)
