#include <doctest/doctest.h>

#include "contract/key_store_contract.h"

namespace mcpgate {
namespace {

TEST_CASE("the memory store keeps the contract of KeyStore") {
  testing::KeyStoreContract([] {
    const std::shared_ptr<KeyStore> store = NewMemoryKeyStore();
    return testing::KeyStores{store, store};
  });
}

}  // namespace
}  // namespace mcpgate
