"""What was asked for and acknowledged, and the rules between that and what is found afterwards."""

import dataclasses
import threading
from typing import Optional

from programs import INVALID_CREDENTIAL, RATE_LIMITED, STORE_TROUBLE, Call
from trail import nanoseconds


@dataclasses.dataclass
class Key:
    name: str
    rights: dict  # members of `keys list --json`
    key_id: Optional[str] = None
    token: Optional[str] = None
    token_file: Optional[str] = None
    created: bool = False                # its creation was acknowledged
    revoke_asked: bool = False
    revoked_at: Optional[float] = None   # its revocation was acknowledged
    found: bool = False                  # it was in a list: it may never be missing again
    found_revoked: bool = False
    limited_at: Optional[float] = None   # its posting limit refused a call: no other may pass within the hour
    unit_returned: bool = False          # a call that did not run gave its unit back, so one more may pass
    attempts: int = 0
    messages: int = 0

    def is_usable(self):
        return self.token is not None and not self.revoke_asked and not self.limited_at

    def was_over(self, moment):
        """Why nothing may happen for this key that was asked for at `moment`; None when it may."""
        if self.revoked_at and moment > self.revoked_at:
            return "its key had been revoked"
        if self.limited_at and moment > self.limited_at and not self.unit_returned:
            return "its key had been refused by its posting limit"
        return None


@dataclasses.dataclass
class Send:
    """One message that somebody wants in a channel, asked for once or, with an idempotency key, again."""
    key: Key
    arguments: dict
    calls: list[Call] = dataclasses.field(default_factory=list)
    message: Optional[dict] = None  # found in the sandbox

    @property
    def content(self):
        return self.arguments["content"]

    def __str__(self):
        return repr(self.content)

    def is_answered(self):
        return any(call.answer is not None for call in self.calls)


class Ledger:
    """Filled by several threads while the gate runs, judged by one while it does not."""

    def __init__(self, posting_limit):
        self.posting_limit = posting_limit
        self.keys = {}   # by name
        self.sends = {}  # by content
        self.refusals = self.store_trouble = 0
        self._fresh = []  # (send, call) since the last judgement
        self._lock = threading.Lock()

    def add_key(self, key):
        with self._lock:
            self.keys[key.name] = key

    def add_call(self, send, call):
        with self._lock:
            self.sends[send.content] = send
            send.calls.append(call)
            send.key.attempts += 1
            self._fresh.append((send, call))

    def keys_where(self, condition):
        with self._lock:
            return [key for key in self.keys.values() if condition(key)]

    # ---- keys ----

    def judge_keys(self, listed):
        """`listed`: what `keys list --all --json` shows."""
        problems = [f"key {entry['id']} is called tampered: {entry.get('problem')}" for entry in listed
                    if entry["state"] == "tampered"]
        by_name = {}
        for entry in listed:
            name = entry.get("name")
            if name is not None and (name not in self.keys or name in by_name):
                problems.append(f"key {entry['id']} ({name}) was never asked for")
            by_name[name] = entry
        for key in self.keys.values():
            problems += self._judge_key(key, by_name.get(key.name))
        return problems

    @staticmethod
    def _judge_key(key, entry):
        if entry is None:
            return [f"key {key.name} is lost"] if key.created or key.found else []
        key.found = True
        key.key_id = key.key_id or entry["id"]
        problems = []
        if key.key_id != entry["id"]:
            problems.append(f"key {key.name} has another id")
        rights = {name: entry[name] for name in key.rights}
        if rights != key.rights:
            problems.append(f"key {key.name} was given {key.rights} and has {rights}")
        is_revoked = entry["state"] == "revoked"
        if (key.revoked_at or key.found_revoked) and not is_revoked:
            problems.append(f"key {key.name} was revoked and is {entry['state']} again")
        if is_revoked and not key.revoke_asked:
            problems.append(f"key {key.name} is revoked and nobody asked for that")
        key.found_revoked |= is_revoked
        return problems

    # ---- answers ----

    def judge_answers(self):
        """What was said to the calls since the last judgement. Call it before `judge_messages`."""
        fresh, self._fresh = self._fresh, []
        for send, call in fresh:
            self._note_refusal(send.key, call)
        problems = []
        for send, call in fresh:
            problems += self._judge_answer(send, call)
        return problems

    def _note_refusal(self, key, call):
        if call.refused_by(RATE_LIMITED) and call.answer["error"]["data"]["policy"] == "posting":
            self.refusals += 1
            key.limited_at = min(key.limited_at or call.answered_at, call.answered_at)
        if any(call.refused_by(code) for code in STORE_TROUBLE):
            self.store_trouble += 1
            key.unit_returned = True

    def _judge_answer(self, send, call):
        kind, what = call.outcome()
        if kind == "done":
            why = send.key.was_over(call.asked_at)
            return [f"{send} was sent although {why}"] if why else []
        if kind == "failed":
            return [f"{send} failed: {what}"]
        if kind == "none" or any(call.refused_by(code) for code in STORE_TROUBLE):
            return []
        if call.refused_by(INVALID_CREDENTIAL) and send.key.revoke_asked:
            return []
        if call.refused_by(RATE_LIMITED) and send.key.limited_at and send.key.attempts > self.posting_limit:
            return []
        return [f"{send} was refused: {what}"]

    # ---- messages ----

    def judge_messages(self, found, made_at, intents):
        """`found`: new messages; `made_at`: when, in ns, by message id; `intents`: see `first_intents`."""
        problems = []
        for message in found:
            send = self.sends.get(message["content"])
            if send is None:
                problems.append(f"message {message['id']} was never asked for: {message['content'][:80]}")
            elif send.message is not None:
                problems.append(f"{send} was sent twice")
            else:
                send.message = message
                send.key.messages += 1
                problems += self._judge_message(send, made_at[message["id"]], intents)
        problems += [f"key {key.name} has {key.messages} messages, {self.posting_limit} are its limit"
                     for key in self.keys.values() if key.messages > self.posting_limit]
        problems += [f"{send} was acknowledged and is not there" for send in self.sends.values()
                     if send.message is None and any(call.outcome()[0] == "done" for call in send.calls)]
        return problems

    def _judge_message(self, send, made_at, intents):
        problems = []
        why = send.key.was_over(min(call.asked_at for call in send.calls))
        if why:
            problems.append(f"{send} is there although {why}")
        told = [call.outcome()[1]["message_id"] for call in send.calls if call.outcome()[0] == "done"]
        if any(message_id != send.message["id"] for message_id in told):
            problems.append(f"{send} is message {send.message['id']} and was acknowledged as {told}")
        return problems + self.judge_intent(send, made_at, intents)

    @staticmethod
    def judge_intent(send, made_at, intents):
        intent = intents(send.arguments)
        if intent is None:
            return [f"{send} has no durable intent record"]
        problems = []
        if intent["key"] != send.key.key_id or intent["action"] != "discord_send_message":
            problems.append(f"{send} was sent by {send.key.key_id}; its intent says {intent}")
        if nanoseconds(intent["time"]) > made_at:
            problems.append(f"{send} was there before its intent")
        return problems

    # ---- records ----

    def judge_records(self, records):
        """The whole trail."""
        problems, spent, admin = [], {}, set()
        intent_of = {}
        for record in records:
            place = (record.get("call"), record["phase"])
            if record["phase"] == "intent":
                if place[0] in intent_of:
                    problems.append(f"record {record['seq']} is the second intent of call {place[0]}")
                intent_of[place[0]] = record
                if record["action"] == "discord_send_message":
                    spent[record["key"]] = spent.get(record["key"], 0) + 1
            elif record["phase"] == "outcome":
                if place[0] not in intent_of:
                    problems.append(f"record {record['seq']} is the outcome of a call without intent")
                if record["class"] == "admin" and record["outcome"] == "ok":
                    admin.add((record["action"], record["key"]))
        for key in self.keys.values():
            if key.created and ("keys.create", key.key_id) not in admin:
                problems.append(f"the creation of key {key.name} is not in the trail")
            if key.revoked_at and ("keys.revoke", key.key_id) not in admin:
                problems.append(f"the revocation of key {key.name} is not in the trail")
            if spent.get(key.key_id, 0) > self.posting_limit and not key.unit_returned:
                problems.append(f"key {key.name} was admitted {spent[key.key_id]} times, "
                                f"{self.posting_limit} are its limit")
        return problems


def first_intents(records, digest):
    """A function from a call's arguments to the first intent record that is theirs, or None."""
    by_digest = {}
    for record in records:
        if record["phase"] == "intent" and "args_digest" in record:
            by_digest.setdefault(record["args_digest"], record)
    return lambda arguments: by_digest.get(digest.of(arguments))
