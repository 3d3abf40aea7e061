"""kill_test.py FOLDER [--preload MODULE]: kills mcpgate and mcpgate-stdio again and again and looks what is left.

Each kill is a SIGKILL to every process on one data directory at a random point of its work: hosts of both eras
with messages in flight, keys being made and revoked beside them. The sandbox runs in its own process and survives.
After every kill: no key lost, revived or invented; each message in the sandbox has its durable intent record; the
trail verifies and has lost nothing in silence; limits are not reset; what was acknowledged is there, once.

The module is loaded into every program on the data directory: a SQLite VFS that throws away at a kill whatever was
not synced, so that the kill is a power cut. MCPGATE_CRASH_SEED repeats the choices of a run (not its timing), MCPGATE_CRASH_KILLS sets how many kills (50),
MCPGATE_CRASH_KEEP names a new folder for a copy of everything at the end.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback

from ledger import Key, Ledger, Send, first_intents
from programs import INVALID_CREDENTIAL, LEGACY, MODERN, PATIENCE, RATE_LIMITED, Killed, Sandbox, Stage
from tally import Tally
from trail import ArgumentDigest, Trail

POSTING_LIMIT = 40
BIRTHS = 12  # data directories killed while they are made
ROLES = ("reader", "writer", "manager", "moderator", "admin")
# Text that a digest over badly escaped or reordered arguments would not survive.
SPICE = ("", " \u00e9\u2603\U0001f9ef", ' "quoted" \\ back', "\ttab\nline", " \u0001\u007f</b>")


class Run:
    """The rounds on one data directory. `chance` is used by the main thread only; others get their own."""

    def __init__(self, stage, sandbox, chance):
        self.stage = stage
        self.sandbox = sandbox
        self.chance = chance
        self.ledger = Ledger(POSTING_LIMIT)
        self.problems = []
        self.hosts = []
        self.trail = None
        self.repaired = 0
        self._retry = []
        self._number = 0
        self._lock = threading.Lock()
        self._digest = None

    # ---- under load ----

    def host(self, key):
        era = self.chance.choice((MODERN, self.chance.choice(LEGACY)))
        host = self.stage.host(key.token, era, "--posting-limit", f"{POSTING_LIMIT}/1h",
                               "--limit", "burst=off,per-key=off,per-tool=off")
        self.hosts.append(host)
        return host

    def number(self):
        with self._lock:
            self._number += 1
            return self._number

    def send(self, host, key, chance):
        arguments = {"content": f"message {self.number()}{chance.choice(SPICE)}.",
                     "channel_id": chance.choice(self.sandbox.channels)}
        if chance.random() < 0.3:
            arguments["idempotency_key"] = f"errand {self.number()}"
        send = Send(key, arguments)
        return self.try_send(host, send)

    def try_send(self, host, send):
        call = host.tool("discord_send_message", send.arguments)
        self.ledger.add_call(send, call)
        return call

    def load(self, host, key, retry, chance):
        """Calls without end, until the host dies or has refused a revoked key often enough."""
        in_flight = chance.choice((1, 4, 8, 16))
        calls_left = 1000
        while calls_left > 0 and host.has_room(in_flight):
            calls_left = calls_left - 1 if not key.revoked_at else min(calls_left - 1, 20)
            dice = chance.random()
            if retry and dice < 0.5:
                self.try_send(host, retry.pop())
            elif dice < (0.2 if key.limited_at else 0.7):
                self.send(host, key, chance)
            elif dice < 0.85:
                host.tool("discord_read_messages", {"channel_id": self.sandbox.channels[0], "limit": 3})
            elif dice < 0.95:
                host.tool("discord_list_channels", {})
            else:
                host.tool("check_server_status", {})

    def operate(self, victims, chance):
        """Makes and revokes keys without end, until killed."""
        try:
            while True:
                if victims and chance.random() < 0.4:
                    self.revoke(victims.pop())
                else:
                    self.create(chance)
        except Killed:
            pass

    def create(self, chance):
        rights = {"role": chance.choice(ROLES), "tenant": "default",
                  "allow_tools": chance.choice(([], ["discord_get_*"])),
                  "deny_tools": chance.choice(([], ["discord_list_channels"])),
                  "resources": [f"discord:channel:{id}" for id in chance.choice((["*"], self.sandbox.channels))]}
        key = Key(f"key {self.number()}", rights)
        words = ["--name", key.name, "--role", rights["role"]]
        for pattern in rights["allow_tools"]:
            words += ["--allow-tool", pattern]
        for pattern in rights["deny_tools"]:
            words += ["--deny-tool", pattern]
        for resource in rights["resources"]:
            words += ["--channel", resource.rsplit(":", 1)[1]]
        if chance.random() < 0.5:
            key.token_file = os.path.join(os.path.dirname(self.stage.data), f"{key.name}.key")
            words += ["--key-file", key.token_file]
        self.ledger.add_key(key)
        _, told = self.stage.told("keys", "create", *words)
        if told is not None:
            key.key_id = told["key"]["id"]
            key.created = True
            key.token = told.get("token") or self.token_in(key.token_file)

    def revoke(self, key):
        key.revoke_asked = True
        _, told = self.stage.told("keys", "revoke", key.key_id)
        if told is not None:
            key.revoked_at = time.monotonic()

    @staticmethod
    def token_in(path):
        try:
            with open(path, encoding="utf-8") as file:
                return file.read().strip()
        except OSError:
            return ""

    # ---- one kill ----

    def round(self):
        """Starts everything, kills it, returns what there is to say about it."""
        chance = self.chance
        self.stage.fleet.reopen()
        self.stage.tear_writes(chance.choice((0, 0, 4, 12)))
        self.hosts = []
        chosen, victims = self.cast()
        answers = 0 if chance.random() < 0.3 else chance.randrange(1, 60)
        began = time.monotonic()
        loads, operators = self.start(chosen, victims)
        self.wait_for(loads, answers, chance.uniform(0, 0.01 if answers else 0.08))
        after = time.monotonic() - began
        survivor = self.hosts[0] if len(self.hosts) > 1 and chance.random() < 0.5 else None
        if survivor:
            self.stage.fleet.kill(chance, survivor.process)
            self.check_survivor(survivor, chosen[0])
        self.stage.fleet.kill(chance)
        for thread in loads + operators:
            thread.join()
        for host in self.hosts:
            host.join()
        what = f"{len(self.hosts)} hosts" if len(self.hosts) > 1 else "1 host"
        return f"after {answers} answers and {after * 1000:.0f} ms, {what}{', one spared at first' if survivor else ''}"

    def wait_for(self, loads, answers, delay):
        """Until the hosts have given so many or are asked no more, and a moment longer: a busy machine does not make
        for idle rounds."""
        pause = threading.Event()
        end = time.monotonic() + PATIENCE
        while sum(host.answers for host in self.hosts) < answers and time.monotonic() < end:
            if not any(load.is_alive() for load in loads):
                break
            pause.wait(0.002)
        pause.wait(delay)

    def cast(self):
        """The keys that post in this round and those that will be revoked meanwhile."""
        writers = self.ledger.keys_where(self.can_send)
        while len(writers) < 2:
            self.create_writer()
            writers = self.ledger.keys_where(self.can_send)
        # The one nearest to its limit first, so that limits are reached and then defended.
        writers = sorted(writers, key=lambda key: -key.attempts)[:2]
        posting = writers[:1] + ([self.chance.choice(writers)] if self.chance.random() < 0.4 else [])
        victims = self.ledger.keys_where(lambda key: key.created and not key.revoke_asked and key not in writers)
        self.chance.shuffle(victims)
        if self.chance.random() < 0.25:
            victims.append(posting[-1])  # in full flight
        return posting, victims

    def start(self, posting, victims):
        chance = self.chance
        operators = [threading.Thread(target=self.operate, args=(victims[operator::2], random.Random(chance.random())))
                     for operator in range(chance.choice((1, 1, 2)))]
        loads = []
        for key in posting:
            retry = [send for send in self._retry if send.key is key]
            loads.append(threading.Thread(target=self.load,
                                          args=(self.host(key), key, retry, random.Random(chance.random()))))
        for thread in operators + loads:
            thread.start()
        return loads, operators

    def can_send(self, key):
        return (key.is_usable() and key.rights["role"] != "reader"
                and key.rights["resources"] == ["discord:channel:*"])

    def create_writer(self):
        key = Key(f"key {self.number()}", {"role": "writer", "resources": ["discord:channel:*"]})
        self.ledger.add_key(key)
        key.key_id, key.token = self.stage.create_key(key.name)
        key.created = True

    def check_survivor(self, host, key):
        """Another's death must not stop a host that goes on."""
        call = host.answered(host.tool("discord_read_messages", {"channel_id": self.sandbox.channels[0], "limit": 1}))
        if call.answer is None and not (key.revoke_asked and host.process.wait(PATIENCE) == 2):
            self.problems.append(f"a host died of another's death: {host.process.poll()}")
        if call.answer and call.outcome()[0] != "done" and not call.refused_by(INVALID_CREDENTIAL):
            self.problems.append(f"a host fails since another's death: {call.answer}")

    # ---- after it ----

    def examine(self):
        """Everything that must hold now. Nothing of the gate runs when it begins."""
        problems, self.problems = self.problems, []
        for host in self.hosts:
            problems += [f"a host wrote {line}" for line in host.strange]
        problems += self.ledger.judge_answers()
        problems += self.look_at_trail()
        problems += self.look_at_messages()
        self.stage.fleet.reopen()
        problems += self.ask_programs()
        self._retry = [send for send in self.ledger.sends.values()
                       if "idempotency_key" in send.arguments and not send.is_answered() and send.key.is_usable()]
        return problems

    def look_at_trail(self):
        self._digest = self._digest or ArgumentDigest(self.stage.data)
        trail = Trail(self.stage.data)
        problems = list(trail.damage)
        if self.trail is not None:
            missing, repaired = trail.kept(self.trail)
            self.repaired += repaired
            if missing > repaired:
                problems.append(f"the trail lost or changed {missing} records and owns up to {repaired}")
        self.trail = trail
        return problems

    def look_at_messages(self):
        made_at = {entry["id"]: entry["at_ns"] for entry in self.sandbox.state()["created"]}
        intents = first_intents(self.trail.read(), self._digest)
        return self.ledger.judge_messages(self.sandbox.new_messages(), made_at, intents)

    def ask_programs(self):
        """Opens the directory by four processes at once, the first ones after the kill."""
        verify = self.stage.command("audit", "verify")
        listing = self.stage.command("keys", "list", "--all")
        revoked = self.ledger.keys_where(lambda key: key.revoked_at and key.token)
        limited = self.ledger.keys_where(lambda key: key.limited_at and not key.revoke_asked)
        tried = [self.chance.choice(keys) for keys in (revoked, limited) if keys]
        hosts = [self.host(key) for key in tried]
        problems = []
        for key, host in zip(tried, hosts):
            problems += self.check_refused(key, host)
        problems += self.check_verdict(*self.stage.result(verify))
        problems += self.check_listing(*self.stage.result(listing))
        return problems

    def check_refused(self, key, host):
        if key.revoked_at:
            code = host.close()
            return [] if code == 2 else [f"a host took the revoked key {key.name} and ended with {code}"]
        call = host.answered(self.send(host, key, self.chance))
        code = host.close()
        problems = [] if code == 0 else [f"a host ended with {code} at the end of its input"]
        if not call.refused_by(RATE_LIMITED) and not key.unit_returned:
            problems.append(f"key {key.name} was refused by its limit and is not any more: {call.answer}")
        return problems

    @staticmethod
    def check_verdict(code, told):
        return [] if code == 0 and told["state"] == "intact" else [f"audit verify ended with {code} and says {told}"]

    def check_listing(self, code, told):
        if code != 0:
            return [f"keys list ended with {code}"]
        problems = self.ledger.judge_keys(told["keys"])
        ids = {entry["id"] for entry in told["keys"]}
        for key in self.ledger.keys_where(lambda key: key.token_file is not None):
            token = self.token_in(key.token_file)
            if token and token.split("_")[2] not in ids:
                problems.append(f"the key in {key.token_file} is lost")
        return problems

    def check_all_keys(self):
        """Each key once more, by a fresh host: revoked ones refused, exhausted ones limited, the others served."""
        problems = []
        keys = self.ledger.keys_where(lambda key: key.created and key.token)
        for some in (keys[i:i + 4] for i in range(0, len(keys), 4)):
            for key, host in [(key, self.host(key)) for key in some]:
                if key.revoked_at or (key.limited_at and not key.revoke_asked):
                    problems += self.check_refused(key, host)
                    continue
                call = host.answered(host.ask("tools/list", {}))
                if host.close() != 0 and not key.revoke_asked:
                    problems.append(f"key {key.name} is not served: {call.answer}")
        return problems


def check_births(options, root, chance, tally):
    """Kills the making of a data directory; the next attempt must find its way."""
    for birth in range(BIRTHS):
        folder = os.path.join(root, f"birth {birth}")
        os.mkdir(folder)
        stage = Stage(options.folder, folder, preload=options.preload)
        first = stage.command("keys", "create", "--name", "first")
        delay = chance.uniform(0, 0.05)
        threading.Event().wait(delay)
        stage.fleet.kill(chance)
        _, told = stage.result(first)
        stage.fleet.reopen()
        problems = []
        code, second = stage.told("keys", "create", "--name", "second")
        _, listed = stage.told("keys", "list", "--all")
        names = {key["name"]: key["state"] for key in listed["keys"]} if listed else {}
        if code != 0 or second is None or names.get("second") != "live":
            problems.append(f"a key cannot be made: exit {code}, {names}")
        if told is not None and names.get("first") != "live":
            problems.append(f"the first key was acknowledged and is {names.get('first')}")
        problems += Run.check_verdict(*stage.told("audit", "verify"))
        tally.case(problems, f"a data directory killed while it was made, after {delay * 1000:.0f} ms")
        stage.log.close()


def finish(run, tally):
    trail_before = len(run.trail.records)
    tally.case(run.check_all_keys(), "every key is refused, limited or served as it was before")
    tally.case(run.ledger.judge_answers() + run.look_at_trail() + run.look_at_messages(),
               "a quiet end loses nothing either")
    records = run.trail.read()
    intents = first_intents(records, run._digest)
    sent = [send for send in run.ledger.sends.values() if send.message]
    tally.case([problem for send in sent for problem in run.ledger.judge_intent(send, float("inf"), intents)],
               f"each of {len(sent)} messages has its intent record, whatever happened since")
    tally.case(run.ledger.judge_records(records),
               "the trail has one intent a call, no outcome without one, each change of keys, and no limit exceeded")
    problems = []
    if not (trail_before and sent and run.ledger.refusals):
        problems.append("the load was too weak to show anything")
    tally.case(problems, "the load reached records, messages and limits")


def check_preload(run, preload, tally):
    """A program that was linked otherwise would pass everything and show nothing."""
    run.create_writer()
    host = run.host(run.ledger.keys_where(run.can_send)[0])
    host.answered(host.ask("tools/list", {}))
    loaded = host.loaded()
    host.close()
    missing = [name for name in (os.path.basename(preload), "libsqlite3.so")
               if not any(other.startswith(name) for other in loaded)]
    tally.case([f"{name} is not in the process" for name in missing], "what is not synced is thrown away")


def report(run, kills):
    """Figures, for whoever wants to know how hard it was."""
    ledger = run.ledger
    keys, sends = ledger.keys.values(), ledger.sends.values()
    print(f"{kills} kills, {run.stage.fleet.killed} processes killed; {len(keys)} keys asked for, "
          f"{sum(key.created for key in keys)} made, {sum(bool(key.revoked_at) for key in keys)} revoked, "
          f"{sum(bool(key.limited_at) for key in keys)} exhausted; {len(sends)} messages asked for, "
          f"{sum(bool(send.message) for send in sends)} there; {len(run.trail.records)} records, "
          f"{run.repaired} removed by repairs; {ledger.refusals} refusals by limit, {ledger.store_trouble} by the store")


def test(options, root, tally):
    seed = int(os.environ.get("MCPGATE_CRASH_SEED") or random.SystemRandom().randrange(1 << 32))
    kills = int(os.environ.get("MCPGATE_CRASH_KILLS", "50"))
    chance = random.Random(seed)
    print(f"MCPGATE_CRASH_SEED={seed}", flush=True)
    check_births(options, root, chance, tally)
    with open(os.path.join(root, "sandbox.log"), "wb") as log:
        sandbox = Sandbox(os.path.join(options.folder, "mcpgate"), log, latency_ms=3)
    stage = Stage(options.folder, root, sandbox, options.preload)
    run = Run(stage, sandbox, chance)
    try:
        if options.preload:
            check_preload(run, options.preload, tally)
        for kill in range(1, kills + 1):
            story = run.round()
            tally.case(run.examine(), f"kill {kill} of {kills}, {story}: {len(run.trail.records)} records")
        finish(run, tally)
        report(run, kills)
    finally:
        stage.fleet.kill(chance)
        tally.case([] if sandbox.stop() == 0 else ["it did not end well"], "the sandbox was there all the time")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=os.path.abspath)
    parser.add_argument("--preload", type=os.path.abspath)
    options = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="mcpgate-crash-") as root:
        try:
            test(options, root, tally)
        except Exception:
            tally.case(traceback.format_exc().splitlines()[-8:], "the test came to its end")
        tally.show_tail(os.path.join(root, "stderr.log"))
        keep = os.environ.get("MCPGATE_CRASH_KEEP")
        if keep:
            shutil.copytree(root, keep)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
