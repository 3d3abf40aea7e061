// Notices in the data directory: the contract, and what a restart or a second process finds.
#include <doctest/doctest.h>

#include "contract/notice_outbox_contract.h"
#include "fixture.h"

namespace mcpgate::testing {
namespace {

using std::chrono::minutes;

struct Kept {
  std::shared_ptr<DataDirectory> directory;
  std::shared_ptr<SqliteStorage> storage;
  std::shared_ptr<NoticeOutbox> outbox;
};

std::shared_ptr<NoticeOutbox> Outbox(SqliteStorage& storage) {
  auto outbox = storage.notices();
  REQUIRE_MESSAGE(outbox.ok(), outbox.status().ToString());
  return *std::move(outbox);
}

TEST_CASE("the SQLite outbox keeps the contract of NoticeOutbox") {
  NoticeOutboxContract([](const Clock& clock) {
    const auto directory = std::make_shared<DataDirectory>();
    SqliteOptions opening = directory->Options();
    opening.clock = &clock;
    const std::shared_ptr<SqliteStorage> storage = DataDirectory::Open(opening);
    const auto kept = std::make_shared<Kept>(Kept{directory, storage, Outbox(*storage)});
    return std::shared_ptr<NoticeOutbox>(kept, kept->outbox.get());
  });
}

TEST_CASE("what one process posts another delivers, also after a restart") {
  DataDirectory directory;
  auto first = directory.Open();
  REQUIRE(Outbox(*first)->Post(SampleNotice("a", "march")).ok());
  auto second = directory.Open();
  REQUIRE(Outbox(*second)->Post(SampleNotice("again", "march")).ok());
  const auto parcels = Outbox(*second)->Claim("mail", 10, minutes(5));
  REQUIRE((parcels.ok() && parcels->size() == 1));
  CHECK(Outbox(*first)->Claim("mail", 10, minutes(5))->empty());
  first.reset();
  second.reset();
  directory.clock.Advance(minutes(5));
  const auto third = directory.Open();
  const auto again = Outbox(*third)->Claim("mail", 10, minutes(5));
  REQUIRE((again.ok() && again->size() == 1));
  CHECK(again->at(0).id == parcels->at(0).id);
  CHECK(again->at(0).attempt == 2);
  CHECK(Outbox(*third)->Finish("mail", again->at(0).id).ok());
}

TEST_CASE("the file of notices is made when it is first asked for") {
  DataDirectory directory;
  const auto storage = directory.Open();
  CHECK(access(directory.File("notices.db").c_str(), F_OK) != 0);
  (void)Outbox(*storage);
  CHECK(access(directory.File("notices.db").c_str(), F_OK) == 0);
}

}  // namespace
}  // namespace mcpgate::testing
