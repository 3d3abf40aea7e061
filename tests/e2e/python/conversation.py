"""conversation.py <setting.json>: the official Python client talks to mcpgate-stdio, or to mcpgate-http when the
setting has its addresses, in each era it speaks.

Prints "ok <case>" or "not ok <case>: <why>" for each case.
"""

import json
import re
import sys
from contextlib import asynccontextmanager

import anyio
import mcp.client.session
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

with open(sys.argv[1], encoding="utf-8") as file:
    setting = json.load(file)

ERAS = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"]
MODERN = "2026-07-28"


def over_http(version, who, is_slow):
    with open(setting["keys"][version][who], encoding="utf-8") as file:
        headers = {"Authorization": f"Bearer {file.read().strip()}"}
    url = setting["http"]["slow"] if is_slow else setting["http"]["quick"][version]
    return streamable_http_client(url, http_client=create_mcp_http_client(headers=headers))


@asynccontextmanager
async def connected(version, who, extra=(), mode=None):
    """A client that holds the key `who`; `extra` are further options of the server."""
    # The client offers the newest version of its era and has no option for another; an older client did this.
    mcp.client.session.LATEST_HANDSHAKE_VERSION = version
    server = StdioServerParameters(
        command=setting["python"],
        args=[setting["tap"], setting["records"], f"python-{version}-{who}{'-slow' if extra else ''}", "--", setting["server"],
              "--data", setting["data"], "--sandbox", *extra],
        env={**setting["environment"], "MCPGATE_API_KEY_FILE": setting["keys"][version][who]},
    )
    if "http" in setting:
        server = over_http(version, who, bool(extra))
    noise = []

    async def listen(message):
        if isinstance(message, Exception):
            noise.append(message)

    async with Client(server, mode=mode or ("auto" if version == MODERN else "legacy"),
                      message_handler=listen, cache=None, read_timeout_seconds=30) as client:
        client.noise = noise
        yield client


def text(result):
    return "\n".join(getattr(block, "text", "") for block in result.content)


def data(client, result):
    """What a result says to programs; before 2025-06-18 its text is all there is."""
    if client.protocol_version > "2025-06":
        return result.structured_content
    assert result.structured_content is None
    return json.loads(text(result))


async def general_channel(client):
    """The channel of the sandbox that the conversation happens in."""
    result = await client.call_tool("discord_list_channels", {})
    return next(c["id"] for c in data(client, result)["channels"] if c["name"] == "general")


async def refusal(code, call):
    try:
        result = await call
    except MCPError as error:
        assert error.code == code, f"{error.code}: {error.message}"
        return error
    raise AssertionError(f"answered instead of refused: {result}")


async def version_is_settled(client, state):
    """the version is settled"""
    assert client.protocol_version == state["version"], client.protocol_version
    assert client.server_capabilities.tools is not None
    assert client.server_info.name == "mcpgate"


async def tools_of_a_writer(client, state):
    """the tools of a writer are listed"""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(setting["tools"]) <= set(tools), list(tools)
    assert tools["discord_send_message"].annotations.read_only_hint is not True
    assert tools["discord_read_messages"].annotations.read_only_hint is True


async def sent_and_read_back(client, state):
    """a message is sent and read back"""
    channel = state["channel"] = await general_channel(client)
    content = f"python speaks {state['version']}, öäü ✓"
    sent = await client.call_tool("discord_send_message", {"channel_id": channel, "content": content})
    assert not sent.is_error, text(sent)
    read = await client.call_tool("discord_read_messages", {"channel_id": channel, "limit": 5})
    assert content in [message["content"] for message in data(client, read)["messages"]], text(read)


async def structured(client, state):
    """structured content fits its schema and says the same as the text"""
    status = await client.call_tool("check_server_status", {})  # the client checks the schema
    assert data(client, status)["version"]
    assert json.loads(text(status)) == data(client, status)


async def tool_failure(client, state):
    """a tool's failure is a result a model can read"""
    result = await client.call_tool("discord_send_message", {"channel_id": "1", "content": "to nowhere"})
    assert result.is_error and re.search("unknown channel", text(result), re.I), text(result)


async def wrong_arguments(client, state):
    """wrong arguments are a result that names them"""
    result = await client.call_tool("discord_send_message", {"channel_id": state["channel"], "contents": "misspelt"})
    assert result.is_error and "content" in text(result), text(result)


async def unknown_tool(client, state):
    """an unknown tool is a protocol error"""
    await refusal(-32602, client.call_tool("no_such_tool", {}))


async def sixth_post(client, state):
    """the sixth post within the hour is refused with its retry time"""

    def send(content):
        return client.call_tool("discord_send_message", {"channel_id": state["channel"], "content": content})

    for post in range(2, 6):
        assert not (await send(f"post {post}")).is_error
    error = await refusal(42901, send("post 6"))
    assert 3_500_000 < error.data["retryAfterMs"] <= 3_600_000, error.data
    assert error.data["policy"] and error.data["limit"] == 5, error.data


async def progress(client, state):
    """progress rises"""
    seen = []

    async def note(progress, total, message):
        seen.append(progress)

    result = await client.call_tool(
        "discord_read_messages", {"channel_id": state["channel"], "limit": 300}, progress_callback=note)
    assert not result.is_error, text(result)
    assert len(seen) >= 2 and all(a < b for a, b in zip(seen, seen[1:])), seen


async def nothing_odd(client, state):
    """nothing came that the client does not understand"""
    assert client.noise == [], client.noise


async def reader_does_not_see(client, state):
    """a reader does not see what it may not call"""
    names = [tool.name for tool in (await client.list_tools()).tools]
    assert "discord_read_messages" in names and "discord_send_message" not in names, names


async def reader_is_refused(client, state):
    """a reader who calls it all the same is refused"""
    channel = await general_channel(client)
    await refusal(40301, client.call_tool("discord_send_message", {"channel_id": channel, "content": "hello"}))


async def cancelled(client, state):
    """a cancelled call ends, unanswered, and the server serves on"""
    channel = await general_channel(client)
    with anyio.CancelScope() as scope:

        async def enough(progress, total, message):
            scope.cancel()

        await client.call_tool("discord_read_messages", {"channel_id": channel, "limit": 300},
                               progress_callback=enough)
    assert scope.cancelled_caught
    # Whether an answer came after all is in the record, which the wire check reads.
    assert not (await client.call_tool("check_server_status", {})).is_error


# One conversation with a writer's key, in this order: the cases share a connection, a channel and five posts.
WITH_WRITER = [version_is_settled, tools_of_a_writer, sent_and_read_back, structured, tool_failure,
               wrong_arguments, unknown_tool, sixth_post, progress, nothing_odd]
WITH_READER = [reader_does_not_see, reader_is_refused]

failures = 0


async def report(name, body):
    global failures
    try:
        with anyio.fail_after(60):
            await body()
        print(f"ok {name}", flush=True)
    except Exception as error:  # every case is reported, whatever it dies of
        failures += 1
        why = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"not ok {name}: {why}", flush=True)


async def converse(version, who, cases, extra=()):
    """Runs the cases on one connection; when that fails, none can."""
    state = {"version": version}
    reported = 0
    try:
        async with connected(version, who, extra) as client:
            for case in cases:
                reported += 1
                await report(f"{version}: {case.__doc__}", lambda: case(client, state))
    except Exception as error:
        reason = error

        async def fail():
            raise reason

        for case in cases[reported:] or [type("", (), {"__doc__": "the connection closes"})]:
            await report(f"{version}: {case.__doc__}", fail)


async def without_asking():
    async with connected(MODERN, "reader", mode=MODERN) as client:
        assert (await client.list_tools()).tools


async def main():
    for version in ERAS:
        await converse(version, "writer", WITH_WRITER)
        await converse(version, "reader", WITH_READER)
        await converse(version, "reader", [cancelled], ["--sandbox-latency-ms", "300"])
    await report("a client that knows the version needs no discovery", without_asking)


anyio.run(main)
sys.exit(1 if failures else 0)
