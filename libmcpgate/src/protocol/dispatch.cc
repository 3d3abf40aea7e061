#include "protocol/dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "protocol/access.h"
#include "protocol/capabilities.h"
#include "protocol/list.h"
#include "protocol/outcome.h"
#include "protocol/target.h"

namespace mcpgate {
namespace {

enum class Era { kLegacy, kModern, kBoth };
enum class Needs { kNothing, kPrompts, kResources, kCompletions };

struct Asked {
  const Surroundings& around;
  const Catalog& catalog;
  const Request& request;
  const Principal& principal;
  SessionSide* session;
};

using Answer = std::variant<std::string, Rejection>;
using Method = Answer (*)(const Asked&);

bool Offers(const Catalog& catalog, Needs what) {
  switch (what) {
    case Needs::kNothing:
      return true;
    case Needs::kPrompts:
      return !catalog.prompts.entries().empty();
    case Needs::kResources:
      return !catalog.resources.entries().empty() || !catalog.templates.entries().empty();
    case Needs::kCompletions: {
      const auto& prompts = catalog.prompts.entries();
      const auto& templates = catalog.templates.entries();
      return std::any_of(prompts.begin(), prompts.end(),
                         [](const auto& each) { return each->prompt().complete; }) ||
             std::any_of(templates.begin(), templates.end(),
                         [](const auto& each) { return each->resource_template().complete; });
    }
  }
  return false;
}

// Only what this server can do now; a client that asks for more hears "method not found".
Json Capabilities(const Catalog& catalog) {
  Json told = {{"tools", {{"listChanged", true}}}, {"logging", Json::object()}};
  if (Offers(catalog, Needs::kPrompts)) told["prompts"] = {{"listChanged", true}};
  if (Offers(catalog, Needs::kResources)) told["resources"] = {{"subscribe", true}, {"listChanged", true}};
  if (Offers(catalog, Needs::kCompletions)) told["completions"] = Json::object();
  return told;
}

Answer Discover(const Asked& asked) {
  Json capabilities = Capabilities(asked.catalog);
  capabilities.merge_patch(TasksCapability());
  return asked.around.identity.Discover(capabilities);
}

Answer Ping(const Asked&) { return "{}"; }

// Echoes a version it speaks and otherwise offers the newest one that opens with a handshake (2025-11-25,
// lifecycle).
Answer Initialize(const Asked& asked) {
  const std::string* version = FindString(asked.request.params, "protocolVersion");
  if (version == nullptr) {
    return Rejection(ErrorCode::kInvalidParams, "params.protocolVersion must be a string");
  }
  const std::optional<Revision> revision = ParseRevision(*version);
  Settled settled{.revision = revision && !IsModern(*revision) ? *revision : kNewestLegacy};
  const Json* capabilities = FindObject(asked.request.params, "capabilities");
  settled.capabilities =
      std::make_shared<const Json>(capabilities == nullptr ? Json::object() : *capabilities);
  const Revision spoken = settled.revision;
  if (asked.session != nullptr) asked.session->Settle(std::move(settled));
  return asked.around.identity.Initialize(spoken, Capabilities(asked.catalog));
}

Answer SetLevel(const Asked& asked) {
  const std::optional<LogLevel> level = ParseLogLevel(StringOr(asked.request.params, "level", ""));
  if (!level) return Rejection(ErrorCode::kInvalidParams, "params.level must be one of debug ... emergency");
  if (asked.session != nullptr) asked.session->SetLogLevel(*level);
  return "{}";
}

template <Listed list>
Answer List(const Asked& asked) {
  return ListPage(asked.around, asked.catalog, list, asked.request, asked.principal);
}

// The resource is there and the key may read it.
Answer MayWatch(const Asked& asked, const std::string& uri) {
  if (MayRead(asked.around.gate, asked.catalog, asked.principal, uri)) return "{}";
  return NoSuchResource(uri, asked.request.revision);
}

Answer Subscribe(const Asked& asked) {
  const std::string* uri = FindString(asked.request.params, "uri");
  if (uri == nullptr) return Rejection(ErrorCode::kInvalidParams, "params.uri must be a string");
  Answer answer = MayWatch(asked, *uri);
  if (std::holds_alternative<std::string>(answer) && asked.session != nullptr &&
      !asked.session->Subscribe(*uri)) {
    return Rejection(ErrorCode::kInvalidParams, "this session has as many subscriptions as it may");
  }
  return answer;
}

Answer Unsubscribe(const Asked& asked) {
  const std::string* uri = FindString(asked.request.params, "uri");
  if (uri == nullptr) return Rejection(ErrorCode::kInvalidParams, "params.uri must be a string");
  if (asked.session != nullptr) asked.session->Unsubscribe(*uri);
  return "{}";
}

struct Row {
  std::string_view method;
  Era era;
  Needs needs;
  Method answer;  // null: not answered here
};

constexpr Row kMethods[] = {
    {"tools/call", Era::kBoth, Needs::kNothing, nullptr},
    {"tools/list", Era::kBoth, Needs::kNothing, List<Listed::kTools>},
    {"server/discover", Era::kModern, Needs::kNothing, Discover},
    {"initialize", Era::kLegacy, Needs::kNothing, Initialize},
    {"ping", Era::kLegacy, Needs::kNothing, Ping},
    {"prompts/get", Era::kBoth, Needs::kPrompts, nullptr},
    {"prompts/list", Era::kBoth, Needs::kPrompts, List<Listed::kPrompts>},
    {"resources/read", Era::kBoth, Needs::kResources, nullptr},
    {"resources/list", Era::kBoth, Needs::kResources, List<Listed::kResources>},
    {"resources/templates/list", Era::kBoth, Needs::kResources, List<Listed::kTemplates>},
    {"resources/subscribe", Era::kLegacy, Needs::kResources, Subscribe},
    {"resources/unsubscribe", Era::kLegacy, Needs::kResources, Unsubscribe},
    {"subscriptions/listen", Era::kModern, Needs::kNothing, nullptr},
    {"tasks/get", Era::kModern, Needs::kNothing, nullptr},
    {"tasks/update", Era::kModern, Needs::kNothing, nullptr},
    {"tasks/cancel", Era::kModern, Needs::kNothing, nullptr},
    {"completion/complete", Era::kBoth, Needs::kCompletions, nullptr},
    {"logging/setLevel", Era::kLegacy, Needs::kNothing, SetLevel},
};

const Row* FindRow(const Catalog& catalog, const Request& request) {
  for (const Row& row : kMethods) {
    if (row.method != request.method) continue;
    const bool spoken = row.era == Era::kBoth || (row.era == Era::kModern) == IsModern(request.revision);
    return spoken && Offers(catalog, row.needs) ? &row : nullptr;
  }
  return nullptr;
}

Rejection NoSuchMethod(const Request& request) {
  return {ErrorCode::kMethodNotFound,
          fmt::format("method '{}' is not served in {}", request.method.substr(0, 100),
                      RevisionName(request.revision))};
}

}  // namespace

std::optional<Rejection> CheckMethod(const Catalog& catalog, const Request& request) {
  if (FindRow(catalog, request) != nullptr) return std::nullopt;
  return NoSuchMethod(request);
}

ServerAnswer AnswerOf(Rejection rejection, const Request& request) {
  rejection.id = request.id;
  return ErrorAnswer(rejection, request.revision);
}

ServerAnswer Dispatch(const Surroundings& around, const Catalog& catalog, Request request,
                      const Credentials& credentials, SessionSide* session) {
  const auto principal = around.gate.Authenticate(credentials);
  if (!principal.ok()) return AnswerOf(RejectionFor(principal.status()), request);
  const Row* row = FindRow(catalog, request);
  if (row == nullptr || row->answer == nullptr) return AnswerOf(NoSuchMethod(request), request);
  Answer answer = row->answer({around, catalog, request, **principal, session});
  if (auto* rejection = std::get_if<Rejection>(&answer)) return AnswerOf(std::move(*rejection), request);
  return {.message = ResultMessage(request.id, std::get<std::string>(answer))};
}

}  // namespace mcpgate
