#include "tool/schema_uri.h"

#include <doctest/doctest.h>

#include <string>

namespace mcpgate {
namespace {

struct Row {
  const char* base;
  const char* reference;
  const char* resolved;
};

template <std::size_t kSize>
void CheckRows(const Row (&rows)[kSize]) {
  for (const Row& row : rows) {
    CAPTURE(row.base);
    CAPTURE(row.reference);
    CHECK(ResolveUri(row.base, row.reference) == row.resolved);
  }
}

TEST_CASE("references are resolved as the examples of RFC 3986, 5.4 say") {
  constexpr const char* kBase = "http://a/b/c/d;p?q";
  const Row rows[] = {
      {kBase, "g:h", "g:h"},
      {kBase, "g", "http://a/b/c/g"},
      {kBase, "./g", "http://a/b/c/g"},
      {kBase, "g/", "http://a/b/c/g/"},
      {kBase, "/g", "http://a/g"},
      {kBase, "//g", "http://g"},
      {kBase, "?y", "http://a/b/c/d;p?y"},
      {kBase, "g?y", "http://a/b/c/g?y"},
      {kBase, "#s", "http://a/b/c/d;p?q#s"},
      {kBase, "g#s", "http://a/b/c/g#s"},
      {kBase, "g?y#s", "http://a/b/c/g?y#s"},
      {kBase, ";x", "http://a/b/c/;x"},
      {kBase, "", "http://a/b/c/d;p?q"},
      {kBase, ".", "http://a/b/c/"},
      {kBase, "./", "http://a/b/c/"},
      {kBase, "..", "http://a/b/"},
      {kBase, "../g", "http://a/b/g"},
      {kBase, "../..", "http://a/"},
      {kBase, "../../g", "http://a/g"},
      {kBase, "../../../g", "http://a/g"},
      {kBase, "/./g", "http://a/g"},
      {kBase, "/../g", "http://a/g"},
      {kBase, "g.", "http://a/b/c/g."},
      {kBase, "..g", "http://a/b/c/..g"},
      {kBase, "./g/.", "http://a/b/c/g/"},
      {kBase, "g/../h", "http://a/b/c/h"},
      {kBase, "g;x=1/../y", "http://a/b/c/y"},
      {kBase, "g?y/../x", "http://a/b/c/g?y/../x"},
      {kBase, "g#s/../x", "http://a/b/c/g#s/../x"},
      {kBase, "http:g", "http:g"},
  };
  CheckRows(rows);
}

TEST_CASE("names without segments and documents without a name have their references resolved too") {
  const Row rows[] = {
      {"urn:uuid:1", "#a", "urn:uuid:1#a"},
      {"urn:uuid:1", "urn:uuid:2", "urn:uuid:2"},
      {"urn:example:a?=q", "#/b", "urn:example:a?=q#/b"},
      {"http://a", "b", "http://a/b"},
      {"", "tree", "tree"},
      {"", "http://a/../b", "http://a/b"},
      {"", "#a", "#a"},
      {"tree", "node", "node"},
      {"a/tree", "node", "a/node"},
      {"", "", ""},
      {"http://a/b", "1:2", "http://a/1:2"},
  };
  CheckRows(rows);
}

}  // namespace
}  // namespace mcpgate
