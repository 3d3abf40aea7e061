"""tap.py RECORDS NAME -- SERVER [ARGUMENT...]

Runs the server between a client and itself, and writes down every line that passes, whole and in order:
RECORDS/NAME.<pid>.jsonl holds {"from": "client" | "server", "line": ...} and, at the end, {"exit": code};
RECORDS/NAME.<pid>.stderr is what the server said beside the protocol.
"""

import json
import os
import signal
import subprocess
import sys
import threading


class Record:
    """One file of lines. Safe for concurrent use."""

    def __init__(self, path):
        self._file = open(path, "w", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, **entry):
        with self._lock:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()


def pump(source, sink, side, record):
    """Passes lines on, each written down before it arrives."""
    for line in iter(source.readline, b""):
        record.write(**{"from": side, "line": line.decode("utf-8", "surrogateescape")})
        try:
            sink.write(line)
            sink.flush()
        except BrokenPipeError:
            break
    try:
        sink.close()
    except BrokenPipeError:
        pass


def main():
    folder, name, dashes, *command = sys.argv[1:]
    assert dashes == "--" and command
    stem = os.path.join(folder, f"{name}.{os.getpid()}")
    record = Record(stem + ".jsonl")
    with open(stem + ".stderr", "wb") as stderr:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: server.send_signal(number))
    # A client that vanishes without closing its end does not keep the tap alive: both pumps are daemons.
    inward = threading.Thread(target=pump, args=(sys.stdin.buffer, server.stdin, "client", record), daemon=True)
    outward = threading.Thread(target=pump, args=(server.stdout, sys.stdout.buffer, "server", record), daemon=True)
    inward.start()
    outward.start()
    code = server.wait()
    outward.join()
    record.write(exit=code)
    os._exit(code & 0xFF)  # the inward pump may still wait for a client that never closes


main()
