#include "tool/uri_template.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/percent.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxTemplate = 1024;
constexpr std::size_t kMaxUri = 2048;
constexpr std::size_t kMaxVariables = 16;

constexpr char kUnreserved[] = R"((?:[A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2}))";
constexpr char kReserved[] = R"((?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2}))";

// RFC 6570, appendix A: what each operator puts before and between its variables.
struct Operator {
  char sign;
  std::string_view first, separator;
  bool named, reserved;
};
constexpr Operator kOperators[] = {
    {'+', "", ",", false, true},   {'#', "#", ",", false, true}, {'.', ".", ".", false, false},
    {'/', "/", "/", false, false}, {';', ";", ";", true, false}, {'?', "?", "&", true, false},
    {'&', "&", "&", true, false},
};
constexpr Operator kSimple = {'\0', "", ",", false, false};

const Operator* FindOperator(char sign) {
  for (const Operator& each : kOperators) {
    if (each.sign == sign) return &each;
  }
  return nullptr;
}

bool IsVariableName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  });
}

class Translator {
 public:
  explicit Translator(std::string_view text) : text_(text) {}

  absl::Status Run() {
    if (text_.size() > kMaxTemplate) return Wrong("is longer than 1024 bytes");
    while (at_ < text_.size()) {
      const std::size_t open = std::min(text_.find('{', at_), text_.size());
      const std::string_view literal = text_.substr(at_, open - at_);
      if (literal.find('}') != literal.npos) return Wrong("has a } without a {");
      regex += RE2::QuoteMeta({literal.data(), literal.size()});
      at_ = open;
      if (open == text_.size()) break;
      const std::size_t close = text_.find('}', open);
      if (close == text_.npos) return Wrong("has a { without a }");
      if (absl::Status bad = Expression(text_.substr(open + 1, close - open - 1)); !bad.ok()) return bad;
      at_ = close + 1;
    }
    return absl::OkStatus();
  }

  std::string regex;
  std::vector<std::string> names;
  std::vector<int> queries;  // of each variable: the number of its {?...}, or 0

 private:
  absl::Status Expression(std::string_view body) {
    ++expressions_;
    const Operator* op = body.empty() ? nullptr : FindOperator(body.front());
    if (op != nullptr) body.remove_prefix(1);
    const Operator& rule = op == nullptr ? kSimple : *op;
    bool first = true;
    while (true) {
      const std::size_t comma = std::min(body.find(','), body.size());
      if (absl::Status bad = Variable(rule, body.substr(0, comma), first); !bad.ok()) return bad;
      if (comma == body.size()) return absl::OkStatus();
      body.remove_prefix(comma + 1);
      first = false;
    }
  }

  absl::Status Variable(const Operator& rule, std::string_view name, bool first) {
    if (!IsVariableName(name)) {
      return Wrong(
          fmt::format("\"{}\" is no variable name (modifiers such as :3 and * are not supported)", name));
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return Wrong(fmt::format("uses \"{}\" twice", name));
    }
    if (names.size() == kMaxVariables) return Wrong("has more than 16 variables");
    names.emplace_back(name);
    const bool in_query = rule.sign == '?';
    queries.push_back(in_query ? expressions_ : 0);
    const std::string_view lead = first ? rule.first : rule.separator;
    // The first variable that is defined has the "?", whichever it is; Match looks at that.
    const std::string quoted = in_query && !first ? "[?&]" : RE2::QuoteMeta({lead.data(), lead.size()});
    const char* set = rule.reserved ? kReserved : kUnreserved;
    if (rule.named) {  // a variable that is not defined is left out with its name
      regex += fmt::format("(?:{}{}=({}*))?", quoted, RE2::QuoteMeta({name.data(), name.size()}), set);
    } else {
      regex += fmt::format("{}({}+)", quoted, set);
    }
    return absl::OkStatus();
  }

  absl::Status Wrong(std::string_view what) const {
    return absl::InvalidArgumentError(fmt::format("the URI template {} (at byte {})", what, at_));
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  int expressions_ = 0;
};

}  // namespace

UriTemplate::UriTemplate(std::vector<std::string> names, std::vector<int> queries,
                         std::unique_ptr<re2::RE2> pattern)
    : names_(std::move(names)), queries_(std::move(queries)), pattern_(std::move(pattern)) {}
UriTemplate::~UriTemplate() = default;

absl::StatusOr<std::shared_ptr<const UriTemplate>> UriTemplate::Compile(std::string_view text) {
  Translator translator(text);
  if (absl::Status bad = translator.Run(); !bad.ok()) return bad;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  auto pattern = std::make_unique<RE2>(translator.regex, options);
  if (!pattern->ok()) return absl::InvalidArgumentError("the URI template is too complex");
  return std::shared_ptr<const UriTemplate>(
      new UriTemplate(std::move(translator.names), std::move(translator.queries), std::move(pattern)));
}

std::optional<UriTemplate::Variables> UriTemplate::Match(std::string_view uri) const {
  if (uri.size() > kMaxUri) return std::nullopt;
  std::vector<re2::StringPiece> groups(names_.size() + 1);
  const re2::StringPiece text(uri.data(), uri.size());
  if (!pattern_->Match(text, 0, uri.size(), RE2::ANCHOR_BOTH, groups.data(),
                       static_cast<int>(groups.size()))) {
    return std::nullopt;
  }
  Variables variables;
  int open_query = 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const re2::StringPiece& group = groups[i + 1];
    if (group.data() == nullptr) continue;
    if (queries_[i] != 0) {
      const bool opens = *(group.data() - names_[i].size() - 2) == '?';  // before "name="
      if (opens == (open_query == queries_[i])) return std::nullopt;
      open_query = queries_[i];
    }
    std::optional<std::string> value = PercentDecoded({group.data(), group.size()});
    if (!value) return std::nullopt;
    variables.emplace(names_[i], *std::move(value));
  }
  return variables;
}

absl::Status CheckUri(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  const auto in_scheme = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
  };
  const bool has_scheme =
      colon != uri.npos && colon > 0 && absl::ascii_isalpha(static_cast<unsigned char>(uri[0])) &&
      std::all_of(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(colon), in_scheme);
  const bool clean =
      std::none_of(uri.begin(), uri.end(), [](char c) { return c >= 0 && (c <= ' ' || c == 0x7f); });
  if (has_scheme && clean && uri.size() <= kMaxUri) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is no absolute URI of at most {} bytes", uri.substr(0, 200), kMaxUri));
}

}  // namespace mcpgate
