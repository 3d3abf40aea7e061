// File: admin/kind.h
//
// Rows of one kind: what their endpoints have in common.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/endpoint.h"
#include "admin/views.h"

namespace mcpgate::admin {

/// A kind of row. One of them is at path/{id}.
struct Kind {
  std::string_view path;                ///< "/v1/admin/teams"
  std::string_view action;              ///< "admin.teams", what the names of its actions begin with
  std::string_view tag;                 ///< the chapter
  std::string_view one, many;           ///< of the names of operations: "Team", "Teams"
  std::string_view schema;              ///< of one, a component; of a page it is schema + "Page"
  std::vector<QueryParameter> where{};  ///< of each request for one
  /// Members of bodies that are recorded in clear.
  std::vector<std::string_view> recorded{};
};

/// In order of id, in pages.
Endpoint Listing(const Kind& kind, std::vector<QueryParameter> query, EndpointRun run);
Endpoint Creation(const Kind& kind, std::string_view summary, Json body, EndpointRun run);
Endpoint Showing(const Kind& kind, EndpointRun run);
Endpoint Change(const Kind& kind, std::string_view summary, Json body, EndpointRun run);
/// DELETE: it is over, and stays to be seen.
Endpoint Revocation(const Kind& kind, std::string_view summary, EndpointRun run);
/// POST path/{id}:verb, without a body, answering the row.
Endpoint Act(const Kind& kind, std::string_view verb, std::string_view operation, std::string_view summary,
             EndpointRun run);

/// Where a page begins and how long it is, as the query says.
struct Place {
  std::string after;
  std::size_t limit = 100;
};
absl::StatusOr<Place> PlaceIn(const ApiRequest& request);

/// One page: what `list` answers for the place, a StatusOr of something with `next`, whose rows are
/// the member `rows`, each shown by `view`.
template <typename List, typename Rows, typename View>
absl::StatusOr<ApiAnswer> AnswerPage(const ApiRequest& request, List list, Rows rows, View view) {
  const absl::StatusOr<Place> place = PlaceIn(request);
  if (!place.ok()) return place.status();
  const auto page = list(*place);
  if (!page.ok()) return page.status();
  Json items = Json::array();
  for (const auto& row : (*page).*rows) items.push_back(view(row));
  return ApiAnswer{.body = PageJson(std::move(items), CursorOf(page->next))};
}

}  // namespace mcpgate::admin
