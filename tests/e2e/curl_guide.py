"""Does what hosts/http/curl.md says: runs its commands in order in one shell, and compares what they print."""

import os
import re
import signal
import socket
import subprocess

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "hosts", "http", "curl.md")
SHOWN_PORT = "8808"


def blocks(text):
    """(heading, command, expected lines or None) for each shell block; what it prints is shown by the block after it."""
    found = re.findall(r"^(## [^\n]*)$|^```(sh|text)\n(.*?)^```$", text, re.M | re.S)
    heading, steps = "", []
    for title, kind, body in found:
        if title:
            heading = title.lstrip("# ")
        elif kind == "sh":
            steps.append([heading, body, None])
        else:
            assert steps and steps[-1][2] is None, f"this output belongs to no command: {body}"
            steps[-1][2] = body.splitlines()
    return steps


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def first_missing(expected, printed):
    """The first expected line that does not come in its order; None when all do."""
    lines = iter(printed.replace("\r", "").splitlines())
    for wanted in expected:
        pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("...")))
        if not any(pattern.fullmatch(line) for line in lines):
            return wanted
    return None


def shell_script(steps, port):
    """Each block's output and status go to files of their own; the shell's variables and functions live on."""
    for i, (_, command, _) in enumerate(steps):
        command = command.replace(f"127.0.0.1:{SHOWN_PORT}", f"127.0.0.1:{port}")
        yield f"{{\n{command}}} > {i}.out 2> {i}.err\necho $? > {i}.status\n"


def run_shell(stage, script, port):
    """In a session of its own, so that what a broken page leaves running can be ended."""
    programs = os.pathsep.join({os.path.dirname(stage.http), os.path.dirname(stage.cli)})
    environment = {**stage.environment, "PATH": f"{programs}{os.pathsep}{stage.environment['PATH']}",
                   "MCPGATE_DATA": stage.data, "MCPGATE_HTTP_LISTEN": f"127.0.0.1:{port}"}
    shell = subprocess.Popen(["sh", "-c", script], cwd=stage.records, env=environment, stdin=subprocess.DEVNULL,
                             start_new_session=True)
    try:
        shell.wait(120)
    finally:
        try:
            os.killpg(shell.pid, signal.SIGKILL)
        except ProcessLookupError:  # the page has cleaned up after itself
            pass


def read(folder, name):
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def add_secrets(stage):
    """The keys that the page made are looked for; the headers it wrote them to are its own copies."""
    for name in os.listdir(stage.records):
        if name.endswith(".header"):
            os.remove(os.path.join(stage.records, name))
        elif name.endswith(".key"):
            stage.secrets[read(stage.records, name).strip().rsplit("_", 1)[1].encode()] = f"the secret in {name}"


def run(stage, tally):
    with open(PAGE, encoding="utf-8") as file:
        steps = blocks(file.read())
    port = free_port()
    run_shell(stage, "".join(shell_script(steps, port)), port)
    for i, (heading, command, expected) in enumerate(steps):
        name = f"{heading}, step {i + 1}"
        status, printed = read(stage.records, f"{i}.status").strip(), read(stage.records, f"{i}.out")
        missing = first_missing(expected or [], printed)
        why = "" if missing is None else f": not printed in its order: {missing} -- but {printed[:600]!r}"
        tally.case(status == "0" and missing is None, f"{name}{why} (exit {status or 'none'}) {read(stage.records, f'{i}.err')}".strip())
    shown = sum(expected is not None for _, _, expected in steps)
    tally.case(shown >= 15, f"the page shows what {shown} of {len(steps)} blocks print")
    add_secrets(stage)
