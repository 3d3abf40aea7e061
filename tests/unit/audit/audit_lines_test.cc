// The trail as a file of lines.
#include "mcpgate/audit_lines.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "contract/audit_sink_contract.h"
#include "mcpgate/audit_fan_out.h"
#include "mcpgate/json.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace mcpgate::testing {
namespace {

using State = AuditVerdict::State;

struct LinesDirectory {
  const TempDir dir{TempDir::InMemory()};
  const std::string path = dir / "audit.jsonl";
  const Secret key{std::string(32, 'k')};
  FakeClock clock;

  AuditLinesOptions Options() const { return {.path = path, .chain_key = key, .clock = &clock}; }
  std::unique_ptr<AuditSink> Open() const { return Open(Options()); }
  static std::unique_ptr<AuditSink> Open(AuditLinesOptions options) {
    auto sink = NewAuditLines(std::move(options));
    REQUIRE_MESSAGE(sink.ok(), sink.status().ToString());
    return *std::move(sink);
  }
  void Write(AuditSink& sink, int records) const {
    for (int i = 0; i < records; ++i)
      REQUIRE(sink.Append(SampleAudit(std::to_string(i)), AuditDurability::kQueued).ok());
    REQUIRE(sink.Flush().ok());
  }
  std::string Bytes() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void SetBytes(const std::string& bytes) const { std::ofstream(path, std::ios::binary) << bytes; }
  AuditVerdict Verify() const { return VerifyAuditLines({path}, key); }
};

std::vector<std::string> Bodies(const std::string& path) {
  std::vector<std::string> bodies;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto json = ParseJson(line);
    REQUIRE(json.ok());
    if (const Json* body = FindObject(*json, "body")) bodies.push_back(DumpJson(*body));
  }
  return bodies;
}

TEST_CASE("lines behind a fan-out keep what every sink promises") {
  AuditSinkContract([] {
    const auto lines = std::make_shared<LinesDirectory>();
    auto sink = FanOutSink::New({.members = {{.name = "lines", .sink = lines->Open()}}});
    REQUIRE(sink.ok());
    return AuditSinkUnderTest{.sink = *std::move(sink), .stored = [lines] { return Bodies(lines->path); }};
  });
}

TEST_CASE("every policy writes the same lines, and they verify") {
  for (const LineSync sync : {LineSync::kNone, LineSync::kInterval, LineSync::kGroup, LineSync::kEach}) {
    const LinesDirectory lines;
    AuditLinesOptions options = lines.Options();
    options.sync = sync;
    lines.Write(*LinesDirectory::Open(options), 10);
    lines.Write(*LinesDirectory::Open(options), 5);
    const AuditVerdict verdict = lines.Verify();
    CHECK_MESSAGE(verdict.state == State::kIntact, verdict.detail);
    CHECK(verdict.records == 15);
    CHECK((std::filesystem::status(lines.path).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
}

TEST_CASE_FIXTURE(LinesDirectory, "a changed bit, a lost, moved or doubled line is located") {
  Write(*Open(), 6);
  const std::string whole = Bytes();
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < whole.size(); at += lines.back().size())
    lines.push_back(whole.substr(at, whole.find('\n', at) - at + 1));
  REQUIRE(lines.size() == 7);
  const auto put = [&](const std::vector<std::string>& changed) {
    std::string bytes;
    for (const std::string& line : changed) bytes += line;
    SetBytes(bytes);
    return Verify();
  };
  int wrong = 0;
  for (std::size_t line = 1; line + 2 < lines.size(); ++line) {
    for (std::size_t at = 0; at < lines[line].size(); ++at) {
      std::vector<std::string> changed = lines;
      changed[line][at] = static_cast<char>(changed[line][at] ^ 4);
      const AuditVerdict verdict = put(changed);
      wrong += verdict.state == State::kTampered && verdict.first_bad == line ? 0 : 1;
    }
    std::vector<std::string> lost = lines, moved = lines, doubled = lines;
    lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(line));
    std::swap(moved[line], moved[line + 1]);
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(line), lines[line]);
    wrong += put(lost).first_bad == line ? 0 : 1;
    wrong += put(moved).first_bad == line ? 0 : 1;
    wrong += put(doubled).first_bad == line + 1 ? 0 : 1;
  }
  CHECK(wrong == 0);
  SetBytes(lines[1]);
  CHECK(Verify().state == State::kTampered);  // the header is gone
  SetBytes(whole);
  CHECK(VerifyAuditLines({path}, Secret(std::string(32, 'x'))).state == State::kTampered);
}

TEST_CASE_FIXTURE(LinesDirectory, "half a line at the end is removed at the start, and the file says so") {
  Write(*Open(), 3);
  const std::string whole = Bytes();
  for (std::size_t cut = 1; cut < 40; cut += 3) {
    SetBytes(whole.substr(0, whole.size() - cut));
    CHECK(Verify().state == State::kTruncated);
    Open();
    CHECK(Verify().state == State::kIntact);
    CHECK(Verify().records == 3);  // two and the repair
    CHECK(Bodies(path).back().find("audit.repair") != std::string::npos);
  }
  SetBytes(whole + std::string(5000, '\0'));  // a hole that was never filled
  Open();
  CHECK(Verify().records == 4);
}

TEST_CASE_FIXTURE(LinesDirectory, "a file damaged in its middle, or of somebody else, is not written on") {
  Write(*Open(), 5);
  std::string bytes = Bytes();
  const std::size_t third = bytes.find("\"seq\":3");
  bytes[third - 30] = static_cast<char>(bytes[third - 30] ^ 1);
  SetBytes(bytes);
  CHECK(absl::IsDataLoss(NewAuditLines(Options()).status()));
  SetBytes("{\"a log\":\"of somebody else\"}\n");
  CHECK(absl::IsDataLoss(NewAuditLines(Options()).status()));
  CHECK(Bytes() == "{\"a log\":\"of somebody else\"}\n");
}

TEST_CASE_FIXTURE(LinesDirectory, "a large file is put aside and the next one goes on with the chain") {
  AuditLinesOptions options = Options();
  options.rotate_bytes = 2000;
  {
    const auto sink = Open(options);
    for (int i = 0; i < 5; ++i) Write(*sink, 4);
  }
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
    paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  REQUIRE(paths.size() >= 3);
  std::rotate(paths.begin(), paths.begin() + 1, paths.end());  // the one without a number is the newest
  const AuditVerdict verdict = VerifyAuditLines(paths, key);
  CHECK_MESSAGE(verdict.state == State::kIntact, verdict.detail);
  CHECK(verdict.records == 20);
  paths.erase(paths.begin() + 1);
  CHECK(VerifyAuditLines(paths, key).state == State::kTampered);
}

TEST_CASE_FIXTURE(LinesDirectory, "a file that was moved away is followed by a new one") {
  const auto sink = Open();
  Write(*sink, 3);
  std::filesystem::rename(path, path + ".1");
  Write(*sink, 2);  // the first flush afterwards begins the new file; nothing is lost
  Write(*sink, 2);
  CHECK(VerifyAuditLines({path + ".1", path}, key).state == State::kIntact);
  CHECK(VerifyAuditLines({path + ".1", path}, key).records == 7);
}

TEST_CASE_FIXTURE(LinesDirectory, "two processes cannot write one file") {
  const auto sink = Open();
  const absl::Status second = NewAuditLines(Options()).status();
  CHECK(absl::IsFailedPrecondition(second));
  CHECK(second.message().find("its own") != absl::string_view::npos);
}

TEST_CASE_FIXTURE(LinesDirectory,
                  "on a full disk nothing is torn, and what was accepted is written when there is room") {
  const auto sink = Open();
  Write(*sink, 3);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit full{.rlim_cur = Bytes().size() + 100, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full);
  CHECK(sink->Append(SampleAudit("waits"), AuditDurability::kQueued).ok());
  CHECK(absl::IsUnavailable(sink->Flush()));
  CHECK(Verify().state == State::kIntact);
  CHECK(Verify().records == 3);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  CHECK(sink->Flush().ok());
  CHECK(Verify().records == 4);
}

TEST_CASE_FIXTURE(LinesDirectory, "a process killed at any moment leaves what it was told is durable") {
  std::mt19937_64 random(20261123);
  std::uint64_t told = 0;
  int wrong = 0;
  for (int round = 0; round < 20; ++round) {
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      AuditLinesOptions options = Options();
      options.rotate_bytes = 20'000;
      const auto sink = Open(options);
      for (int i = 0;; ++i) {
        if (!sink->Append(SampleAudit("x"), AuditDurability::kBefore).ok()) _exit(1);
        if (write(pipe_ends[1], "x", 1) != 1) _exit(2);
      }
    }
    close(pipe_ends[1]);
    usleep(static_cast<useconds_t>(random() % 20'000));
    kill(child, SIGKILL);
    REQUIRE(waitpid(child, nullptr, 0) == child);
    char buffer[4096];
    for (ssize_t count = 0; (count = read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
      told += static_cast<std::uint64_t>(count);
    close(pipe_ends[0]);
    {
      const auto sink = NewAuditLines(Options());
      wrong += sink.ok() ? 0 : 1;
    }
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
      paths.push_back(entry.path().string());
    std::sort(paths.begin(), paths.end());
    std::rotate(paths.begin(), paths.begin() + 1, paths.end());
    const AuditVerdict verdict = VerifyAuditLines(paths, key);
    wrong += verdict.state == State::kIntact && verdict.records >= told ? 0 : 1;
    INFO(verdict.detail);
  }
  CHECK(wrong == 0);
  CHECK(told > 0);
}

}  // namespace
}  // namespace mcpgate::testing
