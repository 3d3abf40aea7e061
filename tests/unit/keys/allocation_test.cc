// The way of a known key allocates nothing. Replaces this program's operator new to count.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

#include "unit/keys/keyring_fixture.h"

namespace {
thread_local long allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* bytes = std::malloc(size == 0 ? 1 : size)) return bytes;
  throw std::bad_alloc();
}
void operator delete(void* bytes) noexcept { std::free(bytes); }
void operator delete(void* bytes, std::size_t) noexcept { std::free(bytes); }

namespace mcpgate {
namespace {

TEST_CASE("verifying a known key allocates nothing") {
  testing::KeyringFixture keys;
  const IssuedKey issued = keys.Issue();
  REQUIRE(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  const long before = allocations;
  int accepted = 0;
  for (int i = 0; i < 100; ++i) {
    const auto verdict = keys.ring->Verify(issued.token);
    accepted += verdict.ok() && verdict->principal != nullptr ? 1 : 0;
  }
  const long after = allocations;
  CHECK(accepted == 100);
  CHECK(after == before);
}

}  // namespace
}  // namespace mcpgate
