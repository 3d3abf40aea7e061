// The format of keys: whatever is shown as one, what is taken for its id is an id and lies inside it.
#include <string>
#include <utility>

#include "fuzz/require.h"
#include "keys/key_format.h"

using namespace mcpgate;
using fuzz::Require;

namespace {

void CheckId(std::string_view text, std::string_view id) {
  Require(IsKeyId(id), "an accepted token has a key's id");
  Require(id.data() >= text.data() && id.data() + id.size() <= text.data() + text.size(),
          "the id is a view into the token");
  Require(ClaimedId("mcpg", text) == id, "the id stands where it is claimed");
  // The check sum sees every change of one letter.
  std::string changed(text);
  for (char& letter : changed) {
    const char was = std::exchange(letter, letter == 'a' ? 'b' : 'a');
    if (was != letter) Require(!ParseToken("mcpg", changed), "a token with a letter changed is none");
    letter = was;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::TextOf(data, size);
  if (const auto id = ParseToken("mcpg", text)) CheckId(text, *id);
  const std::string_view brand = text.substr(0, text.find('_'));
  const auto other = ParseToken(brand, text);
  if (other && IsBrand(brand)) Require(IsKeyId(*other), "an accepted token of any brand has a key's id");
  return 0;
}
