#include "protocol/envelope.h"

#include <array>
#include <optional>
#include <utility>

#include "base/json_events.h"

namespace mcpgate {
namespace {

// What nobody will read.
class Skipper final : public JsonEvents {
 public:
  bool Null() override { return true; }
  bool Boolean(bool) override { return true; }
  bool Integer(std::int64_t) override { return true; }
  bool Unsigned(std::uint64_t) override { return true; }
  bool Double(double) override { return true; }
  bool String(std::string_view) override { return true; }
  bool Key(std::string_view) override { return true; }
  bool StartObject() override { return true; }
  bool EndObject() override { return true; }
  bool StartArray() override { return true; }
  bool EndArray() override { return true; }
  const std::string& problem() const override { return none_; }

 private:
  const std::string none_;
};

// A member of the message or of `_meta`, as it was sent.
using Member = std::optional<Json>;

struct Parts {
  Member version, id, method, result, error;  // of the message
  bool has_params = false, params_fit = true;
  Json params;  // without _meta
  RequestMeta meta;
};

/// EnvelopeReader
///
/// Three objects are read member by member: the message, its params and their _meta. Any other value is
/// either kept whole or passed over.
class EnvelopeReader final : public JsonEvents {
 public:
  bool Null() override {
    return Scalar([](JsonEvents& to) { return to.Null(); });
  }
  bool Boolean(bool value) override {
    return Scalar([value](JsonEvents& to) { return to.Boolean(value); });
  }
  bool Integer(std::int64_t value) override {
    return Scalar([value](JsonEvents& to) { return to.Integer(value); });
  }
  bool Unsigned(std::uint64_t value) override {
    return Scalar([value](JsonEvents& to) { return to.Unsigned(value); });
  }
  bool Double(double value) override {
    return Scalar([value](JsonEvents& to) { return to.Double(value); });
  }
  bool String(std::string_view value) override {
    return Scalar([value](JsonEvents& to) { return to.String(value); });
  }
  bool Key(std::string_view name) override;
  bool StartObject() override;
  bool EndObject() override;
  bool StartArray() override;
  bool EndArray() override {
    return EndOf([](JsonEvents& to) { return to.EndArray(); });
  }
  const std::string& problem() const override { return problem_.empty() ? InnerProblem() : problem_; }

  Parts& parts() { return parts_; }
  /// The text is one object.
  bool is_object() const { return is_object_; }

 private:
  enum class Object { kNone, kMessage, kParams, kMeta };

  template <typename Event>
  bool Scalar(Event event) {
    if (depth_ == 0) {
      opens_ = Object::kNone;  // a scalar where an object belongs is found missing later
      if (in_ == Object::kNone) return true;
    }
    return event(*to_);
  }
  template <typename Event>
  bool EndOf(Event event) {
    --depth_;
    return event(*to_);
  }
  // A container that is handed on whole.
  template <typename Event>
  bool Hand(Event event) {
    ++depth_;
    return event(*to_);
  }

  bool MessageMember(std::string_view name);
  bool ParamsMember(std::string_view name);
  bool MetaMember(std::string_view name);
  bool Keep(Member& member, std::string_view name);
  bool Twice(std::string_view name);
  void Skip() { to_ = &skipper_; }
  const std::string& InnerProblem() const {
    return kept_.problem().empty() ? params_.problem() : kept_.problem();
  }

  Parts parts_;
  bool is_object_ = false;
  Object in_ = Object::kNone;     // whose members are being read
  Object opens_ = Object::kNone;  // what the next value is, if it is an object
  std::size_t depth_ = 0;         // of the value that is being handed on
  Skipper skipper_;
  Json nowhere_;
  JsonBuilder kept_{nowhere_};
  JsonBuilder params_{parts_.params};
  JsonEvents* to_ = &skipper_;
  std::string problem_;
};

bool EnvelopeReader::Twice(std::string_view name) {
  problem_ = "the member \"" + std::string(name.substr(0, 100)) + "\" appears twice in one object";
  return false;
}

bool EnvelopeReader::Keep(Member& member, std::string_view name) {
  if (member) return Twice(name);
  kept_.Into(member.emplace());
  to_ = &kept_;
  return true;
}

bool EnvelopeReader::Key(std::string_view name) {
  if (depth_ > 0) return to_->Key(name);
  switch (in_) {
    case Object::kMessage:
      return MessageMember(name);
    case Object::kParams:
      return ParamsMember(name);
    case Object::kMeta:
      return MetaMember(name);
    case Object::kNone:
      break;
  }
  return true;
}

bool EnvelopeReader::MessageMember(std::string_view name) {
  if (name == "params") {
    if (std::exchange(parts_.has_params, true)) return Twice(name);
    parts_.params_fit = false;
    opens_ = Object::kParams;
    Skip();
    return true;
  }
  if (name == "jsonrpc") return Keep(parts_.version, name);
  if (name == "id") return Keep(parts_.id, name);
  if (name == "method") return Keep(parts_.method, name);
  if (name == "result") return Keep(parts_.result, name);
  if (name == "error") return Keep(parts_.error, name);
  Skip();
  return true;
}

bool EnvelopeReader::ParamsMember(std::string_view name) {
  if (name == "_meta") {
    if (parts_.meta.shape != RequestMeta::Shape::kAbsent) return Twice(name);
    parts_.meta.shape = RequestMeta::Shape::kWrong;
    opens_ = Object::kMeta;
    Skip();
    return true;
  }
  to_ = &params_;
  return params_.Key(name);
}

bool EnvelopeReader::MetaMember(std::string_view name) {
  if (name == kVersionKey) return Keep(parts_.meta.version, name);
  if (name == kCapabilitiesKey) return Keep(parts_.meta.capabilities, name);
  if (name == kLogLevelKey) return Keep(parts_.meta.log_level, name);
  if (name == "progressToken") return Keep(parts_.meta.progress_token, name);
  if (name == "traceparent") return Keep(parts_.meta.trace_parent, name);
  Skip();
  return true;
}

bool EnvelopeReader::StartObject() {
  if (depth_ > 0) return Hand([](JsonEvents& to) { return to.StartObject(); });
  if (in_ == Object::kNone) {
    is_object_ = true;
    in_ = Object::kMessage;
    return true;
  }
  switch (std::exchange(opens_, Object::kNone)) {
    case Object::kParams:
      parts_.params_fit = true;
      in_ = Object::kParams;
      return params_.StartObject();
    case Object::kMeta:
      parts_.meta.shape = RequestMeta::Shape::kObject;
      in_ = Object::kMeta;
      return true;
    default:
      return Hand([](JsonEvents& to) { return to.StartObject(); });
  }
}

bool EnvelopeReader::EndObject() {
  if (depth_ > 0) return EndOf([](JsonEvents& to) { return to.EndObject(); });
  switch (in_) {
    case Object::kMeta:
      in_ = Object::kParams;
      return true;
    case Object::kParams:
      in_ = Object::kMessage;
      return params_.EndObject();
    default:
      in_ = Object::kNone;
      return true;
  }
}

bool EnvelopeReader::StartArray() {
  opens_ = Object::kNone;
  return Hand([](JsonEvents& to) { return to.StartArray(); });
}

Rejection BadEnvelope(const char* why, Parts& parts) {
  Rejection rejection(ErrorCode::kInvalidRequest, why);
  if (parts.id && IsValidId(*parts.id)) rejection.id = *std::move(parts.id);
  return rejection;
}

std::variant<Message, Rejection> ToResponse(Parts& parts) {
  Message message;
  message.kind = Message::Kind::kResponse;
  message.id = *std::move(parts.id);
  if (parts.result) {
    message.result = *std::move(parts.result);
  } else {
    message.error = *std::move(parts.error);
  }
  return message;
}

std::variant<Message, Rejection> ToMessage(Parts& parts) {
  const std::string* version = parts.version ? parts.version->get_ptr<const std::string*>() : nullptr;
  if (version == nullptr || *version != "2.0") return BadEnvelope("\"jsonrpc\" must be \"2.0\"", parts);
  if (parts.id && !IsValidId(*parts.id)) return BadEnvelope("\"id\" must be a string or an integer", parts);
  if (!parts.method) {
    if (!parts.id || (!parts.result && !parts.error)) return BadEnvelope("\"method\" is missing", parts);
    return ToResponse(parts);
  }
  std::string* method = parts.method->get_ptr<std::string*>();
  if (method == nullptr) return BadEnvelope("\"method\" must be a string", parts);
  if (!parts.params_fit) return BadEnvelope("\"params\" must be an object when present", parts);
  Message message;
  message.kind = parts.id ? Message::Kind::kRequest : Message::Kind::kNotification;
  if (parts.id) message.id = *std::move(parts.id);
  message.method = std::move(*method);
  message.params = parts.has_params ? std::move(parts.params) : Json::object();
  message.meta = std::move(parts.meta);
  message.has_params = parts.has_params;
  return message;
}

}  // namespace

bool IsBatch(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '[';
}

std::variant<Message, Rejection> ReadMessage(std::string_view text) {
  EnvelopeReader reader;
  if (const absl::Status read = ReadJson(text, reader); !read.ok()) {
    return Rejection(ErrorCode::kParseError, std::string(read.message()));
  }
  if (!reader.is_object()) return BadEnvelope("a message must be a JSON object", reader.parts());
  return ToMessage(reader.parts());
}

}  // namespace mcpgate
