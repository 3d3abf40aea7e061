// Cursors: which are followed, and which are refused.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/talk.h"

namespace mcpgate {
namespace {

using namespace testing;

constexpr char kNext[] = "/result/nextCursor";

Served Paged(char cursor_key) {
  return Served(Serving{.registry = Everything(), .tune = [cursor_key](ServerOptions& options) {
                          options.page_size = 1;
                          options.cursor_key = Secret(std::string(32, cursor_key));
                        }});
}

Json List(std::string_view method, const Json& cursor = nullptr) {
  Json params = Json::object();
  if (!cursor.is_null()) params["cursor"] = cursor;
  return Modern(1, method, params);
}

bool IsRefused(const Json& answer) { return At(answer, "/error/code") == -32602; }

TEST_CASE("the pages of every list join to the whole, in order, with what the key may see") {
  Served served = Paged('c');
  Talk talk(served);
  struct Row {
    std::string method, member, name;
    std::vector<std::string> names;
  };
  for (const Row& row :
       {Row{"prompts/list", "prompts", "name", {"greet", "linked", "asking"}},
        Row{"resources/list", "resources", "name", {"one", "bytes", "gone", "empty", "asking"}},
        Row{"resources/templates/list", "resourceTemplates", "name", {"day", "year"}}}) {
    CAPTURE(row.method);
    std::vector<std::string> names;
    Json cursor;
    do {
      const Json answer = talk.Ask(List(row.method, cursor));
      for (const Json& entry : At(answer, "/result/" + row.member))
        names.push_back(StringOr(entry, row.name, ""));
      CHECK(At(answer, "/result/cacheScope") == "private");
      cursor = At(answer, kNext);
    } while (!cursor.is_null());
    CHECK(names == row.names);
  }
}

TEST_CASE("a cursor belongs to its list, and to servers with its key") {
  Served served = Paged('c'), replica = Paged('c'), foreign = Paged('f');
  Talk talk(served), same(replica), other(foreign);
  const std::vector<std::string> methods = {"tools/list", "prompts/list", "resources/list",
                                            "resources/templates/list"};
  for (const std::string& method : methods) {
    const Json cursor = At(talk.Ask(List(method)), kNext);
    REQUIRE(cursor.is_string());
    for (const std::string& asked : methods)
      CHECK(IsRefused(talk.Ask(List(asked, cursor))) == (asked != method));
    CHECK_FALSE(IsRefused(same.Ask(List(method, cursor))));
    CHECK(IsRefused(other.Ask(List(method, cursor))));
  }
}

TEST_CASE("a cursor changed at any place is refused") {
  Served served = Paged('c');
  Talk talk(served);
  const std::string cursor = At(talk.Ask(List("prompts/list")), kNext).get<std::string>();
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    std::string changed = cursor;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(IsRefused(talk.Ask(List("prompts/list", changed))));
  }
  for (const char* more : {"A", "=", " ", "AAAA"})
    CHECK(IsRefused(talk.Ask(List("prompts/list", cursor + more))));
  CHECK_FALSE(IsRefused(talk.Ask(List("prompts/list", cursor))));
}

TEST_CASE("a cursor survives a list that grew, and not the entry it stands on") {
  Served served = Paged('c');
  Talk talk(served);
  const Json cursor = At(talk.Ask(List("tools/list")), kNext);
  const Json second = At(talk.Ask(List("tools/list", cursor)), "/result/tools/0/name");
  REQUIRE(served.registry->Add(Idle("new")).ok());
  CHECK(At(talk.Ask(List("tools/list", cursor)), "/result/tools/0/name") == second);
  REQUIRE(served.registry->Remove(Listed::kTools, "link").ok());
  CHECK(IsRefused(talk.Ask(List("tools/list", cursor))));
}

TEST_CASE("a cursor shows another key nothing but what that key may see") {
  Served served = Paged('c');
  Talk admin(served, "admin"), reader(served);
  Json cursor = At(admin.Ask(List("prompts/list")), kNext);
  for (int i = 0; i < 2; ++i) cursor = At(admin.Ask(List("prompts/list", cursor)), kNext);
  CHECK(At(admin.Ask(List("prompts/list", cursor)), "/result/prompts/0/name") == "hidden");
  CHECK(At(reader.Ask(List("prompts/list", cursor)), "/result/prompts") == Json::array());
}

}  // namespace
}  // namespace mcpgate
