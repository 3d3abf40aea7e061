"""What mcpgate-http tells by webhook, Slack and mail: signatures are verified by Standard Webhooks' own library, mails are
received by aiosmtpd. All of it on loopback, where notices go only when that is allowed."""

import base64
import datetime
import email
import email.policy
import http.server
import json
import os
import queue
import secrets
import socket
import threading
import time

from otlp import call

SLACK_PATH = "/services/T0/B0/" + "slackssecret"
PATIENCE = 60  # seconds: longer than four attempts take


def is_installed():
    try:
        import aiosmtpd.controller  # noqa: F401
        import standardwebhooks  # noqa: F401
    except ImportError:
        return False
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Inbox:
    """Everything that came, by place: [(id or None, content)]. Safe for concurrent use."""

    def __init__(self, secret):
        self.secret = secret
        self.arrived = {"webhook": [], "slack": [], "mail": []}
        self.faults = []
        self._news = threading.Condition()

    def put(self, place, identity, content):
        with self._news:
            self.arrived[place].append((identity, content))
            self._news.notify_all()

    def wait(self, place, wanted):
        """The first content of `place` that is `wanted`; None when none comes."""
        with self._news:
            self._news.wait_for(lambda: any(wanted(content) for _, content in self.arrived[place]), PATIENCE)
            return next((content for _, content in self.arrived[place] if wanted(content)), None)


class Receiver(http.server.ThreadingHTTPServer):
    """Takes webhooks at /hook and Slack's at its path."""

    def __init__(self, inbox, port=0):
        self.inbox = inbox
        super().__init__(("127.0.0.1", port), Taker)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Taker(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        from standardwebhooks import Webhook, WebhookVerificationError

        inbox, body = self.server.inbox, self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path == SLACK_PATH:
                inbox.put("slack", None, json.loads(body)["text"])
            else:
                content = Webhook(inbox.secret).verify(body, dict(self.headers))
                inbox.put("webhook", self.headers["webhook-id"], content)
        except (KeyError, ValueError, WebhookVerificationError) as error:
            inbox.faults.append(f"{self.path}: {error!r}")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words):
        pass


class Postbox:
    """What aiosmtpd hands over."""

    def __init__(self, inbox):
        self.inbox = inbox

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.inbox.put("mail", mail["Message-ID"].strip("<>").split("@")[0],
                       {"from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": mail["Subject"],
                        "text": mail.get_content()})
        return "250 taken"


def write_secret(stage, name, text):
    path = os.path.join(stage.root, name + ".token")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
    return path


def waiting(stage):
    return json.loads(stage.command("--json", "notices", "list"))["waiting"]


def deferred(stage):
    """What waits, once it is what the two places of a receiver that is down have failed to get, and nothing is under way: that
    would be due in five minutes, when its lease is over."""
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=2)
    rows = waiting(stage)
    settled = all(row["attempts"] > 0 and datetime.datetime.fromisoformat(row["due"]) < soon for row in rows)
    return rows if settled and [row["place"] for row in rows] == ["slack", "webhook"] else []


def until(look):
    """What `look` finds, once it finds something; its last answer after a while."""
    end = time.monotonic() + PATIENCE
    while not (found := look()) and time.monotonic() < end:
        pass
    return found


def is_kind(kind):
    return lambda content: content["type"] == kind


def refuses_private_addresses(stage, tally, inbox, port, secret_file, mail):
    """Loopback is a private address. Nothing connects there unless it is allowed."""
    url = stage.serve_http("--notice-webhook", f"https://127.0.0.1:{port}/hook", "--notice-webhook-secret-file", secret_file,
                           *mail)
    stage.command("notices", "test")
    for place in ("webhook", "mail"):
        told = f"notices do not arrive at {place}: "
        line = until(lambda: next((line for line in stage.said().splitlines() if told in line), ""))
        tally.case(line.endswith("its address is not public, and private ones are not allowed"), f"loopback is refused by default: {line}")
    tally.case(url and not any(inbox.arrived.values()) and not inbox.faults, "and nothing came there")
    stage.stop_http()


def tells_of_events(stage, tally, inbox, options):
    """What an operator should hear of, each by every place."""
    key = stage.key("spender", "writer", "*")
    stage.command("keys", "create", "--name", "short", "--expires", "3d")
    stage.command("keys", "create", "--name", "brief", "--expires", "12h")
    stage.command("principals", "create", "ada", "--tenant", "default", "--issue-policy", "replace")
    url = stage.serve_http(*options, "--limit", "few=exact:5/1h", "--budget", "mine=calls:5/total alert 20")
    with open(key, encoding="utf-8") as file:
        token = file.read().strip()
    for _ in range(4):
        call(url, token, "check_server_status")
    for _ in range(2):
        stage.command("keys", "create", "--name", "ada's", "--principal", "ada")
    for kind in ("test", "budget.alert", "limit.near", "key.replaced", "key.expiring"):
        content = inbox.wait("webhook", is_kind(kind))
        tally.case(content is not None, f"a webhook tells of {kind}, and its signature verifies: {content}")
        if content is None:
            continue
        identity = content["data"]["id"]
        text = inbox.wait("slack", lambda text, kind=kind: text.startswith(f"*{kind}* "))
        tally.case(text is not None, f"Slack is told of {kind}: {text!r}")
        mail = inbox.wait("mail", lambda mail, identity=identity: identity in mail["text"])
        tally.case(mail is not None and mail["subject"] == f"mcpgate: {kind}" and content["data"]["summary"] in mail["text"]
                   and mail["from"] == "gate@example.org" and mail["to"] == ["ada@example.org", "bob@example.org"],
                   f"a mail tells of {kind}")


def outlives_receiver_and_host(stage, tally, inbox, port, options, receiver):
    """A receiver that is down, and a host that is killed, cost time and nothing else."""
    receiver.stop()
    stage.command("notices", "test")
    late = until(lambda: deferred(stage))
    tally.case(bool(late), "a notice waits while its receiver is down")
    receiver = Receiver(inbox, port)
    tally.case(arrives(inbox, late), "and arrives once it is up, under the same id")

    until(lambda: not waiting(stage))
    receiver.stop()
    stage.command("notices", "test")
    late = until(lambda: deferred(stage))
    stage.kill_http()
    receiver = Receiver(inbox, port)
    tally.case(bool(late) and waiting(stage) == late, "a notice outlives the kill -9 of its host")
    stage.serve_http(*options)
    tally.case(arrives(inbox, late), "and arrives after the restart, under the same id")
    tally.case(until(lambda: not waiting(stage)), "nothing waits any more")
    return receiver


def arrives(inbox, rows):
    return bool(rows) and inbox.wait("webhook", lambda content: content == rows[0]["notice"]) is not None


def run(stage, tally):
    from aiosmtpd.controller import Controller

    inbox = Inbox("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())
    stage.secrets[inbox.secret.removeprefix("whsec_").encode()] = "the secret of webhooks"
    stage.secrets[SLACK_PATH.encode()] = "Slack's URL"
    stage.key("first", "admin")
    receiver = Receiver(inbox)
    port = receiver.server_address[1]
    post = Controller(Postbox(inbox), hostname="127.0.0.1", port=free_port())
    post.start()
    secret_file = write_secret(stage, "webhook", inbox.secret)
    slack_file = write_secret(stage, "slack", f"http://127.0.0.1:{port}{SLACK_PATH}")
    mail = ["--notice-mail", f"smtp://127.0.0.1:{post.port}", "--notice-mail-from", "gate@example.org",
            "--notice-mail-to", "ada@example.org,bob@example.org"]
    options = ["--notice-webhook", f"http://127.0.0.1:{port}/hook", "--notice-webhook-secret-file", secret_file,
               "--notice-slack-url-file", slack_file, "--notice-private", *mail]
    try:
        refuses_private_addresses(stage, tally, inbox, port, secret_file, mail)
        tells_of_events(stage, tally, inbox, options)
        receiver = outlives_receiver_and_host(stage, tally, inbox, port, options, receiver)
    finally:
        receiver.stop()
        post.stop()
    for place in ("webhook", "mail"):
        ids = [identity for identity, _ in inbox.arrived[place]]
        tally.case(len(ids) == len(set(ids)) == 7, f"{place}: {len(ids)} notices came, each once")
    tally.case(len(inbox.arrived["slack"]) == 7, "Slack: as many")
    kinds = [content["type"] for _, content in inbox.arrived["webhook"]]
    tally.case(kinds.count("key.expiring") == 1, "a key that ends soon is told of once, also after a restart")
    tally.case(not inbox.faults, f"every request was as it should be: {inbox.faults}")
