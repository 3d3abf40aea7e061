// Against the examples of Go's golang.org/x/mod/sumdb/note, whose keys, text and signature these are.
#include "base/signed_note.h"

#include <doctest/doctest.h>

#include <string>

#include "base/checkpoint.h"
#include "base/crypto.h"

namespace mcpgate {
namespace {

constexpr char kVerifier[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr char kSeed[] = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";  // the algorithm's byte first
const std::string kText =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const std::string kNote =
    kText +
    "\n\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

NoteSigner Peter() {
  std::string seed;
  REQUIRE(Base64Decode(kSeed, seed));
  return NoteSigner("PeterNeumann", Secret(seed.substr(1)));
}

TEST_CASE("a note is signed as Go signs it") {
  CHECK(Peter().Sign(kText) == kNote);
  CHECK(Peter().verifier().ToText() == kVerifier);
}

TEST_CASE("a note that Go signed is opened") {
  const auto verifier = NoteVerifier::Parse(kVerifier);
  REQUIRE(verifier.ok());
  const auto text = verifier->Open(kNote);
  REQUIRE_MESSAGE(text.ok(), text.status().ToString());
  CHECK(*text == kText);
}

TEST_CASE("no part of a verifier key passes for one, nor one with a changed character") {
  const std::string key = kVerifier;
  CHECK(NoteVerifier::Parse("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop").ok());
  int accepted = 0;
  for (std::size_t i = 0; i <= key.size(); ++i) {
    for (std::size_t j = i + 1; j <= key.size(); ++j) {
      if (i != 0 || j != key.size()) accepted += NoteVerifier::Parse(key.substr(i, j - i)).ok() ? 1 : 0;
    }
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::string other = key;
    ++other[i];
    accepted += NoteVerifier::Parse(other).ok() ? 1 : 0;
  }
  accepted += NoteVerifier::Parse("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").ok();
  CHECK(accepted == 0);
}

TEST_CASE("no changed bit of a note passes") {
  const auto verifier = NoteVerifier::Parse(kVerifier);
  int opened = 0;
  for (std::size_t bit = 0; bit < kNote.size() * 8; ++bit) {
    std::string other = kNote;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    opened += verifier->Open(other).ok() ? 1 : 0;
  }
  CHECK(opened == 0);
}

TEST_CASE("signatures of others are passed over, and one of them alone is not enough") {
  const auto enoch = NoteVerifier::Parse("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop");
  CHECK(absl::IsNotFound(enoch->Open(kNote).status()));
  const std::string both = kNote + "\u2014 EnochRoot rwz+" + std::string(86, 'A') + "==\n";
  CHECK(Peter().verifier().Open(both).ok());
}

TEST_CASE("a checkpoint is read as it is written, with its extensions") {
  const Checkpoint checkpoint{.origin = "example.com/log",
                              .size = 20852163,
                              .root = Digest{1, 2, 3},
                              .extensions = {"more 1 2", "x"}};
  const std::string text = CheckpointText(checkpoint);
  CHECK(text == "example.com/log\n20852163\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore 1 2\nx\n");
  const auto read = ParseCheckpoint(text);
  REQUIRE(read.ok());
  CHECK(read->origin == checkpoint.origin);
  CHECK(read->size == checkpoint.size);
  CHECK(read->root == checkpoint.root);
  CHECK(read->extensions == checkpoint.extensions);
  for (const char* bad : {"", "a\n1\n", "a\n01\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                          "a\n1\nAQID\n", "a\n-1\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                          "a\n1\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})
    CHECK_FALSE(ParseCheckpoint(bad).ok());
}

}  // namespace
}  // namespace mcpgate
