// Runs a fuzz target over its corpus with any compiler: what was found once stays found.
//   fuzz_<target>_replay DIRECTORY
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/require.h"

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: replay DIRECTORY\n", stderr), 2;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::printf("%s\n", entry.path().filename().c_str());  // the last one printed is the one that failed
    std::fflush(stdout);
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    ++count;
  }
  std::printf("%zu inputs\n", count);
  return count > 0 ? 0 : 1;
}
