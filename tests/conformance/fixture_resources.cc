#include <string>
#include <utility>

#include "fixture.h"
#include "media.h"

namespace mcpgate::conformance {
namespace {

/// The variable of the only template below.
std::string Id(const ResourceRequest& request) {
  const auto found = request.variables.find("id");
  return found == request.variables.end() ? std::string() : found->second;
}

absl::StatusOr<ResourceResult> ReadTemplate(const ResourceRequest& request, CallContext&) {
  const std::string id = Id(request);
  return ResourceResult::Text("application/json",
                              DumpJson({{"id", id}, {"templateTest", true}, {"data", "Data for ID: " + id}}));
}

ResourceHandler ReadText(std::string text) {
  return [text = std::move(text)](const ResourceRequest&, CallContext&) -> absl::StatusOr<ResourceResult> {
    return ResourceResult::Text("text/plain", text);
  };
}

absl::StatusOr<ResourceResult> ReadPicture(const ResourceRequest&, CallContext&) {
  return ResourceResult::Bytes("image/png", std::string(RedPixel()));
}

}  // namespace

absl::Status AddResources(Registry& registry) {
  absl::Status added =
      registry.Add(Resource{.uri = "test://static-text",
                            .name = "Static Text Resource",
                            .description = "A text that never changes.",
                            .mime_type = "text/plain",
                            .role = Role::kReader,
                            .handler = ReadText("This is the content of the static text resource.")});
  added.Update(registry.Add(Resource{.uri = "test://static-binary",
                                     .name = "Static Binary Resource",
                                     .description = "A picture that never changes.",
                                     .mime_type = "image/png",
                                     .role = Role::kReader,
                                     .handler = ReadPicture}));
  added.Update(registry.Add(Resource{.uri = "test://watched-resource",
                                     .name = "Watched Resource",
                                     .description = "A text to subscribe to.",
                                     .mime_type = "text/plain",
                                     .role = Role::kReader,
                                     .handler = ReadText("Watched resource content.")}));
  added.Update(registry.Add(ResourceTemplate{.uri_template = "test://template/{id}/data",
                                             .name = "Template Resource",
                                             .description = "Data by id.",
                                             .mime_type = "application/json",
                                             .role = Role::kReader,
                                             .handler = ReadTemplate}));
  return added;
}

}  // namespace mcpgate::conformance
