// Against sockets that take what comes, and against rsyslog where it is installed.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <thread>

#include "contract/audit_sink_contract.h"
#include "mcpgate/audit_fan_out.h"
#include "mcpgate/audit_syslog.h"
#include "mcpgate/json.h"
#include "support/temp_dir.h"

extern char** environ;

namespace mcpgate::testing {
namespace {

/// A socket on a free port of this machine, or at a path.
class Listener {
 public:
  explicit Listener(int type) : fd_(socket(AF_INET, type, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    if (type == SOCK_STREAM) REQUIRE(listen(fd_, 8) == 0);
    socklen_t size = sizeof address;
    REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  Listener(int type, const std::string& path) : fd_(socket(AF_UNIX, type, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    if (type == SOCK_STREAM) REQUIRE(listen(fd_, 8) == 0);
  }
  ~Listener() { Close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  int Accept() const { return accept(fd_, nullptr, nullptr); }
  std::string Datagram() const { return Read(fd_); }
  static std::string Read(int fd) {
    std::array<char, 65536> buffer;
    const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  }
  std::string port() const { return std::to_string(port_); }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

std::unique_ptr<AuditSink> SinkTo(const std::string& address) {
  auto sink = NewSyslogSink({.address = address, .deadline = std::chrono::seconds(10)});
  REQUIRE(sink.ok());
  return *std::move(sink);
}

AuditRecord Refused(const std::string& call) {
  AuditRecord record = SampleAudit(call);
  record.outcome = AuditOutcome::kDeny;
  return record;
}

/// RFC 5424, 6: PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG.
const std::regex kMessage(
    R"(<(\d{1,3})>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z [!-~]{1,255} mcpgate \d{1,128} audit - ([^]*))");

void CheckMessage(const std::string& message, const std::string& priority, const AuditRecord& record) {
  std::smatch parts;
  CAPTURE(message);
  REQUIRE(std::regex_match(message, parts, kMessage));
  CHECK(parts[1] == priority);
  CHECK(parts[2] == AuditText(record));
}

TEST_CASE("a datagram is one message of RFC 5424, over UDP and over a Unix socket") {
  const TempDir dir;
  const Listener udp(SOCK_DGRAM), local(SOCK_DGRAM, dir / "log");
  const auto to_udp = SinkTo("udp:127.0.0.1:" + udp.port()), to_local = SinkTo("unix:" + (dir / "log"));
  REQUIRE(to_udp->Append(SampleAudit("1"), AuditDurability::kBefore).ok());
  CheckMessage(udp.Datagram(), "110", SampleAudit("1"));
  REQUIRE(to_local->Append(Refused("2"), AuditDurability::kBefore).ok());
  CheckMessage(local.Datagram(), "108", Refused("2"));
}

TEST_CASE("a stream carries messages with their lengths before them") {
  const TempDir dir;
  const Listener tcp(SOCK_STREAM), local(SOCK_STREAM, dir / "log");
  const auto check = [](AuditSink& sink, const Listener& listener) {
    REQUIRE(sink.Append(SampleAudit("1"), AuditDurability::kQueued).ok());
    REQUIRE(sink.Append(SampleAudit("2"), AuditDurability::kQueued).ok());
    REQUIRE(sink.Flush().ok());
    const int connection = listener.Accept();
    std::string text;
    for (const char* call : {"1", "2"}) {
      while (text.find(' ') == text.npos || text.size() < text.find(' ') + 1 + std::stoul(text))
        text += Listener::Read(connection);
      const std::size_t begin = text.find(' ') + 1, size = std::stoul(text);
      CheckMessage(text.substr(begin, size), "110", SampleAudit(call));
      text.erase(0, begin + size);
    }
    CHECK(text.empty());
    close(connection);
  };
  check(*SinkTo("tcp:127.0.0.1:" + tcp.port()), tcp);
  check(*SinkTo("unix:" + (dir / "log")), local);
}

TEST_CASE("what a daemon did not take is sent to the one that comes after it") {
  const TempDir dir;
  const auto sink = SinkTo("unix:" + (dir / "log"));
  CHECK(absl::IsUnavailable(sink->Append(SampleAudit("1"), AuditDurability::kBefore)));
  const Listener daemon(SOCK_DGRAM, dir / "log");
  REQUIRE(sink->Flush().ok());
  CheckMessage(daemon.Datagram(), "110", SampleAudit("1"));
}

TEST_CASE("a daemon that stands still delays no call") {
  const TempDir dir;
  const Listener stopped(SOCK_STREAM, dir / "log");  // nobody reads
  const std::shared_ptr<AuditSink> trail = NewMemoryAuditSink();
  auto syslog =
      NewSyslogSink({.address = "unix:" + (dir / "log"), .deadline = std::chrono::milliseconds(20)});
  REQUIRE(syslog.ok());
  auto sink = FanOutSink::New(
      {.members = {{.name = "trail", .sink = trail},
                   {.name = "syslog", .sink = *std::move(syslog), .required = false, .queue = 64}},
       .deadline = std::chrono::seconds(60)});
  REQUIRE(sink.ok());
  int failed = 0;
  for (int i = 0; i < 3000; ++i) {
    AuditRecord record = SampleAudit("x");
    record.reason = std::string(1000, 'r');
    failed += (*sink)->Append(std::move(record), AuditDurability::kBefore).ok() ? 0 : 1;
  }
  CHECK(failed == 0);
  CHECK((*sink)->Ready().ok());
  CHECK((*sink)->Members().back().dropped > 0);
}

TEST_CASE("an address that makes no sense is refused") {
  for (const char* address :
       {"", "/dev/log", "unix:log", "udp:host", "udp::514", "tcp:host:", "tcp:host:port", "tls:a:1"}) {
    CAPTURE(address);
    CHECK(absl::IsInvalidArgument(NewSyslogSink({.address = address}).status()));
  }
  CHECK(absl::IsInvalidArgument(NewSyslogSink({.app_name = "a b"}).status()));
  CHECK(absl::IsInvalidArgument(NewSyslogSink({.facility = 24}).status()));
  CHECK(NewSyslogSink({.address = "udp:[::1]:514"}).ok());
}

/// rsyslog, unprivileged, on a Unix socket and free ports; writes what it understood, part by part.
class Rsyslog {
 public:
  static constexpr char kProgram[] = "/usr/sbin/rsyslogd";

  explicit Rsyslog(const TempDir& dir) : out_(dir / "out") {
    std::ofstream(dir / "conf")
        << "global(workDirectory=\"" << dir.path().string() << "\" maxMessageSize=\"128k\")\n"
        << "module(load=\"imuxsock\" SysSock.Use=\"off\")\n"
        << "input(type=\"imuxsock\" Socket=\"" << dir / "log"
        << "\" UseSpecialParser=\"off\""
        << " ParseHostname=\"on\" UseSysTimeStamp=\"off\" IgnoreTimestamp=\"off\")\n"
        << "module(load=\"imtcp\")\n"
        << "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"0\" listenPortFileName=\"" << dir / "port"
        << "\")\n"
        << "template(name=\"parts\" type=\"string\" string=\"%pri%|%protocol-version%|"
           "%timereported:::date-rfc3339%|%app-name%|%msgid%|%msg%\\n\")\n"
        << "action(type=\"omfile\" file=\"" << out_ << "\" template=\"parts\")\n";
    std::string words[] = {kProgram, "-n", "-f", dir / "conf", "-i", dir / "pid"};
    char* argv[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(),
                    words[4].data(), words[5].data(), nullptr};
    REQUIRE(posix_spawn(&pid_, kProgram, nullptr, nullptr, argv, environ) == 0);
    while (access((dir / "log").c_str(), F_OK) != 0 || Content(dir / "port").empty())
      std::this_thread::yield();
    port_ = Content(dir / "port");
  }
  ~Rsyslog() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  /// What it has written once there are so many lines.
  std::string Lines(int count) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    std::string text;
    while (std::count(text.begin(), text.end(), '\n') < count && std::chrono::steady_clock::now() < until)
      text = Content(out_);
    return text;
  }
  const std::string& port() const { return port_; }

 private:
  static std::string Content(const std::string& path) {
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    return text;
  }
  const std::string out_;
  std::string port_;
  pid_t pid_ = -1;
};

TEST_CASE("rsyslog understands every part") {
  if (access(Rsyslog::kProgram, X_OK) != 0) {
    MESSAGE("rsyslog is not installed");
    return;
  }
  const TempDir dir;
  const Rsyslog daemon(dir);
  AuditRecord record = SampleAudit("1");
  record.reason = "plain";  // rsyslog writes control characters in a way of its own
  REQUIRE(SinkTo("unix:" + (dir / "log"))->Append(record, AuditDurability::kBefore).ok());
  const std::string expected = "110|1|2026-01-01T00:00:00.123456Z|mcpgate|audit|" + AuditText(record) + "\n";
  CHECK(daemon.Lines(1) == expected);
  record.outcome = AuditOutcome::kError;
  const std::string second = "108|1|2026-01-01T00:00:00.123456Z|mcpgate|audit|" + AuditText(record) + "\n";
  const auto tcp = SinkTo("tcp:127.0.0.1:" + daemon.port());
  REQUIRE(tcp->Append(record, AuditDurability::kBefore).ok());
  REQUIRE(tcp->Append(record, AuditDurability::kBefore).ok());
  CHECK(daemon.Lines(3) == expected + second + second);
}

}  // namespace
}  // namespace mcpgate::testing
