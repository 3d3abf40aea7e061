#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/crypto.h"
#include "protocol/target.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxUri = 2048;

Json ContentsOf(const ResourceContents& contents, const std::string& uri) {
  Json entry = {{"uri", contents.uri.empty() ? uri : contents.uri}};
  if (!contents.mime_type.empty()) entry["mimeType"] = contents.mime_type;
  if (contents.bytes) {
    entry["blob"] = Base64Encode(*contents.bytes);
  } else {
    entry["text"] = contents.text;
  }
  return entry;
}

// A resource at its own address, or what a template makes of one.
class ResourceTarget final : public Target {
 public:
  ResourceTarget(std::shared_ptr<const CatalogEntry> entry, const ResourceHandler& handler, RunOn run_on,
                 std::string uri, UriTemplate::Variables variables)
      : entry_(std::move(entry)),
        handler_(handler),
        run_on_(run_on),
        uri_(std::move(uri)),
        variables_(std::move(variables)) {}

  const CatalogEntry& entry() const override { return *entry_; }
  RunOn run_on() const override { return run_on_; }
  std::string arguments_text() const override { return DumpJson(uri_); }

  absl::StatusOr<Finished> Run(CallContext& context, Revision revision) override {
    absl::StatusOr<ResourceResult> result = handler_({.uri = uri_, .variables = variables_}, context);
    if (!result.ok()) return result.status();
    if (result->contents.empty()) return absl::NotFoundError("the resource is empty");
    Json contents = Json::array();
    for (const ResourceContents& each : result->contents) contents.push_back(ContentsOf(each, uri_));
    Finished finished;
    finished.members = R"("contents":)" + DumpJson(contents);
    if (IsModern(revision)) {
      const auto ttl = std::chrono::duration_cast<std::chrono::milliseconds>(result->ttl).count();
      finished.members +=
          fmt::format(R"(,"ttlMs":{},"cacheScope":"private")", std::max<std::int64_t>(ttl, 0));
    }
    return finished;
  }

  std::variant<std::string, Rejection> Failure(const absl::Status& status, Revision revision) const override {
    if (absl::IsNotFound(status)) return NoSuchResource(uri_, revision);
    return Rejection(absl::IsInvalidArgument(status) ? ErrorCode::kInvalidParams : ErrorCode::kInternalError,
                     std::string(status.message()));
  }

 private:
  const std::shared_ptr<const CatalogEntry> entry_;
  const ResourceHandler& handler_;  // of the entry
  const RunOn run_on_;
  const std::string uri_;
  const UriTemplate::Variables variables_;
};

}  // namespace

Rejection NoSuchResource(const std::string& uri, Revision revision) {
  const ErrorCode code = IsModern(revision) ? ErrorCode::kInvalidParams : ErrorCode::kResourceNotFound;
  return {code, "resource not found", {{"uri", uri}}};
}

std::variant<std::unique_ptr<Target>, Rejection> FindResource(const Catalog& catalog, Request& request) {
  const std::string* uri = FindString(request.params, "uri");
  if (uri == nullptr) return Rejection(ErrorCode::kInvalidParams, "params.uri must be a string");
  if (uri->size() > kMaxUri)
    return Rejection(ErrorCode::kInvalidParams, "params.uri is longer than 2048 bytes");
  if (auto found = catalog.resources.Find(*uri)) {
    const Resource& resource = found->resource();
    return std::make_unique<ResourceTarget>(found, resource.handler, resource.run_on, *uri,
                                            UriTemplate::Variables());
  }
  if (auto match = catalog.MatchTemplate(*uri)) {
    const ResourceTemplate& made = match->entry->resource_template();
    return std::make_unique<ResourceTarget>(match->entry, made.handler, made.run_on, *uri,
                                            std::move(match->variables));
  }
  return NoSuchResource(*uri, request.revision);
}

}  // namespace mcpgate
