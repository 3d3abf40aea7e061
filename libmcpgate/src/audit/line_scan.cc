#include "audit/line_scan.h"

namespace mcpgate {
namespace {

// Without its line end; `whole` says whether there was one.
bool NextLine(std::istream& file, std::string& line, bool& whole) {
  if (!std::getline(file, line)) return false;
  whole = !file.eof();
  return true;
}

// What a crash leaves is garbage up to the end. A line that could only have been written after it means that
// somebody changed the middle.
bool OtherLinesFollow(std::istream& file) {
  std::string line;
  bool whole = false;
  while (NextLine(file, line, whole)) {
    if (whole && line.starts_with("{\"body\":") && line.ends_with('}')) return true;
  }
  return false;
}

}  // namespace

LineScan ScanLines(std::istream& file, const LineChain& chain) {
  LineScan scan;
  std::string line;
  bool whole = false;
  if (!NextLine(file, line, whole)) return scan;
  if (!whole || !chain.ReadHeader(line, scan.begin)) {
    scan.end = whole ? LineScan::End::kForeign : LineScan::End::kTorn;
    return scan;
  }
  scan.place = scan.begin;
  for (scan.good_bytes = line.size() + 1; NextLine(file, line, whole); scan.good_bytes += line.size() + 1) {
    if (whole && chain.ReadLine(line, scan.place)) continue;
    scan.end = OtherLinesFollow(file) ? LineScan::End::kDamaged : LineScan::End::kTorn;
    return scan;
  }
  return scan;
}

}  // namespace mcpgate
