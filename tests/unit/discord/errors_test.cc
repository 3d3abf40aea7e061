#include "discord/errors.h"

#include <doctest/doctest.h>

#include "unit/discord/scripted.h"

namespace mcpgate {
namespace {

using namespace testing;
using Kind = DiscordError::Kind;

DiscordError Explain(int status, std::string body) {
  const net::HttpResponse response = Said(status, std::move(body));
  return ExplainAnswer(response, ReadRateNews(response));
}

Json Parsed(std::string_view text) {
  auto value = ParseJson(text);
  REQUIRE(value.ok());
  return *std::move(value);
}

TEST_CASE("a form error tree becomes one line a leaf, with array places in brackets") {
  const Json errors = Parsed(R"({
    "content": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}]},
    "embeds": {"0": {"title": {"_errors": [{"code": "X", "message": "Too long."}, {"code": "Y", "message": "Odd."}]}},
               "12": {"_errors": [{"message": "No."}]}},
    "_errors": [{"message": "All of it."}]})");
  const std::vector<std::string> lines = FlattenFormErrors(errors);
  CHECK(lines == std::vector<std::string>{"All of it.", "content: Must be 2000 or fewer in length.",
                                          "embeds[0].title: Too long.", "embeds[0].title: Odd.",
                                          "embeds[12]: No."});
}

TEST_CASE("a huge form error tree is cut, and the rest counted") {
  Json errors;
  for (int i = 0; i < 30; ++i)
    errors["f" + std::to_string(100 + i)]["_errors"] = Json::array({{{"message", "no"}}});
  const std::vector<std::string> lines = FlattenFormErrors(errors, 4);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "f100: no");
  CHECK(lines[4] == "and 26 more");
}

TEST_CASE("odd shapes in an error tree do no harm") {
  for (const char* text :
       {"null", "[]", "3", R"({"_errors":3})", R"({"_errors":[3,null,{}]})", R"({"a":{"b":[1]}})"}) {
    CAPTURE(text);
    for (const std::string& line : FlattenFormErrors(Parsed(text))) CHECK(line == "not valid");
  }
}

TEST_CASE("every known refusal says what it means and what to do, and is not tried again") {
  struct Row {
    int status;
    int code;
    Kind kind;
    const char* meaning;
    const char* advice;
  };
  for (const Row& row : {
           Row{404, 10003, Kind::kNotFound, "channel unknown", "the bot may not be in that server"},
           Row{404, 10004, Kind::kNotFound, "server (guild) unknown", "check the id"},
           Row{404, 10008, Kind::kNotFound, "message unknown", "deleted"},
           Row{403, 50001, Kind::kForbidden, "no access", "administrator"},
           Row{403, 50013, Kind::kForbidden, "lacks a permission", "Send Messages"},
           Row{400, 50006, Kind::kInvalid, "empty", "content"},
           Row{400, 50083, Kind::kInvalid, "archived", "write"},
           Row{400, 40058, Kind::kInvalid, "forum", "post"},
           Row{400, 160002, Kind::kForbidden, "history", "reply_to"},
           Row{400, 200000, Kind::kForbidden, "AutoMod", "other words"},
           Row{400, 20016, Kind::kRateLimited, "slow mode", "wait"},
           Row{404, 0, Kind::kNotFound, "no such thing", "check"},
           Row{403, 0, Kind::kForbidden, "may not", "administrator"},
           Row{400, 99999, Kind::kInvalid, "did not accept", "change"},
           Row{401, 0, Kind::kBadToken, "refused the bot token", "operator"},
           Row{302, 0, Kind::kFailed, "redirect", "base URL"},
       }) {
    CAPTURE(row.code);
    CAPTURE(row.status);
    const DiscordError error =
        Explain(row.status, fmt::format(R"({{"code":{},"message":"Discord's words"}})", row.code));
    CHECK(error.kind == row.kind);
    CHECK(error.message.find(row.meaning) != std::string::npos);
    CHECK(error.message.find(row.advice) != std::string::npos);
    CHECK(error.message.find("Discord's words") != std::string::npos);
    CHECK(error.again == DiscordError::Again::kNo);
    CHECK_FALSE(error.maybe_done);
    CHECK(error.http_status == row.status);
    CHECK(error.code == row.code);
  }
}

TEST_CASE("a form error shows the flattened tree") {
  const DiscordError error = Explain(
      400,
      R"({"code":50035,"message":"Invalid Form Body","errors":{"content":{"_errors":[{"code":"A","message":"Must be 2000 or fewer in length."}]}}})");
  CHECK(error.message ==
        "Discord does not accept the request's form (Discord error 50035: Invalid Form Body)\n"
        "- content: Must be 2000 or fewer in length.\nchange what is named and try again");
}

TEST_CASE("Discord's own trouble may be tried again when that does no harm, and leaves the effect open") {
  for (const int status : {500, 502, 503, 504, 520, 521, 522, 523, 524}) {
    CAPTURE(status);
    const DiscordError error = Explain(status, "<html>bad gateway</html>");
    CHECK(error.kind == Kind::kFailed);
    CHECK(error.again == DiscordError::Again::kWhenRepeatable);
    CHECK(error.maybe_done);
  }
  CHECK(Explain(503, R"({"code":130000,"message":"API resource is currently overloaded"})").again ==
        DiscordError::Again::kWhenRepeatable);
  CHECK(Explain(501, "").again == DiscordError::Again::kNo);
}

TEST_CASE("text from outside stands in one line, cut at a character") {
  CHECK(OneLine("a\nb\tc\x1b[31m", 100) == "a b c [31m");
  CHECK(OneLine("abcdef", 3) == "abc...");
  CHECK(OneLine("ab\xc3\xa9", 3) == "ab...");
  CHECK(OneLine("ab\xc3\xa9", 4) == "ab\xc3\xa9");
}

TEST_CASE("silence tells whether anything can have happened") {
  CHECK_FALSE(ExplainSilence(Unsent()).maybe_done);
  CHECK(ExplainSilence(Unsent()).again == DiscordError::Again::kWhenUnsent);
  CHECK(ExplainSilence(Lost()).maybe_done);
  CHECK(ExplainSilence(Lost()).again == DiscordError::Again::kWhenRepeatable);
  CHECK(ExplainSilence(Lost()).kind == Kind::kUnreachable);
  CHECK(ExplainSilence(absl::CancelledError("x")).kind == Kind::kStopped);
  CHECK(ExplainSilence(absl::ResourceExhaustedError("too large")).again == DiscordError::Again::kNo);
}

}  // namespace
}  // namespace mcpgate
