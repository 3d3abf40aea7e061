#include "admin/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <utility>

#include "admin/alias.h"
#include "admin/problem.h"
#include "mcpgate/version.h"

namespace mcpgate::admin {
namespace {

// What any endpoint may answer: the gate's refusals, a malformed request, a store that does not answer.
constexpr int kEverywhere[] = {400, 401, 402, 403, 413, 429, 503};

Json Reference(std::string_view schema) { return {{"$ref", fmt::format("#/components/schemas/{}", schema)}}; }

Json ProblemResponse(int status) {
  Json response = {{"description", TitleOf(status)},
                   {"content", {{"application/problem+json", {{"schema", Reference("Problem")}}}}}};
  const Json text = {{"schema", {{"type", "string"}}}};
  if (status == 401) response["headers"] = {{"WWW-Authenticate", text}};
  if (status == 429)
    response["headers"] = {{"Retry-After", text}, {"RateLimit", text}, {"RateLimit-Policy", text}};
  return response;
}

Json SuccessResponse(const Endpoint& endpoint) {
  Json response = {{"description", TitleOf(endpoint.status)}};
  const Json text = {{"schema", {{"type", "string"}}}};
  if (endpoint.has_version) response["headers"]["ETag"] = text;
  if (endpoint.status == 201) response["headers"]["Location"] = text;
  if (endpoint.opens_session) response["headers"]["Set-Cookie"] = text;
  if (endpoint.is_socket) return response;
  if (endpoint.is_stream) {
    response["content"] = {{"text/event-stream", {{"schema", {{"type", "string"}}}}}};
  } else if (!endpoint.answers.empty()) {
    response["content"] = {{"application/json", {{"schema", Reference(endpoint.answers)}}}};
  }
  return response;
}

// The names in braces.
std::vector<std::string> PathNames(std::string_view path) {
  std::vector<std::string> names;
  for (std::size_t at = path.find('{'); at != path.npos; at = path.find('{', at + 1)) {
    names.emplace_back(path.substr(at + 1, path.find('}', at) - at - 1));
  }
  return names;
}

Json HeaderParameter(std::string_view name, std::string_view description, Json schema) {
  return {{"name", name}, {"in", "header"}, {"description", description}, {"schema", std::move(schema)}};
}

Json ParametersOf(const Endpoint& endpoint) {
  Json list = Json::array();
  for (const std::string& name : PathNames(endpoint.path)) {
    list.push_back({{"name", name},
                    {"in", "path"},
                    {"required", true},
                    {"schema", {{"type", "string"}, {"minLength", 1}, {"maxLength", 200}}}});
  }
  for (const QueryParameter& each : endpoint.query) {
    list.push_back(
        {{"name", each.name}, {"in", "query"}, {"description", each.description}, {"schema", each.schema}});
  }
  if (TakesCondition(endpoint)) {
    list.push_back(HeaderParameter("If-Match", "the ETag of the state that shall be changed",
                                   {{"type", "string"}, {"pattern", kVersionTagPattern}}));
  }
  if (endpoint.is_stream && !endpoint.is_socket) {
    list.push_back(HeaderParameter("Last-Event-ID",
                                   "the id of the last event that arrived; what came after it is told first",
                                   {{"type", "string"}, {"pattern", "^[0-9]{1,18}$"}}));
  }
  if (TakesIdempotencyKey(endpoint)) {
    list.push_back(HeaderParameter("Idempotency-Key",
                                   "the same key and body within ten minutes get the first answer again",
                                   {{"type", "string"}, {"pattern", kIdempotencyKeyPattern}}));
  }
  return list;
}

std::string NeedsOf(const Endpoint& endpoint) {
  if (endpoint.run_open) return "Needs no key; see the request.";
  return fmt::format("Needs the role {} or a grant of `{}`.", RoleName(endpoint.role), endpoint.action);
}

Json OperationOf(const Endpoint& endpoint) {
  Json responses = {{fmt::format("{}", endpoint.status), SuccessResponse(endpoint)}};
  std::set<int> problems(std::begin(kEverywhere), std::end(kEverywhere));
  problems.insert(endpoint.problems.begin(), endpoint.problems.end());
  if (TakesCondition(endpoint)) problems.insert({409, 412});
  if (TakesIdempotencyKey(endpoint)) problems.insert({409, 422});
  if (endpoint.body) problems.insert(415);
  for (const int status : problems) responses[fmt::format("{}", status)] = ProblemResponse(status);
  Json operation = {{"operationId", endpoint.operation},    {"summary", endpoint.summary},
                    {"description", NeedsOf(endpoint)},     {"tags", {endpoint.tag}},
                    {"parameters", ParametersOf(endpoint)}, {"responses", std::move(responses)}};
  if (endpoint.body) {
    operation["requestBody"] = {{"required", true},
                                {"content", {{"application/json", {{"schema", *endpoint.body}}}}}};
  }
  if (endpoint.run_open || endpoint.opens_session) operation["security"] = Json::array();
  return operation;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return lower;
}

}  // namespace

Json OpenApiDocument(const Api& api) {
  Json paths = Json::object();
  for (const Endpoint& endpoint : api.endpoints) {
    Json operation = OperationOf(endpoint);
    const std::string method = Lower(endpoint.method);
    if (const std::optional<std::string> alias = AliasOf(endpoint.path)) {
      Json& same = paths[*alias][method] = operation;
      same["operationId"] = fmt::format("{}ByAlias", endpoint.operation);
      same["description"] = fmt::format("Another name of {}. {}", endpoint.path, NeedsOf(endpoint));
    }
    paths[endpoint.path][method] = std::move(operation);
  }
  Json schemas = {{"Problem", ProblemSchema()}};
  for (const auto& [name, schema] : api.schemas) schemas[name] = schema;
  return {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "mcpgate"},
        {"version", MCPGATE_VERSION},
        {"description", "Keys, people, limits and the audit trail of an mcpgate."}}},
      {"security", {{{"bearer", Json::array()}}, {{"apiKey", Json::array()}}, {{"session", Json::array()}}}},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", std::move(schemas)},
        {"securitySchemes",
         {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
          {"apiKey", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}}},
          {"session",
           {{"type", "apiKey"},
            {"in", "cookie"},
            {"name", "mcpgate"},
            {"description",
             "a browser's, from /v1/admin/login; what is not a GET shows X-CSRF-Token beside it. Over "
             "TLS its name is __Host-mcpgate."}}}}}}}};
}

}  // namespace mcpgate::admin
