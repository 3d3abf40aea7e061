// Who may talk to the endpoint, and what a request must look like before it is a message.
#include <doctest/doctest.h>

#include "endpoint.h"
#include "mcpgate/key_admin.h"

namespace mcpgate {
namespace {

using namespace testing;

const Json kList = Modern(1, "tools/list");

TEST_CASE("Host and Origin are each checked by themselves") {
  Endpoint endpoint;
  const std::string port = std::to_string(endpoint.port);
  struct Row {
    std::string host, origin;
    int status;
  };
  const std::string kNone = kLeftOut;
  for (const Row& row : {Row{"127.0.0.1:" + port, kNone, 200},
                         Row{"127.0.0.1", kNone, 200},
                         Row{"localhost:" + port, "http://localhost:" + port, 200},
                         Row{"LOCALHOST", "HTTP://LocalHost:1", 200},
                         Row{"localhost.", "https://localhost.", 200},
                         Row{"[::1]:" + port, "http://[::1]:3000", 200},
                         Row{"[::1]", "http://127.0.0.1", 200},
                         Row{"localhost", "http://evil.example.com", 403},
                         Row{"evil.example.com", kNone, 403},
                         Row{"evil.example.com", "http://localhost", 403},
                         Row{"localhost", "null", 403},
                         Row{"localhost", "", 403},
                         Row{"localhost", "localhost", 403},
                         Row{"localhost", "http://localhost.evil.example.com", 403},
                         Row{"localhost", "http://localhost@evil.example.com", 403},
                         Row{"localhost", "http://evil.example.com#localhost", 403},
                         Row{"localhost", "http://localhost:80:80", 403},
                         Row{"localhost", "http://localhost/", 403},
                         Row{"localhost", "file://", 403},
                         Row{"localhost..", kNone, 403},
                         Row{"127.0.0.1.evil.example.com", kNone, 403},
                         Row{"[::1", kNone, 400},
                         Row{"[::2]", kNone, 403}}) {
    CAPTURE(row.host);
    CAPTURE(row.origin);
    const Answer answer = endpoint.Ask(kList, {{"Host", row.host}, {"Origin", row.origin}});
    if (row.status == 400) {
      CHECK(answer.status >= 400);
    } else {
      CHECK(answer.status == row.status);
    }
    if (answer.status == 403) CHECK_FALSE(Body(answer).contains("id"));
    const bool shared = answer.status == 200 && row.origin != kNone;
    CHECK(answer.Field("Access-Control-Allow-Origin") == (shared ? row.origin : ""));
  }
}

TEST_CASE("hosts and origins that were allowed replace the machine's own") {
  EndpointOptions options;
  options.http.allowed_hosts = {"API.example.com"};
  options.http.allowed_origins = {"https://app.example.com"};
  Endpoint endpoint(std::move(options));
  struct Row {
    std::string host, origin;
    int status;
  };
  for (const Row& row :
       {Row{"api.example.com", kLeftOut, 200}, Row{"api.example.com:443", "https://APP.example.com", 200},
        Row{"localhost", kLeftOut, 403}, Row{"api.example.com", "https://api.example.com", 403},
        Row{"api.example.com", "http://app.example.com", 403},
        Row{"api.example.com", "https://app.example.com:444", 403}}) {
    CAPTURE(row.host);
    CAPTURE(row.origin);
    CHECK(endpoint.Ask(kList, {{"Host", row.host}, {"Origin", row.origin}}).status == row.status);
  }
}

TEST_CASE("a stranger is told to authenticate before anything else, whatever the method") {
  Endpoint endpoint;
  for (const char* method : {"GET", "POST", "DELETE", "PUT", "PATCH", "BREW"}) {
    for (const char* authorization :
         {kLeftOut, "Bearer", "Bearer nonsense", "Basic QTpC", "bearer mcpg_k_x"}) {
      CAPTURE(method);
      CAPTURE(authorization);
      const Answer answer = endpoint.Ask(endpoint.Request(method, {{"Authorization", authorization}}));
      CHECK(answer.status == 401);
      CHECK(answer.Field("WWW-Authenticate") == "Bearer");
      CHECK_FALSE(Body(answer).contains("id"));
    }
  }
}

TEST_CASE("a stranger is refused before the body is read") {
  Endpoint endpoint;
  Client client(endpoint.port);
  client.Send(endpoint.Request(
      "POST",
      {{"Authorization", kLeftOut}, {"Content-Type", "application/json"}, {"Content-Length", "4000000"}}));
  CHECK(client.Read().status == 401);
}

TEST_CASE(
    "who waits for 100 Continue gets it once when the request is welcome, and a refusal alone when not") {
  EndpointOptions options;
  options.listener.max_body = 1000;
  Endpoint endpoint(std::move(options));
  const std::string body = DumpJson(kList);
  struct Row {
    Fields fields;
    std::size_t size;
    int status;
  };
  for (const Row& row : {Row{{{"Authorization", kLeftOut}}, body.size(), 401},
                         Row{{{"Authorization", "Bearer nonsense"}}, 4'000'000, 401},
                         Row{{{"Origin", "https://evil.example"}}, body.size(), 403},
                         Row{{{"Host", "evil.example"}}, body.size(), 403},
                         Row{{{"Content-Type", "text/plain"}}, body.size(), 415}, Row{{}, 1001, 413}}) {
    CAPTURE(row.status);
    Fields fields = row.fields;
    fields.emplace_back("Expect", "100-continue");
    fields.emplace_back("Content-Length", std::to_string(row.size));
    if (row.status != 415) fields.emplace_back("Content-Type", "application/json");
    Client client(endpoint.port);
    client.Send(endpoint.Request("POST", std::move(fields)));
    CHECK(client.Read().status == row.status);
    CHECK(client.IsClosed());  // for a body may be on its way
  }
  const std::string whole = endpoint.Post(kList, {{"Expect", "100-continue"}});
  const std::size_t head = whole.size() - body.size();
  Client client(endpoint.port);
  for (int i = 0; i < 2; ++i) {
    client.Send(whole.substr(0, head));
    CHECK(client.Read().status == 100);
    CHECK(client.Ask(whole.substr(head)).status == 200);
  }
}

TEST_CASE("a key is taken from its header, and never from the address") {
  Endpoint endpoint;
  const std::string key = endpoint.Key("reader");
  const std::string body = DumpJson(Legacy(1, "ping"));
  const auto status = [&](Fields fields, const std::string& target) {
    return endpoint.Ask(endpoint.Request("POST", std::move(fields), body, target)).status;
  };
  const int known = 400;  // no session: the key was accepted
  CHECK(status({{"Authorization", kLeftOut}, {"X-API-Key", key}}, "/mcp") == known);
  CHECK(status({{"Authorization", "bearer   " + key}}, "/mcp") == known);
  CHECK(status({{"Authorization", "BEARER " + key}}, "/mcp?x=1") == known);
  for (const char* name : {"key", "api_key", "access_token", "token", "X-API-Key"}) {
    CHECK(status({{"Authorization", kLeftOut}}, "/mcp?" + std::string(name) + "=" + key) == 401);
  }
  CHECK(status({{"Authorization", kLeftOut}, {"Cookie", "key=" + key}}, "/mcp") == 401);
  CHECK(status({{"Authorization", "Bearer wrong"}, {"X-API-Key", key}}, "/mcp") == 401);
}

TEST_CASE("a revoked key is a stranger at once") {
  Endpoint endpoint;
  CHECK(endpoint.Ask(kList).status == 200);
  const auto principal = endpoint.served.gate->Authenticate(endpoint.served.As("reader"));
  REQUIRE(principal.ok());
  REQUIRE(endpoint.served.keyring->admin().Revoke(TenantScope::Operator(), (*principal)->key_id).ok());
  CHECK(endpoint.Ask(kList).status == 401);
}

TEST_CASE("what can be no message is refused by its head") {
  EndpointOptions options;
  options.listener.max_body = 1000;
  Endpoint endpoint(std::move(options));
  const std::string body = DumpJson(Legacy(1, "ping"));
  struct Row {
    std::string method, target;
    Fields fields;
    std::string body;
    int status;
  };
  for (const Row& row :
       {Row{"PUT", "/mcp", {}, body, 405}, Row{"HEAD", "/mcp", {}, "", 405}, Row{"POST", "/", {}, body, 404},
        Row{"POST", "/mcp/", {}, body, 404}, Row{"POST", "/MCP", {}, body, 404},
        Row{"GET", "/.well-known/oauth-protected-resource", {}, "", 404},
        Row{"POST", "/mcp", {{"Content-Type", "text/plain"}}, body, 415},
        Row{"POST", "/mcp", {{"Content-Type", kLeftOut}}, body, 415},
        Row{"POST", "/mcp", {{"Content-Type", "application/jsonp"}}, body, 415},
        Row{"POST", "/mcp", {{"Content-Type", "text/plain, application/json"}}, body, 415},
        Row{"POST", "/mcp", {{"Content-Encoding", "gzip"}}, body, 415},
        Row{"POST", "/mcp", {}, std::string(1001, ' '), 413},
        Row{"GET", "/mcp", {{"Accept", "application/json"}}, "", 406},
        Row{"GET", "/mcp", {{"Accept", kLeftOut}}, "", 406}}) {
    CAPTURE(row.method);
    CAPTURE(row.target);
    Client client(endpoint.port);
    client.Send(endpoint.Request(row.method, row.fields, row.body, row.target));
    const Answer answer = client.Read(row.method == "HEAD");
    CHECK(answer.status == row.status);
    if (row.status == 405) CHECK(answer.Field("Allow") == "POST, GET, DELETE, OPTIONS");
  }
  for (const char* type :
       {"application/json; charset=utf-8", "Application/JSON", "application/json;charset=utf-8"}) {
    CHECK(endpoint.Ask(endpoint.Request("POST", {{"Content-Type", type}}, body)).status == 400);
  }
}

TEST_CASE("a browser's preflight is answered without a key, for pages that may call") {
  Endpoint endpoint;
  const Fields fields = {{"Authorization", kLeftOut},
                         {"Origin", "http://localhost:3000"},
                         {"Access-Control-Request-Method", "POST"},
                         {"Access-Control-Request-Headers", "authorization, mcp-param-region"}};
  const Answer answer = endpoint.Ask(endpoint.Request("OPTIONS", fields));
  CHECK(answer.status == 204);
  CHECK(answer.Field("Access-Control-Allow-Origin") == "http://localhost:3000");
  CHECK(answer.Field("Access-Control-Allow-Headers") == "authorization, mcp-param-region");
  CHECK(answer.Field("Access-Control-Allow-Methods") == "POST, GET, DELETE");
  CHECK_FALSE(answer.Has("Access-Control-Allow-Credentials"));
  Fields evil = fields;
  evil[1].second = "http://evil.example.com";
  const Answer refused = endpoint.Ask(endpoint.Request("OPTIONS", evil));
  CHECK(refused.status == 403);
  CHECK_FALSE(refused.Has("Access-Control-Allow-Origin"));
}

TEST_CASE("a page that may call can read why it was refused") {
  Endpoint endpoint;
  const Answer answer =
      endpoint.Ask(kList, {{"Authorization", kLeftOut}, {"Origin", "http://localhost:3000"}});
  CHECK(answer.status == 401);
  CHECK(answer.Field("Access-Control-Allow-Origin") == "http://localhost:3000");
  CHECK(answer.Field("Access-Control-Expose-Headers").find("WWW-Authenticate") != std::string::npos);
}

}  // namespace
}  // namespace mcpgate
