#include "sandbox/embed_form.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "sandbox/text.h"

namespace mcpgate::sandbox {
namespace {

// Discord's documented limits.
constexpr int kMaxEmbeds = 10;
constexpr int kMaxTitle = 256;
constexpr int kMaxDescription = 4096;
constexpr int kMaxFields = 25;
constexpr int kMaxFieldName = 256;
constexpr int kMaxFieldValue = 1024;
constexpr int kMaxFooter = 2048;
constexpr int kMaxAuthor = 256;
constexpr std::size_t kMaxTogether = 6000;

/// Reads one message's embeds. Not thread-safe.
class EmbedReader {
 public:
  explicit EmbedReader(FormErrors& errors) : errors_(errors) {}

  Json Read(const Json& embeds) {
    Json read = Json::array();
    for (std::size_t i = 0; i < embeds.size(); ++i) {
      const std::string path = "embeds/" + std::to_string(i);
      if (embeds[i].is_object()) {
        ReadOne(embeds[i], path);
        Json embed = embeds[i];
        embed["type"] = "rich";
        read.push_back(std::move(embed));
      } else {
        errors_.Add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
      }
    }
    if (total_ > kMaxTogether) {
      errors_.Add("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000");
    }
    return read;
  }

 private:
  void ReadOne(const Json& embed, const std::string& path) {
    Measure(embed, "title", path, kMaxTitle);
    Measure(embed, "description", path, kMaxDescription);
    if (const Json* footer = FindObject(embed, "footer"))
      Measure(*footer, "text", path + "/footer", kMaxFooter);
    if (const Json* author = FindObject(embed, "author"))
      Measure(*author, "name", path + "/author", kMaxAuthor);
    const Json* fields = FindArray(embed, "fields");
    if (fields == nullptr) return;
    if (fields->size() > kMaxFields) return errors_.AddMaxLength(path + "/fields", kMaxFields);
    for (std::size_t i = 0; i < fields->size(); ++i) {
      const std::string field = path + "/fields/" + std::to_string(i);
      MeasureRequired((*fields)[i], "name", field, kMaxFieldName);
      MeasureRequired((*fields)[i], "value", field, kMaxFieldValue);
    }
  }

  void Measure(const Json& object, const char* name, const std::string& path, int limit) {
    const std::string* text = FindString(object, name);
    if (text == nullptr) return;
    const std::size_t size = CountCodePoints(*text);
    total_ += size;
    if (size > static_cast<std::size_t>(limit)) errors_.AddMaxLength(path + "/" + name, limit);
  }

  void MeasureRequired(const Json& object, const char* name, const std::string& path, int limit) {
    const std::string* text = FindString(object, name);
    if (text == nullptr || text->empty()) {
      return errors_.Add(path + "/" + name, "BASE_TYPE_REQUIRED", "This field is required");
    }
    Measure(object, name, path, limit);
  }

  FormErrors& errors_;
  std::size_t total_ = 0;
};

}  // namespace

Json ReadEmbeds(const Json& embeds, FormErrors& errors) {
  if (!embeds.is_array()) {
    errors.Add("embeds", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
    return Json::array();
  }
  if (embeds.size() > kMaxEmbeds) {
    errors.AddMaxLength("embeds", kMaxEmbeds);
    return Json::array();
  }
  return EmbedReader(errors).Read(embeds);
}

}  // namespace mcpgate::sandbox
