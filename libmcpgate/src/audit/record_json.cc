// Members in order of name, without spaces: the text equals DumpJson of its own parse.
#include <fmt/format.h>

#include <array>
#include <map>
#include <string>
#include <utility>

#include "base/json_text.h"
#include "mcpgate/audit.h"

namespace mcpgate {
namespace {

// No caller may swell the trail: ids and reasons come from strangers.
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxName = kMaxText + 8;  // room for the mark of a cut
constexpr std::size_t kMaxFields = 64;

using Fields = std::vector<std::pair<std::string, std::string>>;

class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  ~ObjectText() { out_ += '}'; }
  ObjectText(const ObjectText&) = delete;
  ObjectText& operator=(const ObjectText&) = delete;

  /// `name` is one of ours: it needs no escapes.
  void Name(std::string_view name) {
    Separate();
    out_.append(1, '"').append(name).append("\":");
  }
  void NameOfStranger(std::string_view name) {
    Separate();
    AppendJsonString(out_, name, kMaxName);
    out_ += ':';
  }
  void Text(std::string_view name, std::string_view value) {
    Name(name);
    AppendJsonString(out_, value, kMaxText);
  }
  void TextIfAny(std::string_view name, std::string_view value) {
    if (!value.empty()) Text(name, value);
  }
  void NumberIfAny(std::string_view name, std::int64_t value) {
    if (value == 0) return;
    Name(name);
    const fmt::format_int text(value);
    out_.append(text.data(), text.size());
  }

 private:
  void Separate() {
    if (!std::exchange(first_, false)) out_ += ',';
  }

  std::string& out_;
  bool first_ = true;
};

// Members of one object have distinct names, so of several values for a name the last counts.
void AppendFields(std::string& out, const Fields& fields) {
  std::map<std::string, std::string_view> by_name;
  for (const auto& [name, value] : fields) {
    std::string clean = CleanText(name, kMaxText);
    if (by_name.size() < kMaxFields || by_name.contains(clean)) by_name[std::move(clean)] = value;
  }
  ObjectText object(out);
  for (const auto& [name, value] : by_name) {
    object.NameOfStranger(name);
    AppendJsonString(out, value, kMaxText);
  }
}

void AppendDigits(std::string& out, std::uint64_t number, std::size_t width, char after) {
  std::array<char, 20> digits;
  for (std::size_t at = width; at > 0; number /= 10) digits[--at] = static_cast<char>('0' + number % 10);
  out.append(digits.data(), width).append(1, after);
}

}  // namespace

// Written digit by digit: it is part of every record, and a formatter takes longer for it than for all the
// rest.
std::string AuditTimeText(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Nanos> clock(time - day);
  const auto number = [](auto count) { return static_cast<std::uint64_t>(count); };
  std::string text;
  text.reserve(std::string_view("2026-07-28T00:00:00.000000000Z").size());
  AppendDigits(text, number(static_cast<int>(date.year())), 4, '-');
  AppendDigits(text, static_cast<unsigned>(date.month()), 2, '-');
  AppendDigits(text, static_cast<unsigned>(date.day()), 2, 'T');
  AppendDigits(text, number(clock.hours().count()), 2, ':');
  AppendDigits(text, number(clock.minutes().count()), 2, ':');
  AppendDigits(text, number(clock.seconds().count()), 2, '.');
  AppendDigits(text, number(clock.subseconds().count()), 9, 'Z');
  return text;
}

void AppendAuditJson(std::string& out, const AuditRecord& record) {
  ObjectText object(out);
  object.Text("action", record.action);
  object.NumberIfAny("args_bytes", static_cast<std::int64_t>(record.args_bytes));
  object.TextIfAny("args_digest", record.args_digest);
  object.TextIfAny("call", record.call);
  object.Text("class", AuditClassName(record.klass));
  object.NumberIfAny("duration_ns", record.duration.count());
  if (!record.fields.empty()) {
    object.Name("fields");
    AppendFields(out, record.fields);
  }
  object.TextIfAny("key", record.key);
  object.Text("outcome", AuditOutcomeName(record.outcome));
  object.Text("phase", AuditPhaseName(record.phase));
  object.TextIfAny("reason", record.reason);
  object.TextIfAny("request", record.request);
  object.TextIfAny("source", record.source);
  object.TextIfAny("tenant", record.tenant);
  object.Text("time", AuditTimeText(record.time));
}

}  // namespace mcpgate
