"""two_processes_test.py FOLDER: two mcpgate-stdio and the command line on one data directory, under the shipped limits.

Five posts an hour hold across both and across restarts, the sixth is refused with its exact retry time in
whichever process; a revocation is seen by the next call of both; a key made while they run works in a third.
"""

import collections
import itertools
import os
import random
import sys
import tempfile
import threading
import time
import traceback

from programs import INVALID_CREDENTIAL, LEGACY, MODERN, RATE_LIMITED, Sandbox, Stage
from tally import Tally

LIMIT = 5
HOUR_MS = 3_600_000


class Pair:
    """Two hosts with one key, of different eras."""

    def __init__(self, stage, sandbox, token):
        self._channel = sandbox.channels[0]
        self._numbers = itertools.count(1)
        self.hosts = [stage.host(token, MODERN), stage.host(token, LEGACY[0])]

    def start_post(self, index):
        return self.hosts[index].tool("discord_send_message", {"channel_id": self._channel,
                                                               "content": f"post {next(self._numbers)}"})

    def post(self, index):
        """A post by one of the two, answered."""
        return self.hosts[index].answered(self.start_post(index))

    def read(self, index):
        host = self.hosts[index]
        return host.answered(host.tool("discord_read_messages", {"channel_id": self._channel, "limit": 1}))

    def close(self):
        return [f"a host ended with {code}" for code in [host.close() for host in self.hosts] if code != 0]


def expect(call, kind):
    got, what = call.outcome()
    return [] if got == kind else [f"{kind} was expected, not {got}: {what}"]


def expect_wait(call, last):
    """Refused by `posting`, until exactly an hour after the admission that call `last` stands for."""
    if not call.refused_by(RATE_LIMITED):
        return [f"a refusal by limit was expected, not {call.outcome()}"]
    data = call.answer["error"]["data"]
    # The admission and the refusal each lie somewhere between question and answer. A millisecond for rounding up.
    shortest = HOUR_MS - (call.answered_at - last.asked_at) * 1000
    longest = HOUR_MS - (call.asked_at - last.answered_at) * 1000 + 1
    problems = []
    if (data["policy"], data["limit"]) != ("posting", LIMIT):
        problems.append(f"another limit refused: {data}")
    if not shortest <= data["retryAfterMs"] <= longest:
        problems.append(f"retry after {data['retryAfterMs']} ms, but {shortest:.1f} to {longest:.1f} is right")
    return problems


def check_in_turn(stage, sandbox, tally):
    token = stage.create_key("in turn")[1]
    pair = Pair(stage, sandbox, token)
    posts = [pair.post(index % 2) for index in range(LIMIT)]
    tally.case([problem for post in posts for problem in expect(post, "done")],
               "two processes share five posts")
    for index in (0, 1):
        tally.case(expect_wait(pair.post(index), posts[-1]), f"the sixth is refused by process {index + 1}, with the "
                   "exact time to wait")
    tally.case(expect(pair.read(0), "done") + expect(pair.read(1), "done"), "what is no post is still served")
    tally.case(pair.close(), "both end well")
    for index in (0, 1):
        pair = Pair(stage, sandbox, token)
        tally.case(expect_wait(pair.post(index), posts[-1]), f"restart {index + 1} changes neither limit nor wait")
        pair.close()
    pair = Pair(stage, sandbox, token)
    stage.fleet.kill(random)
    stage.fleet.reopen()
    pair = Pair(stage, sandbox, token)
    tally.case(expect_wait(pair.post(0), posts[-1]) + expect_wait(pair.post(1), posts[-1]),
               "nor does a kill")
    pair.close()


def check_at_once(stage, sandbox, tally):
    token = stage.create_key("at once")[1]
    pair = Pair(stage, sandbox, token)
    for host in pair.hosts:
        host.answered(host.ask("tools/list", {}))
    calls = [pair.start_post(index % 2) for index in range(4 * LIMIT)]
    for index, call in enumerate(calls):
        pair.hosts[index % 2].answered(call)
    count = collections.Counter(call.outcome()[0] for call in calls)
    done = [call for call in calls if call.outcome()[0] == "done"]
    refused = [call for call in calls if call.refused_by(RATE_LIMITED)]
    tally.case([] if len(done) == LIMIT and len(refused) == 3 * LIMIT else [f"{dict(count)}"],
               f"of {4 * LIMIT} posts at once in both, five pass")
    pair.close()


def check_revocation(stage, sandbox, tally):
    for era in (MODERN, LEGACY[0]):
        key_id, token = stage.create_key(f"revoked {era}")
        pair = Pair(stage, sandbox, token)
        before = [pair.post(0), pair.read(0), pair.read(1)]
        code, _ = stage.told("keys", "revoke", key_id)
        after = [pair.read(0), pair.read(1)] if era == MODERN else [pair.post(1), pair.post(0)]
        problems = [problem for call in before for problem in expect(call, "done")]
        problems += [] if code == 0 else [f"keys revoke ended with {code}"]
        problems += [f"served after the revocation: {call.outcome()}" for call in after
                     if not call.refused_by(INVALID_CREDENTIAL)]
        what = "read" if era == MODERN else "post"
        tally.case(problems, f"a revocation is seen by the very next {what} of both processes")
        pair.close()


def check_revocation_in_flight(stage, sandbox, tally):
    """Both read without pause while the key is revoked; what was asked for after the answer must be refused."""
    key_id, token = stage.create_key("in flight")
    pair = Pair(stage, sandbox, token)
    calls = [[], []]
    enough = threading.Event()

    def keep_reading(index):
        while not enough.is_set():
            calls[index].append(pair.read(index))

    readers = [threading.Thread(target=keep_reading, args=(index,)) for index in (0, 1)]
    for reader in readers:
        reader.start()
    while not all(len(made) > 3 for made in calls):
        enough.wait(0.001)
    code, _ = stage.told("keys", "revoke", key_id)
    revoked_at = time.monotonic()
    marks = [len(made) for made in calls]
    while not all(len(made) > mark + 3 for made, mark in zip(calls, marks)):
        enough.wait(0.001)
    enough.set()
    for reader in readers:
        reader.join()
    everything = calls[0] + calls[1]
    problems = [] if code == 0 else [f"keys revoke ended with {code}"]
    problems += [f"served after the revocation: {call.outcome()}" for call in everything
                 if call.asked_at > revoked_at and not call.refused_by(INVALID_CREDENTIAL)]
    problems += [f"neither served nor refused: {call.outcome()}" for call in everything
                 if call.outcome()[0] != "done" and not call.refused_by(INVALID_CREDENTIAL)]
    tally.case(problems, f"a revocation amid {len(everything)} reads stops both at once")
    pair.close()


def check_creation(stage, sandbox, tally):
    pair = Pair(stage, sandbox, stage.create_key("first")[1])
    pair.read(0), pair.read(1)
    third = Pair(stage, sandbox, stage.create_key("made while they run")[1])
    tally.case(expect(third.post(0), "done") + expect(third.read(1), "done"),
               "a key made while two processes run works at once in a third")
    tally.case(expect(pair.post(0), "done") + expect(pair.post(1), "done"), "and the two go on")
    third.close(), pair.close()


CHECKS = (check_in_turn, check_at_once, check_revocation, check_revocation_in_flight, check_creation)


def test(programs, root, tally):
    with open(os.path.join(root, "sandbox.log"), "wb") as log:
        sandbox = Sandbox(os.path.join(programs, "mcpgate"), log)
    stage = Stage(programs, root, sandbox)
    try:
        for check in CHECKS:
            check(stage, sandbox, tally)
        code, told = stage.told("audit", "verify")
        tally.case([] if code == 0 else [f"audit verify ended with {code}: {told}"],
                   "the trail of all of them verifies")
    finally:
        stage.fleet.kill(random)
        sandbox.stop()


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="mcpgate-crash-") as root:
        try:
            test(os.path.abspath(sys.argv[1]), root, tally)
        except Exception:
            tally.case(traceback.format_exc().splitlines()[-8:], "the test came to its end")
        tally.show_tail(os.path.join(root, "stderr.log"))
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
