// The OpenAPI document against the service that it describes.
#include <fmt/format.h>

#include <set>

#include "service.h"

namespace mcpgate::testing {
namespace {

const Json& Document() {
  static const Json document = *ParseJson(AdminOpenApi());
  return document;
}

/// One operation of the document.
struct Operation {
  std::string method, path;
  Json details;
};

std::vector<Operation> Operations() {
  std::vector<Operation> all;
  for (const auto& [path, operations] : Document()["paths"].items()) {
    for (const auto& [method, details] : operations.items()) {
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      all.push_back({upper, path, details});
    }
  }
  return all;
}

void CollectReferences(const Json& value, std::set<std::string>& into) {
  if (value.is_object() && value.contains("$ref")) into.insert(value["$ref"].get<std::string>());
  if (!value.is_structured()) return;
  for (const Json& each : value) CollectReferences(each, into);
}

Role NeededRole(const Operation& operation) {
  const std::string text = operation.details["description"];
  if (text.find("Needs no key") != text.npos) return Role::kReader;
  for (const Role role : {Role::kReader, Role::kWriter, Role::kManager, Role::kModerator, Role::kAdmin}) {
    if (text.find(fmt::format("the role {} ", RoleName(role))) != std::string::npos) return role;
  }
  FAIL("no role in: " << text);
  return Role::kAdmin;
}

TEST_CASE("every reference of the document leads somewhere, and names are unique") {
  std::set<std::string> references, names;
  CollectReferences(Document(), references);
  for (const std::string& reference : references) {
    CHECK_MESSAGE(Document().contains(Json::json_pointer(reference.substr(1))), reference);
  }
  for (const Operation& operation : Operations())
    CHECK(names.insert(operation.details["operationId"]).second);
  CHECK(names.size() >= 20);
}

TEST_CASE("each role is let in, or refused, at each endpoint as the document says") {
  Service service;
  std::vector<std::pair<Role, std::string>> keys;
  for (const Role role : {Role::kReader, Role::kWriter, Role::kManager, Role::kModerator, Role::kAdmin}) {
    keys.emplace_back(role, service.NewKey({.role = role}));
  }
  std::string table = fmt::format("{:<44}", "");
  for (const auto& [role, key] : keys) table += fmt::format("{:>10}", RoleName(role));
  for (const Operation& operation : Operations()) {
    std::string path = operation.path;
    if (const std::size_t brace = path.find("{id}"); brace != path.npos) path.replace(brace, 4, "nobody");
    table += fmt::format("\n{:<7}{:<37}", operation.method, operation.path);
    for (const auto& [role, key] : keys) {
      const bool has_body = operation.details.contains("requestBody");
      const Answer answer = service.Ask(key, operation.method, path, has_body ? Json::object() : Json());
      table += fmt::format("{:>10}", answer.status);
      // The operator's own endpoints refuse other administrators too, by a detail of their own.
      const bool refused = answer.status == 403 && answer.body.contains("code");
      CHECK_MESSAGE(refused == (role < NeededRole(operation)),
                    operation.method << " " << path << ": " << answer.text);
      CHECK_MESSAGE(operation.details["responses"].contains(std::to_string(answer.status)),
                    operation.path << " answers " << answer.status << ", which the document does not know");
    }
    // The endpoint that takes the key in its body looks at the body first.
    const bool takes_key = operation.details.contains("security");
    CHECK(service.Ask("", operation.method, path).status == (takes_key ? 415 : 401));
  }
  MESSAGE(table);
}

TEST_CASE("the document and its page are for everybody, and run no script but their own") {
  Service service;
  const Answer document = service.Ask("", "GET", "/openapi.json");
  CHECK(document.status == 200);
  CHECK(document.body == Document());
  for (const char* path : {"/docs", "/docs/docs.js", "/docs/docs.css"}) {
    const Answer page = service.Ask("", "GET", path);
    CHECK(page.status == 200);
    CHECK(page.text.size() > 100);
    CHECK(page.Header("Content-Security-Policy").find("unsafe") == std::string::npos);
  }
  CHECK(service.Ask("", "POST", "/docs").status == 405);
}

TEST_CASE("the dashboard's files are for everybody, under a policy that lets nothing else run") {
  Service service;
  const Answer page = service.Ask("", "GET", "/");
  CHECK(page.status == 200);
  CHECK(page.Header("Content-Type") == "text/html; charset=utf-8");
  CHECK(page.Header("Content-Security-Policy") ==
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  CHECK(page.text.find("style=") == std::string::npos);
  CHECK(service.Ask("", "GET", "/ui/app.js").Header("Content-Type") == "text/javascript; charset=utf-8");
  CHECK(service.Ask("", "GET", "/ui/parts.css").Header("Content-Type") == "text/css; charset=utf-8");
  CHECK(service.Ask("", "GET", "/ui/mark.svg").Header("Content-Type") == "image/svg+xml");
  CHECK(service.Ask("", "DELETE", "/").status == 405);
  CHECK_FALSE(IsAdminTarget("/ui/none.js"));
  CHECK_FALSE(IsAdminTarget("/ui/../index.html"));
}

TEST_CASE("a browser that has a page still good is told so, without the page") {
  Service service;
  const std::string tag = service.Ask("", "GET", "/ui/app.js").Header("ETag");
  const Answer again = service.Ask("", "GET", "/ui/app.js", nullptr, {{"If-None-Match", tag}});
  CHECK(again.status == 304);
  CHECK(again.text.empty());
  CHECK(service.Ask("", "GET", "/ui/api.js", nullptr, {{"If-None-Match", tag}}).status == 200);
}

}  // namespace
}  // namespace mcpgate::testing
