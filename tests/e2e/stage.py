"""A data directory with keys in it, what runs against it, and a look for secrets in all that is left behind."""

import base64
import json
import os
import subprocess
import sys
import tempfile

TAP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tap.py")


class Stage:
    """Lives in a scratch folder that goes with it. One thread."""

    def __init__(self, server, cli, http=""):
        self.server = os.path.abspath(server)
        self.http = os.path.abspath(http) if http else ""
        self._serving = []
        self._served = 0
        self.cli = os.path.abspath(cli)
        self._folder = tempfile.TemporaryDirectory(prefix="mcpgate-e2e-")
        self.root = self._folder.name
        self.data = os.path.join(self.root, "data")
        self.records = os.path.join(self.root, "records")
        os.mkdir(self.records)
        self.secrets = {}  # what must not be found -> what it is

    def close(self):
        self.stop_http()
        self._folder.cleanup()

    def serve_http(self, *options):
        """Starts mcpgate-http on a free port; what it says is kept for the search. Returns its address."""
        log = open(self._log(self._served), "wb")
        self._served += 1
        process = subprocess.Popen([self.http, "--data", self.data, "--listen", "127.0.0.1:0", "--sandbox", "--json",
                                    *options], env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=log)
        log.close()
        self._serving.append(process)
        return json.loads(process.stdout.readline())["url"]

    def _log(self, number):
        return os.path.join(self.records, f"http-{number}.err")

    def said(self):
        """What the last one that was started has said on standard error so far."""
        with open(self._log(self._served - 1), encoding="utf-8") as log:
            return log.read()

    def kill_http(self):
        """Ends those that run without asking them (SIGKILL)."""
        killed, self._serving = self._serving, []
        for process in killed:
            process.kill()
            process.wait(30)
            process.stdout.close()

    def stop_http(self):
        """Exit codes of those that ran."""
        stopped, self._serving = self._serving, []
        for process in stopped:
            process.terminate()
        codes = [process.wait(30) for process in stopped]
        for process in stopped:
            process.stdout.close()
        return codes

    # No variable of the caller's reaches a program under test, so its setting is this file's alone.
    environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8",
                   "MCPGATE_LIMITS": "per-key=off,per-tool=off"}  # conversations are faster than people

    def command(self, *arguments, code=0):
        """Runs `mcpgate ...`; its whole output is kept for the search."""
        done = subprocess.run([self.cli, "--data", self.data, *arguments], env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        with open(os.path.join(self.records, "cli.out"), "ab") as kept:
            kept.write(done.stdout + done.stderr)
        if code is not None and done.returncode != code:
            raise AssertionError(f"mcpgate {' '.join(arguments)}: exit {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode()

    def key(self, name, role, *channels):
        """Makes a key and returns the file that holds it."""
        path = os.path.join(self.root, f"{name}.key")
        wanted = [word for channel in channels for word in ("--channel", channel)]
        created = json.loads(self.command("--json", "keys", "create", "--name", name, "--role", role, *wanted,
                                          "--key-file", path))
        assert created["key"]["name"] == name, created
        with open(path, encoding="utf-8") as file:
            token = file.read().strip()
        self.secrets[token.rsplit("_", 1)[1].encode()] = f"the secret of key {name}"
        return path

    def add_root_key(self):
        """The root key counts as leaked in any of the forms a program would print it in."""
        with open(os.path.join(self.data, "root.key"), "rb") as file:
            root = file.read()
        for form in (root, root.hex().encode(), root.hex().upper().encode(), base64.b64encode(root).rstrip(b"="),
                     base64.urlsafe_b64encode(root).rstrip(b"=")):
            self.secrets[form] = "the root key"

    def leaks(self, secrets=None):
        """Where a secret was left: records, standard error, command output, every file of the data directory."""
        secrets = self.secrets if secrets is None else secrets
        found = []
        for folder, _, names in os.walk(self.root):
            for name in names:
                if name == "root.key" or name.endswith((".key", ".token")):
                    continue
                with open(os.path.join(folder, name), "rb") as file:
                    content = file.read()
                found += [f"{what} in {name}" for secret, what in secrets.items() if secret in content]
        return found

    def setting(self, **more):
        """What a conversation script is told."""
        path = os.path.join(self.root, "setting.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"python": sys.executable, "tap": TAP, "server": self.server, "data": self.data,
                       "records": self.records, "environment": self.environment, **more}, file)
        return path
