// One POST, one message: eras, headers that repeat the body, statuses.
#include <doctest/doctest.h>

#include "endpoint.h"

namespace mcpgate {
namespace {

using namespace testing;

constexpr char kCode[] = "/error/code";
constexpr char kVersion[] = "MCP-Protocol-Version";

Json WithClaim(std::string_view version, std::string_view method = "tools/list") {
  Json message = Modern(1, method);
  message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = version;
  return message;
}

struct Row {
  Json message;
  Fields fields;
  int status;
  int code = 0;  // 0: a result
};

void Check(const Endpoint& endpoint, const Row& row) {
  CAPTURE(row.message.dump());
  const Answer answer = endpoint.Ask(row.message, row.fields);
  CAPTURE(answer.body);
  CHECK(answer.status == row.status);
  const Json body = Body(answer);
  if (row.code == 0) {
    CHECK(body.contains("result"));
  } else {
    CHECK(At(body, kCode) == row.code);
  }
  CHECK(answer.Field("Mcp-Session-Id").empty());
}

TEST_CASE("the version in the header must be the one of the body, and disagreeing outranks being unknown") {
  Endpoint endpoint;
  const Json list = Modern(1, "tools/list");
  Json no_capabilities = list;
  no_capabilities["params"]["_meta"].erase("io.modelcontextprotocol/clientCapabilities");
  for (const Row& row :
       {Row{list, {}, 200}, Row{list, {{kVersion, " 2026-07-28 "}}, 200},
        Row{list, {{kVersion, kLeftOut}}, 400, -32020}, Row{list, {{kVersion, "2025-11-25"}}, 400, -32020},
        Row{list, {{kVersion, ""}}, 400, -32020},
        Row{WithClaim("v999"), {{kVersion, "2026-07-28"}}, 400, -32020},
        Row{WithClaim("v999"), {}, 400, -32022}, Row{WithClaim("2025-11-25"), {}, 400, -32022},
        Row{no_capabilities, {}, 400, -32602},
        Row{no_capabilities, {{kVersion, "2025-11-25"}}, 400, -32602}}) {
    Check(endpoint, row);
  }
  const Json refused = Body(endpoint.Ask(WithClaim("v999")));
  CHECK(At(refused, "/error/data/requested") == "v999");
  CHECK(At(refused, "/error/data/supported") == Json::array({"2026-07-28"}));
}

TEST_CASE("a message without a claim under a modern header is told what is missing") {
  Endpoint endpoint;
  const Fields modern = {{kVersion, "2026-07-28"}};
  Check(endpoint, {Legacy(1, "tools/list"), modern, 400, -32602});
  Check(endpoint, {Legacy(1, "initialize", {{"protocolVersion", "2025-11-25"}}), modern, 400, -32020});
  Check(endpoint, {Response(1, Json::object()), modern, 400, -32600});
  const Json notification = {{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}};
  CHECK(endpoint.Ask(notification, modern).status == 202);
}

TEST_CASE("methods that the 2026 era does not have are not found") {
  Endpoint endpoint;
  for (const char* method : {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                             "resources/unsubscribe", "unknown/method", "tasks/list"}) {
    Check(endpoint, {Modern(1, method), {}, 404, -32601});
  }
}

TEST_CASE("errors of a method travel in a 200, missing capabilities do not") {
  Endpoint endpoint;
  Check(endpoint, {Modern(1, "tools/call", {{"name", "nope"}}), {}, 200, -32602});
  Check(endpoint, {Modern(1, "resources/read", {{"uri", "memo:///nope"}}), {}, 200, -32602});
  Check(endpoint, {Modern(1, "tools/list", {{"cursor", ""}}), {}, 200, -32602});
  Check(endpoint, {Modern(1, "tools/call", {{"name", "ask"}}), {}, 400, -32021});
  Check(endpoint, {Modern(1, "tools/call", {{"name", "ask"}}, kCanAll), {}, 200});
  Check(endpoint, {Modern(1, "prompts/get", {{"name", "hidden"}}), {}, 403, 40301});
}

TEST_CASE("Mcp-Method and Mcp-Name repeat the body exactly, whatever the case of their own names") {
  Endpoint endpoint;
  const Json list = Modern(1, "tools/list"), call = Modern(1, "tools/call", {{"name", "link"}});
  const Json read = Modern(1, "resources/read", {{"uri", "memo:///day/\xc3\xa9"}});
  for (const Row& row :
       {Row{list, {{"Mcp-Method", kLeftOut}}, 400, -32020},
        Row{list, {{"Mcp-Method", "TOOLS/LIST"}}, 400, -32020},
        Row{list, {{"Mcp-Method", "tools/call"}}, 400, -32020},
        Row{list, {{"Mcp-Method", "=?base64?dG9vbHMvbGlzdA==?="}}, 400, -32020},
        Row{list, {{"MCP-METHOD", "tools/list"}, {"Mcp-Method", kLeftOut}}, 200},
        Row{list, {{"mcp-method", "  tools/list  "}, {"Mcp-Method", kLeftOut}}, 200},
        Row{list, {{"Mcp-Name", "whatever"}}, 200}, Row{call, {}, 200},
        Row{call, {{"Mcp-Name", kLeftOut}}, 400, -32020}, Row{call, {{"Mcp-Name", "Link"}}, 400, -32020},
        Row{call, {{"Mcp-Name", "=?base64?bGluaw==?="}}, 200},
        Row{call, {{"Mcp-Name", "=?base64?bGluaw=?="}}, 400, -32020},
        Row{call, {{"Mcp-Name", "=?BASE64?bGluaw==?="}}, 400, -32020},
        Row{call, {{"Mcp-Name", "bGluaw=="}}, 400, -32020},
        Row{read, {{"Mcp-Name", "=?base64?bWVtbzovLy9kYXkvw6k=?="}}, 200, -32602}}) {
    Check(endpoint, row);
  }
}

TEST_CASE("a header that is there twice must say the same twice") {
  Endpoint endpoint;
  const Json call = Modern(1, "tools/call", {{"name", "link"}});
  for (const char* name : {"Mcp-Method", "Mcp-Name", kVersion}) {
    CAPTURE(name);
    const std::string right = name == std::string("Mcp-Name")     ? "link"
                              : name == std::string("Mcp-Method") ? "tools/call"
                                                                  : "2026-07-28";
    Check(endpoint, {call, {{name, right}, {name, right}}, 200});
    Check(endpoint, {call, {{name, right}, {name, "other"}}, 400, -32020});
    Check(endpoint, {call, {{name, "other"}, {name, right}}, 400, -32020});
  }
}

TEST_CASE("arguments that a tool mirrors are compared with their headers before anything runs") {
  Endpoint endpoint;
  const auto call = [](Json arguments) {
    return Modern(1, "tools/call", {{"name", "routed"}, {"arguments", std::move(arguments)}});
  };
  const Json kNone = Json::object();
  for (const Row& row :
       {Row{call(kNone), {}, 200},
        Row{call({{"region", "eu"}}), {{"Mcp-Param-Region", "eu"}}, 200},
        Row{call({{"region", "eu"}}), {{"mcp-param-region", " eu "}}, 200},
        Row{call({{"region", "eu"}}), {{"Mcp-Param-Region", "=?base64?ZXU=?="}}, 200},
        Row{call({{"region", "eu"}}), {}, 400, -32020},
        Row{call({{"region", "eu"}}), {{"Mcp-Param-Region", "EU"}}, 400, -32020},
        Row{call({{"region", ""}}), {{"Mcp-Param-Region", ""}}, 200},
        Row{call(kNone), {{"Mcp-Param-Region", "eu"}}, 400, -32020},
        Row{call({{"region", nullptr}}), {{"Mcp-Param-Region", "eu"}}, 400, -32020},
        Row{call({{"region", 7}}), {{"Mcp-Param-Region", "7"}}, 400, -32020},
        Row{call({{"count", 42}}), {{"Mcp-Param-Count", "42.0"}}, 200},
        Row{call({{"count", 42.0}}), {{"Mcp-Param-Count", "42"}}, 200},
        Row{call({{"count", 42}}), {{"Mcp-Param-Count", "43"}}, 400, -32020},
        Row{call({{"count", 42}}), {{"Mcp-Param-Count", "42x"}}, 400, -32020},
        Row{call({{"count", 42}}), {{"Mcp-Param-Count", ""}}, 400, -32020},
        Row{call({{"count", 9007199254740993}}), {{"Mcp-Param-Count", "9007199254740992"}}, 400, -32020},
        Row{call({{"count", 9007199254740993}}), {{"Mcp-Param-Count", "9007199254740993"}}, 200},
        Row{call({{"dry", true}}), {{"Mcp-Param-Dry", "true"}}, 200},
        Row{call({{"dry", true}}), {{"Mcp-Param-Dry", "1"}}, 400, -32020},
        Row{call({{"dry", false}}), {{"Mcp-Param-Dry", "False"}}, 400, -32020},
        Row{call(kNone), {{"Mcp-Param-Unknown", "x"}}, 200}}) {
    Check(endpoint, row);
  }
}

TEST_CASE("bytes that are no message are refused without an id") {
  Endpoint endpoint;
  struct Bad {
    std::string body;
    int code;
  };
  for (const Bad& bad :
       {Bad{"{", -32700}, Bad{"\xff", -32700}, Bad{"7", -32600}, Bad{"null", -32600}, Bad{"[]", -32600},
        Bad{"[1]", -32600}, Bad{R"({"jsonrpc":"1.0","method":"ping"})", -32600},
        Bad{R"({"jsonrpc":"2.0","id":null,"method":"ping"})", -32600},
        Bad{R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", -32600}}) {
    CAPTURE(bad.body);
    const Answer answer = endpoint.Ask(endpoint.Request("POST", {}, bad.body));
    CHECK(answer.status == 400);
    CHECK(At(Body(answer), kCode) == bad.code);
    CHECK_FALSE(Body(answer).contains("id"));
  }
}

TEST_CASE("a notification is taken with 202, no body and no type") {
  Endpoint endpoint;
  Json modern = Modern(1, "notifications/whatever");
  modern.erase("id");
  const Answer answer = endpoint.Ask(modern);
  CHECK(answer.status == 202);
  CHECK(answer.body.empty());
  CHECK_FALSE(answer.Has("Content-Type"));
}

TEST_CASE("a request of the 2026 era ignores a session header and is never given one") {
  Endpoint endpoint;
  Check(endpoint, {Modern(1, "tools/list"), {{"Mcp-Session-Id", "stale"}, {"Last-Event-ID", "7"}}, 200});
}

TEST_CASE("a limit says what is left, and then answers 429 and says when to come back") {
  const LimitPolicy two{.name = "two", .limit = 2, .window = std::chrono::seconds(90)};
  EndpointOptions options;
  options.limits = {two};
  Endpoint endpoint(std::move(options));
  const Json call = Modern(1, "tools/call", {{"name", "link"}});
  const Answer passed = endpoint.Ask(call);
  CHECK(passed.status == 200);
  CHECK(passed.Field("RateLimit-Policy") == "\"two\";q=2;w=90");
  CHECK(passed.Field("RateLimit") == "\"two\";r=1");
  CHECK(endpoint.Ask(call).status == 200);
  const Answer refused = endpoint.Ask(call);
  CHECK(refused.status == 429);
  CHECK(refused.Field("Retry-After") == "90");
  CHECK(refused.Field("RateLimit-Policy") == "\"two\";q=2;w=90");
  CHECK(refused.Field("RateLimit") == "\"two\";r=0;t=90");
  CHECK(At(Body(refused), kCode) == 42901);
  CHECK(At(Body(refused), "/id") == 1);
}

TEST_CASE("a connection goes on after every refusal that read its body") {
  Endpoint endpoint;
  Client client(endpoint.port);
  for (const Json& message :
       {Modern(1, "no/such"), WithClaim("v999"), Modern(1, "tools/call", {{"name", "nope"}})}) {
    CHECK(At(Body(client.Ask(endpoint.Post(message))), kCode) != Json());
  }
  CHECK(client.Ask(endpoint.Post(Modern(1, "tools/list"))).status == 200);
}

}  // namespace
}  // namespace mcpgate
