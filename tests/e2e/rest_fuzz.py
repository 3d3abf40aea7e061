"""The REST service of mcpgate-http, driven by schemathesis from its own OpenAPI document: no 5xx, no answer that the
document does not know, nothing malformed taken, nothing well-formed refused as malformed.
"""

import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "..", "..", "build", "venv", "rest", "bin", "schemathesis")
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "negative_data_rejection", "unsupported_method", "allow_header_conformance",
          "ignored_auth"]


def is_installed():
    return os.path.exists(PROGRAM)


def run(stage, tally):
    # Of a tenant whose name is not guessed: the fuzzer disables those it finds, and all their keys with them.
    stage.command("keys", "create", "--name", "fuzz", "--tenant", "behind-the-curtain", "--role", "admin",
                  "--resource", "*", "--key-file", os.path.join(stage.root, "fuzz.key"))
    with open(os.path.join(stage.root, "fuzz.key"), encoding="utf-8") as file:
        key = file.read().strip()
    origin = stage.serve_http("--address-limit", "off", "--failure-limit", "off").rsplit("/", 1)[0]
    report = os.path.join(stage.root, "report.key")  # holds the key, so it is no place to look for leaks
    command = [PROGRAM, "run", origin + "/openapi.json", "--header", f"Authorization: Bearer {key}", "--checks",
               ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--max-examples", "40", "--seed", "20261122",
               # A stream does not end by itself.
               "--exclude-operation-id", "watchAudit"]
    with open(report, "wb") as out:
        done = subprocess.run(command, cwd=stage.root, env={**stage.environment, "HOME": stage.root, "COLUMNS": "120"},
                              stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, timeout=280)
    with open(report, encoding="utf-8", errors="replace") as file:
        text = file.read().replace(key, "KEY")
    print(text[-6000:])
    tally.case(done.returncode == 0, f"schemathesis finds nothing: exit {done.returncode}")
    generated = re.search(r"(\d+) generated, (\d+) passed", text)
    tally.case(generated is not None and int(generated[1]) >= 500, f"cases: {generated[0] if generated else 'none'}")
