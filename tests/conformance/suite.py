"""The official suite as a program: which scenarios it asks of a revision, and what became of them."""

import json
import os
import re
import subprocess

PROGRAM = os.path.join("node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js")
OLDEST_NODE = 22  # an older one dies at the suite's first import
# A set of some fifty scenarios takes five seconds; one that hangs takes 30 and is then failed by the suite.
PATIENCE = 120


class Suite:
    """Runs the suite of `folder` with `node`. One thread."""

    def __init__(self, node, folder):
        self._command = [node, os.path.join(folder, PROGRAM)]

    def required(self, revision):
        """The server scenarios of a revision: those that are scored, and those that are only run."""
        return read_requirements(self._list("--requirements", revision))

    def everything(self):
        """All server scenarios there are."""
        return re.findall(r"^  - (\S+)", self._list("--server"), re.MULTILINE)

    def _list(self, *arguments):
        done = subprocess.run([*self._command, "list", *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE, check=True)
        return done.stdout

    def run(self, url, arguments, folder):
        """Runs scenarios and leaves their records in `folder`. Returns what the suite said, when it broke off."""
        command = [*self._command, "server", "--url", url, *arguments, "-o", folder]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return f"still running after {PATIENCE} s"
        # 0: all scored ones pass, 1: one does not. Both print a summary when several were run.
        return "" if done.returncode in (0, 1) and os.path.isdir(folder) else done.stdout[-2000:]


def read_requirements(text):
    """`conformance list --requirements`: a list of what is scored, then one of what is not, by kind."""
    scored, unscored, section = [], [], ""
    for line in text.splitlines():
        if not line.startswith(" "):
            section = line
        elif section.startswith("Server scenarios") and (found := re.match(r"  - (\S+)$", line)):
            scored.append(found[1])
        elif section.startswith("Run and reported") and (found := re.match(r"    - (\S+) \[server\]$", line)):
            unscored.append(found[1])
    return scored, unscored


def read_checks(folder):
    """Scenario -> its checks, from the records in `folder`."""
    records = {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        path = os.path.join(folder, name, "checks.json")
        found = re.match(r"server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$", name)
        if found and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                records[found[1]] = json.load(file)
    return records
