// A guided tour: drives the real mcpgate-stdio, with its sandbox in place of Discord, through a conversation
// in both eras of MCP, and has the audit trail checked at the end. What it prints is what crossed the pipe.
//
//   first_light BIN_DIR DATA_DIR      BIN_DIR holds mcpgate and mcpgate-stdio; DATA_DIR is made when missing
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/json.h"

namespace {

using mcpgate::Json;

bool colours = false;

void Say(const char* colour, std::string_view text) {
  if (colours) std::fputs(colour, stdout);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::puts(colours ? "\033[0m" : "");
}
void Headline(std::string_view text) { Say("\n\033[1m", (colours ? "" : "\n") + std::string(text)); }

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "first_light: %s\n", why.c_str());
  std::exit(1);
}

std::string Shortened(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most) + " ...";
}

std::vector<char*> Arguments(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Runs a program to its end and shows what it prints. Its exit code.
int Run(std::vector<std::string> words) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    execv(words[0].c_str(), Arguments(words).data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/// A running mcpgate-stdio and the client's side of its pipes.
class Host {
 public:
  Host(const std::string& program, const std::string& data, const std::string& key_file) {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) Fail("no pipe");
    child_ = fork();
    if (child_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      std::vector<std::string> words = {program, "--sandbox", "--data", data, "--key-file", key_file};
      execv(words[0].c_str(), Arguments(words).data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = fdopen(out[0], "r");
  }
  ~Host() {
    close(to_);
    waitpid(child_, nullptr, 0);
    std::fclose(from_);
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  void Send(const Json& message) {
    const std::string text = mcpgate::DumpJson(message);
    Say("\033[36m", "  -> " + Shortened(text, 300));
    const std::string line = text + "\n";
    if (write(to_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      Fail("mcpgate-stdio went away");
  }
  /// The answer, whole; shown shortened.
  Json Receive() {
    char* line = nullptr;
    std::size_t capacity = 0;
    const ssize_t size = getline(&line, &capacity, from_);
    if (size <= 0) Fail("mcpgate-stdio said nothing");
    const std::string text(line, static_cast<std::size_t>(size) - 1);
    std::free(line);
    Say("\033[32m", "  <- " + Shortened(text, 300));
    auto value = mcpgate::ParseJson(text);
    if (!value.ok()) Fail(std::string(value.status().message()));
    return *std::move(value);
  }

 private:
  pid_t child_ = -1;
  int to_ = -1;
  FILE* from_ = nullptr;
};

/// A conversation in the 2026-07-28 era: every request says which version it speaks.
Json Modern(Host& host, std::string_view method, Json params = Json::object()) {
  static int id = 0;
  params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                     {"io.modelcontextprotocol/clientCapabilities", Json::object()}};
  host.Send({{"jsonrpc", "2.0"}, {"id", ++id}, {"method", method}, {"params", params}});
  return host.Receive();
}

/// The same in the 2025 era, after `initialize`.
Json Legacy(Host& host, std::string_view method, Json params = Json::object()) {
  static int id = 100;
  host.Send({{"jsonrpc", "2.0"}, {"id", ++id}, {"method", method}, {"params", params}});
  return host.Receive();
}

Json Call(std::string_view tool, Json arguments) {
  return {{"name", tool}, {"arguments", std::move(arguments)}};
}

const Json& Member(const Json& value, std::initializer_list<std::string_view> path) {
  const Json* at = &value;
  for (std::string_view name : path) {
    at = mcpgate::FindMember(*at, name);
    if (at == nullptr) Fail("the answer has no '" + std::string(name) + "'");
  }
  return *at;
}

void ExpectError(const Json& answer, std::int64_t code) {
  if (mcpgate::IntegerOr(Member(answer, {"error"}), "code", 0) != code)
    Fail("expected error " + std::to_string(code));
}

std::string GeneralChannel(const Json& answer) {
  for (const Json& channel : Member(answer, {"result", "structuredContent", "channels"})) {
    if (mcpgate::StringOr(channel, "name", "") == "general") return mcpgate::StringOr(channel, "id", "");
  }
  Fail("the sandbox has no #general");
}

void ModernTour(Host& host) {
  Headline("A client of 2026 asks who is there, and what it may call");
  Modern(host, "server/discover");
  Modern(host, "tools/list");
  Headline("It finds a channel, posts a message and reads it back");
  const std::string general =
      GeneralChannel(Modern(host, "tools/call", Call("discord_list_channels", Json::object())));
  const Json post = Call("discord_send_message", {{"channel_id", general}, {"content", "First light."}});
  Modern(host, "tools/call", post);
  Modern(host, "tools/call", Call("discord_read_messages", {{"channel_id", general}, {"limit", 1}}));
  Headline("Five posts an hour are allowed; the sixth is told how long to wait");
  for (int i = 2; i <= 5; ++i) Modern(host, "tools/call", post);
  ExpectError(Modern(host, "tools/call", post), 42901);
}

void LegacyTour(Host& host) {
  Headline("A client of 2025, with a key that may only read, opens with a handshake");
  Legacy(host, "initialize",
         {{"protocolVersion", "2025-06-18"},
          {"capabilities", Json::object()},
          {"clientInfo", {{"name", "first_light"}, {"version", "1"}}}});
  host.Send({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}});
  Headline("It does not see what it may not call, and cannot call it either");
  Legacy(host, "tools/list");
  ExpectError(
      Legacy(host, "tools/call", Call("discord_send_message", {{"channel_id", "1"}, {"content", "Me too?"}})),
      40301);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) Fail("usage: first_light BIN_DIR DATA_DIR");
  const std::string bin = argv[1];
  const std::string data = argv[2];
  colours = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;

  Headline("Two keys: one may post, one may only read");
  const std::string writer = data + "/first-light-writer.key";
  const std::string reader = data + "/first-light-reader.key";
  for (const auto& [role, file] : {std::pair{"writer", writer}, std::pair{"reader", reader}}) {
    std::remove(file.c_str());
    const int failed =
        Run({bin + "/mcpgate", "keys", "create", "--data", data, "--name", std::string("first light ") + role,
             "--role", role, "--channel", "*", "--key-file", file});
    if (failed != 0) Fail("mcpgate keys create failed");
  }
  {
    Host host(bin + "/mcpgate-stdio", data, writer);
    ModernTour(host);
  }
  {
    Host host(bin + "/mcpgate-stdio", data, reader);
    LegacyTour(host);
  }
  Headline("Everything above is on record, and the record holds");
  Run({bin + "/mcpgate", "audit", "tail", "--data", data, "-n", "12"});
  if (Run({bin + "/mcpgate", "audit", "verify", "--data", data}) != 0)
    Fail("the audit trail does not verify");

  Headline("Now connect a real client");
  std::printf(
      "  Claude Desktop:   %s/mcpgate setup claude-desktop --data %s --key-file %s --sandbox\n"
      "  any MCP client:   command %s/mcpgate-stdio\n"
      "                    arguments --sandbox --data %s --key-file %s\n"
      "  real Discord:     put the bot's token into MCPGATE_DISCORD_TOKEN and leave --sandbox out\n",
      bin.c_str(), data.c_str(), writer.c_str(), bin.c_str(), data.c_str(), writer.c_str());
  return 0;
}
