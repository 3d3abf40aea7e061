"""The dashboard of mcpgate-http, gone through in Debian's Chromium by Playwright; axe-core looks at each page."""

import os
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))


def find_chromium():
    return shutil.which("chromium")


def run(stage, node, shots, tally):
    """Leaves a picture of each page in `shots`."""
    # With the limits that are shipped: a person at the dashboard must not meet them.
    stage.environment = {name: value for name, value in stage.environment.items() if name != "MCPGATE_LIMITS"}
    url = stage.serve_http()
    stage.add_root_key()
    made = os.path.join(stage.root, "made.key")
    setting = stage.setting(origin=url.rsplit("/", 1)[0], url=url, bootstrap=os.path.join(stage.data, "bootstrap.token"),
                            made=made, program=find_chromium(), shots=shots)
    tally.run([node, os.path.join(HERE, "dashboard", "journey.mjs"), setting])
    with open(made, encoding="utf-8") as file:
        for token in file.read().split():
            stage.secrets[token.rsplit("_", 1)[1].encode()] = f"the secret of {token[:19]}"
