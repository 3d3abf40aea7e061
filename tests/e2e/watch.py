"""The live trail of mcpgate-http over a WebSocket, watched by the WebSocket client that is built into Node; before that
the first administrator is made by the token of the empty store. Then the same over TLS by the package `ws`, which shows
pings too.
"""

import datetime
import json
import os
import urllib.request

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
except ImportError:
    x509 = None

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


def is_installed():
    return x509 is not None


def certificate(folder):
    """A chain of one, for localhost, and its key: the names of their files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256()))
    chain, secret = os.path.join(folder, "chain.pem"), os.path.join(folder, "tls.key")
    with open(chain, "wb") as file:
        file.write(made.public_bytes(serialization.Encoding.PEM))
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                     serialization.NoEncryption()))
    return chain, secret


def run_tls(stage, node, first, tally):
    chain, secret = certificate(stage.root)
    url = stage.serve_http("--tls-cert", chain, "--tls-key", secret, "--address-limit", "off",
                           "--limit", "burst=off,per-key=off,per-tool=off")
    origin = url.rsplit("/", 1)[0].replace("127.0.0.1", "localhost")
    tally.run([node, os.path.join(HERE, "watch_tls.mjs"), stage.setting(origin=origin, first=first, ca=chain)])


def run(stage, node, tally):
    os.makedirs(stage.data, mode=0o700, exist_ok=True)
    origin = stage.serve_http().rsplit("/", 1)[0]
    first = bootstrap(stage, origin, tally)
    acme = os.path.join(stage.root, "acme.key")
    stage.command("keys", "create", "--name", "acme", "--tenant", "acme", "--role", "admin", "--key-file", acme)
    stage.add_root_key()
    tally.run([node, os.path.join(HERE, "watch.mjs"), stage.setting(origin=origin, first=first, acme=acme)])
    run_tls(stage, node, first, tally)
