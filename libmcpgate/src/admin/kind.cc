#include "admin/kind.h"

#include <fmt/format.h>

#include <utility>

namespace mcpgate::admin {
namespace {

Endpoint RowOf(const Kind& kind, std::string_view method, std::string_view verb, EndpointRun run) {
  return {.method = method,
          .path = std::string(kind.path),
          .operation = fmt::format("{}{}", verb, kind.one),
          .action = fmt::format("{}.{}", kind.action, verb),
          .tag = kind.tag,
          .answers = std::string(kind.schema),
          .run = std::move(run)};
}

Endpoint OneOf(const Kind& kind, std::string_view method, std::string_view verb, EndpointRun run) {
  Endpoint endpoint = RowOf(kind, method, verb, std::move(run));
  endpoint.path += "/{id}";
  endpoint.query = kind.where;
  endpoint.has_version = true;
  endpoint.problems = {404};
  return endpoint;
}

}  // namespace

Endpoint Listing(const Kind& kind, std::vector<QueryParameter> query, EndpointRun run) {
  Endpoint endpoint = RowOf(kind, "GET", "list", std::move(run));
  endpoint.operation = fmt::format("list{}", kind.many);
  endpoint.summary = "In order of id";
  endpoint.effect = false;
  endpoint.query = PageParameters(std::move(query));
  endpoint.answers += "Page";
  return endpoint;
}

Endpoint Creation(const Kind& kind, std::string_view summary, Json body, EndpointRun run) {
  Endpoint endpoint = RowOf(kind, "POST", "create", std::move(run));
  endpoint.summary = summary;
  endpoint.body = std::move(body);
  endpoint.recorded = kind.recorded;
  endpoint.status = 201;
  endpoint.has_version = true;
  endpoint.problems = {404, 409};
  return endpoint;
}

Endpoint Showing(const Kind& kind, EndpointRun run) {
  Endpoint endpoint = OneOf(kind, "GET", "show", std::move(run));
  endpoint.summary = "One of them";
  endpoint.effect = false;
  return endpoint;
}

Endpoint Change(const Kind& kind, std::string_view summary, Json body, EndpointRun run) {
  Endpoint endpoint = OneOf(kind, "PATCH", "change", std::move(run));
  endpoint.summary = summary;
  endpoint.body = std::move(body);
  endpoint.recorded = kind.recorded;
  endpoint.problems = {404, 409};
  return endpoint;
}

Endpoint Revocation(const Kind& kind, std::string_view summary, EndpointRun run) {
  Endpoint endpoint = OneOf(kind, "DELETE", "revoke", std::move(run));
  endpoint.summary = summary;
  return endpoint;
}

Endpoint Act(const Kind& kind, std::string_view verb, std::string_view operation, std::string_view summary,
             EndpointRun run) {
  Endpoint endpoint = RowOf(kind, "POST", verb, std::move(run));
  endpoint.path += fmt::format("/{{id}}:{}", verb);
  endpoint.operation = operation;
  endpoint.summary = summary;
  endpoint.problems = {404, 409};
  return endpoint;
}

absl::StatusOr<Place> PlaceIn(const ApiRequest& request) {
  absl::StatusOr<std::string> after = PlaceOf(request.Query("cursor"));
  if (!after.ok()) return after.status();
  return Place{*std::move(after), static_cast<std::size_t>(request.Number("limit", 100))};
}

}  // namespace mcpgate::admin
