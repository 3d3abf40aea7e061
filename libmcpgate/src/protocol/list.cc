#include "protocol/list.h"

#include <fmt/format.h>

#include "protocol/cursor.h"

namespace mcpgate {
namespace {

// How long a client may keep a page. It is private: what a key sees is what it may call.
constexpr int kListTtlMs = 60'000;

ListingForm FormFor(Revision revision) {
  switch (revision) {
    case Revision::k2025_03_26:
      return ListingForm::k2025_03;
    case Revision::k2025_06_18:
      return ListingForm::k2025_06;
    case Revision::k2025_11_25:
      return ListingForm::k2025_11;
    case Revision::k2026_07_28:
      break;
  }
  return ListingForm::k2026;
}

// Index of the first entry after the cursor's. The cursor names an entry, so it survives a list that grew.
template <typename Entry>
std::variant<std::size_t, Rejection> StartOf(const Surroundings& around, const Section<Entry>& section,
                                             const Request& request) {
  const Json* cursor = FindMember(request.params, "cursor");
  if (cursor == nullptr) return std::size_t{0};
  const std::string* text = cursor->get_ptr<const std::string*>();
  const std::optional<std::string> key =
      text ? OpenCursor(around.cursor_key, request.method, *text) : std::nullopt;
  const std::optional<std::size_t> at = key ? section.IndexOf(*key) : std::nullopt;
  if (at) return *at + 1;
  return Rejection(ErrorCode::kInvalidParams,
                   "params.cursor is not a cursor of this list; start again without one");
}

template <typename Entry>
std::variant<std::string, Rejection> Page(const Surroundings& around, const Section<Entry>& section,
                                          std::string_view member, const Request& request,
                                          const Principal& principal) {
  auto start = StartOf(around, section, request);
  if (auto* rejection = std::get_if<Rejection>(&start)) return std::move(*rejection);
  const ListingForm form = FormFor(request.revision);
  std::string members = fmt::format(R"("{}":[)", member);
  std::size_t listed = 0;
  const Entry* last = nullptr;
  bool more = false;
  const auto& entries = section.entries();
  for (std::size_t i = std::get<std::size_t>(start); i < entries.size() && !more; ++i) {
    const Entry& entry = *entries[i];
    if (!around.gate.Permits(principal, entry.action(), entry.role())) continue;
    more = listed == around.page_size;
    if (more) break;
    if (listed++ > 0) members += ',';
    members += entry.Listing(form);
    last = &entry;
  }
  members += ']';
  if (more) {
    members +=
        fmt::format(R"(,"nextCursor":"{}")", SealCursor(around.cursor_key, request.method, last->key()));
  }
  if (IsModern(request.revision)) members += fmt::format(R"(,"ttlMs":{},"cacheScope":"private")", kListTtlMs);
  return around.identity.Result(request.revision, members);
}

}  // namespace

std::variant<std::string, Rejection> ListPage(const Surroundings& around, const Catalog& catalog, Listed list,
                                              const Request& request, const Principal& principal) {
  switch (list) {
    case Listed::kTools:
      return Page(around, catalog.tools, "tools", request, principal);
    case Listed::kPrompts:
      return Page(around, catalog.prompts, "prompts", request, principal);
    case Listed::kResources:
      return Page(around, catalog.resources, "resources", request, principal);
    case Listed::kTemplates:
      break;
  }
  return Page(around, catalog.templates, "resourceTemplates", request, principal);
}

}  // namespace mcpgate
