#include "http/process_facts.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

namespace mcpgate::hosts {
namespace {

using std::chrono::system_clock;
// Static initialisation is within milliseconds of the process's beginning.
const system_clock::time_point kBegan = system_clock::now();

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uint64_t ResidentBytes() {
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;  // proc(5): in pages
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

ProcessFacts ReadProcessFacts() {
  ProcessFacts facts{.resident_bytes = ResidentBytes()};
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    facts.cpu_seconds = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  }
  facts.start_seconds = std::chrono::duration<double>(kBegan.time_since_epoch()).count();
  return facts;
}

}  // namespace mcpgate::hosts
