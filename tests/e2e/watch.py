"""The live trail of mcpgate-http over a WebSocket, watched by the WebSocket client that is built into Node; before that
the first administrator is made by the token of the empty store.
"""

import json
import os
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


def bootstrap(stage, origin, tally):
    """Writes the first administrator's key into a file, and returns it."""
    offered = os.path.join(stage.data, "bootstrap.token")
    tally.case(os.stat(offered).st_mode & 0o777 == 0o600, "an empty store has a token for the first administrator, mode 0600")
    with open(offered, encoding="utf-8") as file:
        body = json.dumps({"token": file.read().strip(), "name": "first"}).encode()
    request = urllib.request.Request(origin + "/v1/admin/bootstrap", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        made = json.load(answer)
    tally.case(made["key"]["role"] == "admin" and not os.path.exists(offered), "it is exchanged for a key, and is gone")
    path = os.path.join(stage.root, "first.key")
    with open(path, "w", encoding="utf-8") as file:
        file.write(made["token"])
    stage.secrets[made["token"].rsplit("_", 1)[1].encode()] = "the secret of the first administrator's key"
    return path


def run(stage, node, tally):
    os.makedirs(stage.data, mode=0o700, exist_ok=True)
    origin = stage.serve_http().rsplit("/", 1)[0]
    first = bootstrap(stage, origin, tally)
    acme = os.path.join(stage.root, "acme.key")
    stage.command("keys", "create", "--name", "acme", "--tenant", "acme", "--role", "admin", "--key-file", acme)
    stage.add_root_key()
    tally.run([node, os.path.join(HERE, "watch.mjs"), stage.setting(origin=origin, first=first, acme=acme)])
