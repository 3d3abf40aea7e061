"""A collector that reads what mcpgate-http sends it by the definitions OpenTelemetry publishes, unknown fields refused."""

import http.server
import json
import os
import queue
import threading
import urllib.request

AUTHORIZATION = "Bearer collectors-own"
MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


def is_installed():
    try:
        from google.protobuf import json_format  # noqa: F401
        from opentelemetry.proto.collector.logs.v1 import logs_service_pb2  # noqa: F401
    except ImportError:
        return False
    return True


class Collector(http.server.ThreadingHTTPServer):
    """Puts each request into `received`: an ExportLogsServiceRequest, or why it is none."""

    def __init__(self):
        self.received = queue.Queue()
        super().__init__(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1/logs"


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        from google.protobuf import json_format
        from opentelemetry.proto.collector.logs.v1 import logs_service_pb2

        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            assert self.path == "/v1/logs", self.path
            assert self.headers["Content-Type"] == "application/json", self.headers["Content-Type"]
            assert self.headers["Authorization"] == AUTHORIZATION, "another Authorization"
            message = logs_service_pb2.ExportLogsServiceRequest()
            self.server.received.put(json_format.Parse(body, message))
        except (AssertionError, json_format.ParseError) as error:
            self.server.received.put(error)
        answer = json_format.MessageToJson(logs_service_pb2.ExportLogsServiceResponse()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words):
        pass


def call(url, token, tool):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {}, "_meta": MODERN}}
    request = urllib.request.Request(url, json.dumps(body).encode(), {
        "Authorization": f"Bearer {token}", "Content-Type": "application/json", "Mcp-Method": "tools/call", "Mcp-Name": tool,
        "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2026-07-28"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def records(collector, tally, count):
    """The first `count` records that come, of all requests; fewer when none comes for ten seconds."""
    found = []
    while len(found) < count:
        try:
            request = collector.received.get(timeout=10)
        except queue.Empty:
            break
        broken = isinstance(request, Exception)
        tally.case(not broken, f"a request is one of the protocol{f': {request}' if broken else ''}")
        if broken:
            break
        for resource in request.resource_logs:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            tally.case(names.get("service.name") == "mcpgate", f"the resource is named: {names}")
            found += [record for scope in resource.scope_logs for record in scope.log_records]
    return found


def run(stage, tally):
    with open(stage.key("copied", "writer", "*"), encoding="utf-8") as file:
        token = file.read().strip()
    authorization = os.path.join(stage.root, "collector.token")
    with open(os.open(authorization, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.write(AUTHORIZATION + "\n")
    stage.secrets[AUTHORIZATION.encode()] = "the collector's authorization"
    with Collector() as collector:
        url = stage.serve_http("--audit-otlp", collector.url(), "--audit-otlp-auth-file", authorization)
        tally.case("result" in call(url, token, "check_server_status"), "a call is answered")
        tally.case("result" in call(url, token, "discord_list_channels"), "another one too")
        found = records(collector, tally, 2)
        actions = [{each.key: each.value.string_value for each in record.attributes}.get("mcpgate.action")
                   for record in found]
        tally.case(actions == ["check_server_status", "discord_list_channels"], f"both come, in order: {actions}")
        for record in found:
            body = json.loads(record.body.string_value)
            tally.case(body["action"] in actions and record.time_unix_nano > 10**18 and record.severity_number == 9,
                       f"{body['action']} has its record, its time and its severity")
        collector.shutdown()
