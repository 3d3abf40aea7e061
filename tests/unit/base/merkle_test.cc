// Against the known answers of the Certificate Transparency project, and against the recursive definition.
#include "base/merkle.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

namespace mcpgate {
namespace {

std::string Unhex(std::string_view hex) {
  std::string bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16)));
  return bytes;
}

const std::vector<std::string> kEntries = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
const std::vector<std::string> kRoots = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                         "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

/// MTH of RFC 6962, 2.1, word for word.
Digest Defined(const std::vector<std::string>& entries, std::size_t begin, std::size_t end) {
  if (begin == end) return Sha256("");
  if (end - begin == 1) return MerkleLeaf(entries[begin]);
  std::size_t split = 1;
  while (split * 2 < end - begin) split *= 2;
  return MerkleNode(Defined(entries, begin, begin + split), Defined(entries, begin + split, end));
}

std::vector<std::string> Many(int count) {
  std::vector<std::string> entries;
  for (int i = 0; i < count; ++i) entries.push_back(std::to_string(i));
  return entries;
}

MerkleRange RangeOf(const std::vector<std::string>& entries, std::size_t begin, std::size_t end) {
  MerkleRange range(begin);
  for (std::size_t i = begin; i < end; ++i) range.AppendLeaf(MerkleLeaf(entries[i]));
  return range;
}

TEST_CASE("roots are those of the Certificate Transparency project") {
  MerkleRange range;
  CHECK(HexEncode(range.Root()) == kRoots[0]);
  for (std::size_t i = 0; i < kEntries.size(); ++i) {
    range.AppendLeaf(MerkleLeaf(Unhex(kEntries[i])));
    CHECK(HexEncode(range.Root()) == kRoots[i + 1]);
  }
}

TEST_CASE("roots are as the RFC defines them, however the leaves were cut into ranges") {
  const std::vector<std::string> entries = Many(70);
  int wrong = 0;
  for (std::size_t size = 0; size <= entries.size(); ++size) {
    const Digest root = Defined(entries, 0, size);
    for (std::size_t a = 0; a <= size; ++a) {
      for (std::size_t b = a; b <= size; b += 7) {
        MerkleRange joined = RangeOf(entries, 0, a);
        wrong += joined.Append(RangeOf(entries, a, b)) ? 0 : 1;
        wrong += joined.Append(RangeOf(entries, b, size)) ? 0 : 1;
        wrong += joined.Root() == root ? 0 : 1;
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("a range is packed into few hashes and comes back whole") {
  const std::vector<std::string> entries = Many(70);
  int wrong = 0;
  for (std::size_t begin = 0; begin <= 70; ++begin) {
    for (std::size_t end = begin; end <= 70; ++end) {
      const std::string packed = RangeOf(entries, begin, end).Pack();
      CHECK(packed.size() <= 32 * 14);
      const auto range = MerkleRange::Unpack(begin, end, packed);
      MerkleRange whole = RangeOf(entries, 0, begin);
      wrong += range && whole.Append(*range) && whole.Append(RangeOf(entries, end, 70)) ? 0 : 1;
      wrong += whole.Root() == Defined(entries, 0, 70) ? 0 : 1;
      wrong += MerkleRange::Unpack(begin, end, packed + std::string(32, 'x')) ? 1 : 0;
      if (end > begin) wrong += MerkleRange::Unpack(begin, end, packed.substr(32)) ? 1 : 0;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("ranges that do not touch are not joined") {
  MerkleRange range(0);
  CHECK_FALSE(range.Append(MerkleRange(1)));
  CHECK_FALSE(MerkleRange::Unpack(2, 1, ""));
}

}  // namespace
}  // namespace mcpgate
