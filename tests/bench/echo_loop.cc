// The floor of the stdio benchmark: reads lines, parses them, answers what a tools/call of echo would answer.
// No gate, no protocol checks, nothing else.
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

void Answer(const std::string& line, std::string& out) {
  const auto request = nlohmann::json::parse(line);
  const nlohmann::json answer = {
      {"jsonrpc", "2.0"},
      {"id", request["id"]},
      {"result",
       {{"content", {{{"type", "text"}, {"text", request["params"]["arguments"]["text"]}}}},
        {"resultType", "complete"}}}};
  out += answer.dump();
  out += '\n';
}

}  // namespace

int main() {
  std::vector<char> buffer(64 * 1024);
  std::string pending;
  for (ssize_t size; (size = read(STDIN_FILENO, buffer.data(), buffer.size())) > 0;) {
    pending.append(buffer.data(), static_cast<std::size_t>(size));
    std::string out;
    std::size_t start = 0;
    for (std::size_t end; (end = pending.find('\n', start)) != std::string::npos; start = end + 1) {
      Answer(pending.substr(start, end - start), out);
    }
    pending.erase(0, start);
    if (write(STDOUT_FILENO, out.data(), out.size()) < 0) return 1;
  }
  return 0;
}
