"""The audit trail as it lies on the disk, read from a copy so that looking at it repairs nothing."""

import contextlib
import datetime
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile


class Trail:
    """One look at audit.db. No process of the gate may be running while it is made."""

    def __init__(self, data):
        self.records = []  # (seq, body as text)
        self.damage = []   # what SQLite finds wrong with either file
        with tempfile.TemporaryDirectory(prefix="mcpgate-crash-") as scratch:
            for name in ("audit.db", "gate.db"):
                self._look(data, name, scratch)

    def _look(self, data, name, scratch):
        for end in ("", "-wal"):
            source = os.path.join(data, name + end)
            if os.path.exists(source):
                shutil.copyfile(source, os.path.join(scratch, name + end))
        if not os.path.exists(os.path.join(scratch, name)):
            return
        with contextlib.closing(sqlite3.connect(os.path.join(scratch, name))) as db:
            found = [row[0] for row in db.execute("PRAGMA integrity_check")]
            self.damage += [f"{name}: {text}" for text in found if text != "ok"]
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master")]
            if name == "audit.db" and "audit" in tables:
                self.records = db.execute("SELECT seq, body FROM audit ORDER BY seq").fetchall()

    def kept(self, earlier):
        """(how many records of an earlier look are missing or changed, how many a repair owns up to)."""
        same = 0
        for old, new in zip(earlier.records, self.records):
            if old != new:
                break
            same += 1
        repaired = 0
        for _, body in self.records[same:]:
            record = json.loads(body)
            if record["action"] == "audit.repair":
                repaired += int(record["fields"]["removed"])
        return len(earlier.records) - same, repaired

    def read(self, after=0):
        """The records beyond the first `after`, parsed, with their seq."""
        return [{**json.loads(body), "seq": seq} for seq, body in self.records[after:]]


class ArgumentDigest:
    """The keyed digest that stands for a call's arguments in the trail, by the rules of base/crypto and gate."""

    def __init__(self, data):
        with open(os.path.join(data, "root.key"), "rb") as file:
            root = file.read()
        self._key = hashlib.blake2b(b"mcpgate derived key v1", key=root, person=b"digest", digest_size=32).digest()

    def of(self, arguments):
        text = json.dumps(arguments, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        return hashlib.blake2b(text, key=self._key, person=b"mcpgate args", digest_size=32).hexdigest()[:32]


def nanoseconds(time):
    """A record's time, "2026-01-02T03:04:05.123456789Z", since 1970."""
    whole = datetime.datetime.strptime(time[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return int(whole.timestamp()) * 1_000_000_000 + int(time[20:29])
