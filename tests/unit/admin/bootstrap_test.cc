// The first administrator, made over REST.
#include "service.h"

namespace mcpgate::testing {
namespace {

constexpr char kBootstrap[] = "/v1/admin/bootstrap";

/// A service without a key, and the token that makes the first.
struct Empty : Service {
  Empty() {
    const auto made = keyring().admin().BeginBootstrap();
    REQUIRE(made.ok());
    token = RevealSecret(*made);
  }
  Answer Claim(Headers headers = {}) {
    return Ask("", "POST", kBootstrap, {{"token", token}, {"name", "first"}}, std::move(headers));
  }
  std::string token;
};

class FullSink final : public AuditSink {
 public:
  absl::Status Append(AuditRecord, AuditDurability) override { return Ready(); }
  absl::Status Ready() override { return absl::UnavailableError("there is no room"); }
  absl::Status Flush() override { return Ready(); }
};

TEST_CASE("the token is exchanged for the first administrator's key, once") {
  Empty service;
  const Answer made = service.Claim();
  REQUIRE(made.status == 201);
  CHECK(made.body["key"]["role"] == "admin");
  const Answer me = service.Ask(made.body["token"].get<std::string>(), "GET", "/v1/whoami");
  CHECK(me.body["operator"] == true);
  CHECK(service.Claim().status == 403);
}

TEST_CASE("it is taken from this machine alone, and from nobody whom a proxy speaks for") {
  Empty service;
  CHECK(service.Claim({{"X-Forwarded-For", "127.0.0.1"}}).status == 403);
  CHECK(service.Claim({{"Forwarded", "for=127.0.0.1"}}).status == 403);
  service.peer = "203.0.113.7";
  CHECK(service.Claim().status == 403);
  service.peer = "::1";
  CHECK(service.Claim().status == 201);
}

TEST_CASE("it is good for nothing once there is a key, or after half an hour") {
  Empty early, late;
  early.NewKey({});
  CHECK(early.Claim().status == 403);
  late.clock().Advance(std::chrono::minutes(30));
  CHECK(late.Claim().status == 403);
}

TEST_CASE("a token that is none is refused in the same words, and opens nothing else") {
  Empty service;
  const Answer wrong = service.Ask("", "POST", kBootstrap, {{"token", "mcpg_b_none"}});
  CHECK(wrong.status == 403);
  CHECK(service.Ask(service.token, "GET", "/v1/whoami").status == 401);
  service.Claim();
  CHECK(service.Claim().Detail() == wrong.Detail());
}

TEST_CASE("the trail has the intent and the outcome of the bootstrap, and not the token") {
  Empty service;
  const Answer made = service.Claim();
  const auto records = service.sink().Records();
  REQUIRE(records.size() == 2);
  CHECK(records[0].action == "admin.bootstrap");
  CHECK(records[0].phase == AuditPhase::kIntent);
  CHECK(records[0].source == "http 127.0.0.1");
  CHECK(records[1].outcome == AuditOutcome::kOk);
  CHECK(records[1].call == records[0].call);
  for (const AuditRecord& record : records) {
    for (const auto& [name, value] : record.fields) CHECK(value.find(service.token) == std::string::npos);
  }
}

TEST_CASE("what cannot be recorded is not done") {
  Empty service;
  service.RecordBootstrapIn(std::make_shared<FullSink>());
  CHECK(service.Claim().status == 503);
  service.RecordBootstrapIn(NewMemoryAuditSink());
  CHECK(service.Claim().status == 201);
}

}  // namespace
}  // namespace mcpgate::testing
