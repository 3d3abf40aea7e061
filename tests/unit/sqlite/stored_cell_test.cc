// Cells as they lie in the store: read back strictly, converted without forgetting.
#include "storage/sqlite/stored_cell.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace mcpgate::sqlite {
namespace {

using std::chrono::minutes;

constexpr std::int64_t kStart = 1'767'225'600'000'000'000;

std::string Bytes(const std::vector<std::int64_t>& numbers) {
  std::string bytes;
  for (const std::int64_t number : numbers)
    for (int shift = 0; shift < 64; shift += 8)
      bytes += static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 0xff);
  return bytes;
}

TEST_CASE("what is not a cell is not read as one") {
  const std::vector<std::pair<std::string, std::string>> wrong = {{"marks", "1234567"},
                                                                  {"marks", Bytes({2, 1})},
                                                                  {"grants", Bytes({1})},
                                                                  {"grants", Bytes({1, 0})},
                                                                  {"grants", Bytes({1, -5})},
                                                                  {"grants", Bytes({5, 1, 5, 1})},
                                                                  {"grants", Bytes({5, 1, 4, 1})},
                                                                  {"segments", Bytes({5, 1, 4, 1})},
                                                                  {"segments", Bytes({5})},
                                                                  {"", ""},
                                                                  {"else", ""}};
  for (const auto& [form, bytes] : wrong) CHECK_FALSE(StoredCell::Decode(form, bytes).has_value());
}

TEST_CASE("a cell is written as it was read") {
  const std::vector<std::pair<std::string, std::vector<std::int64_t>>> cells = {
      {"marks", {}},
      {"marks", {kStart, kStart, kStart + 1}},
      {"rate", {kStart, 7}},
      {"grants", {1, 6, 2, 90}},
      {"segments", {1, 6, 2, 90}}};
  for (const auto& [form, numbers] : cells) {
    const auto cell = StoredCell::Decode(form, Bytes(numbers));
    REQUIRE(cell.has_value());
    CHECK(cell->form() == form);
    CHECK(cell->Encode() == Bytes(numbers));
  }
}

TEST_CASE("grants never fill more than seventy entries, and never admit more than a log of them would") {
  const LimitPolicy policy{.name = "p", .limit = 1000, .window = minutes(1)};
  const std::int64_t window = policy.window.count() + kLeaseLife.count();
  std::mt19937_64 random(7);
  StoredCell cell;
  std::vector<std::pair<std::int64_t, std::int64_t>> log;  // exact
  std::int64_t now = kStart;
  std::size_t longest = 0;
  int over = 0, wrong_wait = 0;
  for (int i = 0; i < 20'000; ++i) {
    now += static_cast<std::int64_t>(random() % 300'000'000);
    const auto units = static_cast<std::int64_t>(1 + random() % 60);
    cell.Adapt(policy, now);
    const LimitVerdict verdict = cell.Judge(policy, now, units);
    if (verdict.allowed) {
      cell.Charge(policy, now, units);
      log.emplace_back(now, units);
    } else {
      const std::int64_t later = now + verdict.retry_after.count();
      wrong_wait += cell.Judge(policy, later, units).allowed ? 0 : 1;
      wrong_wait += cell.Judge(policy, later - 1, units).allowed ? 1 : 0;
    }
    std::erase_if(log, [&](const auto& entry) { return entry.first <= now - window; });
    std::int64_t used = 0;
    for (const auto& [at, spent] : log) used += spent;
    over += used > policy.limit ? 1 : 0;
    longest = std::max(longest, cell.Encode().size() / 16);
  }
  CHECK(over == 0);
  CHECK(wrong_wait == 0);
  CHECK(longest <= 70);
}

TEST_CASE("a conversion never leaves more room than there was") {
  const LimitPolicy marks{.name = "p", .limit = 20, .window = minutes(10)};
  const LimitPolicy grants{.name = "p", .limit = 200, .window = minutes(10)};
  const LimitPolicy rate{.name = "p", .algorithm = LimitAlgorithm::kGcra, .limit = 20, .window = minutes(10)};
  const LimitPolicy idle{
      .name = "p", .algorithm = LimitAlgorithm::kIdleReset, .limit = 20, .window = minutes(10)};
  const LimitPolicy cells{
      .name = "p", .algorithm = LimitAlgorithm::kSegmented, .limit = 20, .window = minutes(10)};
  const std::vector<const LimitPolicy*> all = {&marks, &grants, &rate, &idle, &cells};
  for (const LimitPolicy* from : all) {
    for (const LimitPolicy* to : all) {
      StoredCell cell;
      cell.Adapt(*from, kStart);
      cell.Charge(*from, kStart, 15);
      const std::int64_t used = from->limit - cell.Standing(*from, kStart).remaining;
      cell.Adapt(*to, kStart);
      CHECK(to->limit - cell.Standing(*to, kStart).remaining >= used);
    }
  }
}

TEST_CASE("leases begin above 64 units and never for idle_reset") {
  const auto policy = [](LimitAlgorithm algorithm, std::int64_t limit, std::int64_t burst = 0) {
    return LimitPolicy{
        .name = "p", .algorithm = algorithm, .limit = limit, .window = minutes(1), .burst = burst};
  };
  CHECK_FALSE(IsLeased(policy(LimitAlgorithm::kExact, 64)));
  CHECK(IsLeased(policy(LimitAlgorithm::kExact, 65)));
  CHECK_FALSE(IsLeased(policy(LimitAlgorithm::kSegmented, 64)));
  CHECK(IsLeased(policy(LimitAlgorithm::kSegmented, 65)));
  CHECK_FALSE(IsLeased(policy(LimitAlgorithm::kIdleReset, 64)));
  CHECK_FALSE(IsLeased(policy(LimitAlgorithm::kGcra, 64)));
  CHECK(IsLeased(policy(LimitAlgorithm::kGcra, 600, 11)));
  CHECK_FALSE(IsLeased(policy(LimitAlgorithm::kGcra, 600, 10)));  // nothing would be left of the burst
  CHECK(LeaseSize(policy(LimitAlgorithm::kExact, 160)) == 10);
  CHECK(LeaseSize(policy(LimitAlgorithm::kGcra, 600, 12)) == 2);
}

}  // namespace
}  // namespace mcpgate::sqlite
