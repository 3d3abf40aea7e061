#include "protocol/envelope.h"

#include <doctest/doctest.h>

#include <string>

namespace mcpgate {
namespace {

Message Read(const std::string& text) {
  auto read = ReadMessage(text);
  if (const auto* bad = std::get_if<Rejection>(&read)) FAIL(bad->message);
  return std::get<Message>(std::move(read));
}

Rejection Refused(const std::string& text) {
  auto read = ReadMessage(text);
  REQUIRE(std::holds_alternative<Rejection>(read));
  return std::get<Rejection>(std::move(read));
}

TEST_CASE("a request's parts are read wherever they stand in the object") {
  const Message message =
      Read(R"({"params":{"_meta":{"progressToken":7},"name":"x","arguments":{"a":[1,{}]}},)"
           R"("x":[{"y":1}],"method":"tools/call","id":"9","jsonrpc":"2.0"})");
  CHECK(message.kind == Message::Kind::kRequest);
  CHECK(message.id == "9");
  CHECK(message.method == "tools/call");
  CHECK(message.params == Json{{"name", "x"}, {"arguments", {{"a", {1, Json::object()}}}}});
  CHECK(message.meta.progress_token == 7);
  CHECK_FALSE(message.meta.version.has_value());
}

TEST_CASE("of _meta only what the protocol asks for is kept, as it was sent") {
  const Message message = Read(
      R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"other":{"progressToken":1},)"
      R"("io.modelcontextprotocol/protocolVersion":["2026-07-28"],"io.modelcontextprotocol/logLevel":null,)"
      R"("io.modelcontextprotocol/clientCapabilities":{"sampling":{"tools":{}}},"more":[[]]},"after":true}})");
  CHECK(message.meta.shape == RequestMeta::Shape::kObject);
  CHECK(message.meta.version == Json::array({"2026-07-28"}));
  CHECK(message.meta.log_level == Json());
  CHECK(message.meta.capabilities == Json{{"sampling", {{"tools", Json::object()}}}});
  CHECK_FALSE(message.meta.progress_token.has_value());
  CHECK(message.params == Json{{"after", true}});
}

TEST_CASE("a _meta of another type is told from an absent one, and one further down is an ordinary member") {
  for (const char* meta : {"7", "null", "[]", "\"x\"", "[{\"progressToken\":1}]"}) {
    const Message message =
        Read(std::string(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":)") + meta + ",\"a\":1}}");
    CHECK(message.meta.shape == RequestMeta::Shape::kWrong);
    CHECK_FALSE(message.meta.progress_token.has_value());
    CHECK(message.params == Json{{"a", 1}});
  }
  const Message deep =
      Read(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":{"_meta":{"progressToken":1}}}})");
  CHECK(deep.meta.shape == RequestMeta::Shape::kAbsent);
  CHECK(deep.params == Json{{"a", {{"_meta", {{"progressToken", 1}}}}}});
}

TEST_CASE("notifications and responses are told apart, and absent params are an empty object") {
  const Message notification = Read(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  CHECK(notification.kind == Message::Kind::kNotification);
  CHECK(notification.params == Json::object());
  CHECK_FALSE(notification.has_params);
  const Message result = Read(R"({"jsonrpc":"2.0","id":"q","result":{"action":"accept"}})");
  CHECK(result.kind == Message::Kind::kResponse);
  CHECK(result.result == Json{{"action", "accept"}});
  const Message error = Read(R"({"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"no"}})");
  CHECK(error.kind == Message::Kind::kResponse);
  CHECK(error.error["code"] == -1);
}

TEST_CASE("a name that is there twice is refused wherever it is read") {
  for (
      const char* text : {
          R"({"jsonrpc":"2.0","id":1,"id":2,"method":"m"})",
          R"({"jsonrpc":"2.0","id":1,"method":"m","method":"n"})",
          R"({"jsonrpc":"2.0","id":1,"method":"m","params":{},"params":{}})",
          R"({"jsonrpc":"2.0","id":1,"method":"m","params":7,"params":{}})",
          R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{},"_meta":{}}})",
          R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":1,"_meta":{}}})",
          R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"progressToken":1,"progressToken":2}}})",
          R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"name":1,"name":1}})",
          R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"arguments":{"a":1,"\u0061":2}}})",
      }) {
    CAPTURE(text);
    const Rejection bad = Refused(text);
    CHECK(bad.code == -32700);
    CHECK(bad.message.find("twice") != std::string::npos);
  }
}

TEST_CASE("what is passed over is still checked: syntax, depth, UTF-8") {
  const std::string front = R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"x":)";
  for (const std::string& value : {std::string("[1,]"), std::string("nul"), std::string("\"\xff\""),
                                   std::string(64, '[') + std::string(64, ']')}) {
    CHECK(Refused(front + value + "}}}").code == -32700);
  }
  CHECK(Read(front + std::string(61, '[') + std::string(61, ']') + "}}}").method == "m");
}

TEST_CASE("an envelope that is none is refused with the id it has") {
  CHECK(Refused(R"({"jsonrpc":"2.0","id":5,"method":7})").id == 5);
  CHECK(Refused(R"({"id":"a","method":"m"})").id == "a");
  CHECK(Refused(R"({"jsonrpc":"2.0","id":6,"method":"m","params":[{}]})").id == 6);
  CHECK(Refused(R"({"jsonrpc":"2.0","id":{},"method":"m"})").id.is_null());
  CHECK(Refused("[]").code == -32600);
  CHECK(Refused("[{\"id\":1}]").id.is_null());
}

TEST_CASE("a batch is known by its first character") {
  CHECK(IsBatch(" \r\n\t[1]"));
  CHECK_FALSE(IsBatch(" {\"a\":[]}"));
  CHECK_FALSE(IsBatch(""));
  CHECK_FALSE(IsBatch(" "));
}

}  // namespace
}  // namespace mcpgate
