// One-use stand-ins for a key.
#include "admin/tickets.h"

#include <doctest/doctest.h>

#include "service.h"
#include "support/fake_clock.h"

namespace mcpgate::testing {
namespace {

using admin::Tickets;

TEST_CASE("a ticket stands for its key once, for thirty seconds") {
  FakeClock clock;
  Tickets tickets(clock);
  const std::string one = *tickets.Issue({.api_key = Secret("key")}), two = *tickets.Issue({});
  CHECK(one != two);
  CHECK(RevealSecret(tickets.Look(one)->api_key) == "key");
  CHECK(RevealSecret(tickets.Take(one)->api_key) == "key");
  CHECK_FALSE(tickets.Take(one).has_value());
  CHECK_FALSE(tickets.Look(one).has_value());
  clock.Advance(Tickets::kLife);
  CHECK_FALSE(tickets.Look(two).has_value());
  CHECK_FALSE(tickets.Take(two).has_value());
}

TEST_CASE("so many tickets are out at once and no more, until they are over") {
  FakeClock clock;
  Tickets tickets(clock);
  int issued = 0;
  while (tickets.Issue({}).ok()) ++issued;
  CHECK(issued == 256);
  clock.Advance(Tickets::kLife);
  CHECK(tickets.Issue({}).ok());
}

TEST_CASE("a ticket opens the socket and nothing else, and needs no key beside it") {
  Service service;
  const Answer ticket = service.Ask(service.operator_key(), "POST", "/v1/admin/audit/tickets");
  REQUIRE(ticket.status == 201);
  CHECK(ticket.body["expires_in"] == 30);
  const std::string query = "?ticket=" + ticket.body["ticket"].get<std::string>();
  CHECK(service.Ask("", "GET", "/v1/admin/audit" + query).status == 401);
  CHECK(service.Ask("", "GET", "/v1/admin/audit/stream" + query).status == 401);
  CHECK(service.Ask("", "GET", "/inspector/ws" + query).status == 404);  // in; but there is no trail here
  CHECK(service.Ask("", "GET", "/inspector/ws" + query).status == 401);
}

}  // namespace
}  // namespace mcpgate::testing
