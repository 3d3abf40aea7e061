"""The dashboard of mcpgate-http, gone through in Debian's Chromium by Playwright; axe-core looks at each page."""

import os
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))


def find_chromium():
    return shutil.which("chromium")


def run(stage, node, shots, tally):
    """Leaves a picture of each page in `shots`."""
    operator = os.path.join(stage.root, "operator.key")
    stage.command("keys", "create", "--name", "operator", "--role", "admin", "--resource", "*", "--key-file", operator)
    with open(operator, encoding="utf-8") as file:
        stage.secrets[file.read().strip().rsplit("_", 1)[1].encode()] = "the secret of the operator's key"
    reader = stage.key("reader", "reader")
    stage.add_root_key()
    # With the limits that are shipped: a person at the dashboard must not meet them.
    stage.environment = {name: value for name, value in stage.environment.items() if name != "MCPGATE_LIMITS"}
    url = stage.serve_http()
    # The browser's profile lies in the stage, and what it keeps is searched like everything else.
    setting = stage.setting(origin=url.rsplit("/", 1)[0], url=url, operator=operator, reader=reader, program=find_chromium(), shots=shots)
    tally.run([node, os.path.join(HERE, "dashboard", "journey.mjs"), setting])
