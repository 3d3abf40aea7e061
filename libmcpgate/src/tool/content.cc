#include "mcpgate/content.h"

#include <utility>

#include "base/crypto.h"

namespace mcpgate {
namespace {

Json BytesContent(std::string type, std::string_view bytes, std::string mime_type) {
  return {{"type", std::move(type)}, {"data", Base64Encode(bytes)}, {"mimeType", std::move(mime_type)}};
}

Json Embedded(std::string uri, std::string mime_type, std::string member, std::string value) {
  Json resource = {{"uri", std::move(uri)}, {"mimeType", std::move(mime_type)}};
  resource[std::move(member)] = std::move(value);
  return {{"type", "resource"}, {"resource", std::move(resource)}};
}

}  // namespace

// Member by member: what nearly every call answers costs half as much as by a list of pairs, which are
// copied.
Json TextContent(std::string text) {
  Json content = Json::object();
  content["text"] = std::move(text);
  content["type"] = "text";
  return content;
}

Json ImageContent(std::string_view bytes, std::string mime_type) {
  return BytesContent("image", bytes, std::move(mime_type));
}

Json AudioContent(std::string_view bytes, std::string mime_type) {
  return BytesContent("audio", bytes, std::move(mime_type));
}

Json EmbeddedText(std::string uri, std::string mime_type, std::string text) {
  return Embedded(std::move(uri), std::move(mime_type), "text", std::move(text));
}

Json EmbeddedBytes(std::string uri, std::string mime_type, std::string_view bytes) {
  return Embedded(std::move(uri), std::move(mime_type), "blob", Base64Encode(bytes));
}

Json ResourceLink(std::string uri, std::string name, std::string mime_type) {
  Json link = {{"type", "resource_link"}, {"uri", std::move(uri)}, {"name", std::move(name)}};
  if (!mime_type.empty()) link["mimeType"] = std::move(mime_type);
  return link;
}

}  // namespace mcpgate
