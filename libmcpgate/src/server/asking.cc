#include "server/asking.h"

#include <chrono>
#include <utility>

#include "protocol/access.h"
#include "protocol/message.h"

namespace mcpgate {
namespace {

class SessionPeer final : public Peer {
 public:
  SessionPeer(std::shared_ptr<Session> session, std::shared_ptr<ReplySink> stream,
              const Credentials& credentials, AskingLimit& limit)
      : session_(std::move(session)), stream_(std::move(stream)), credentials_(credentials), limit_(limit) {}

  absl::StatusOr<Json> Ask(std::string_view method, const Json& params, Flight& flight) override {
    const absl::StatusOr<std::shared_ptr<void>> place = limit_.Enter(credentials_);
    if (!place.ok()) return place.status();
    const std::shared_ptr<Question> question = session_->NewQuestion();
    // While a person thinks, the call's own time stands still: from before the question is out.
    const auto start = std::chrono::steady_clock::now();
    flight.Extend(limit_.patience());
    absl::StatusOr<Json> answer = absl::UnavailableError("the client cannot be reached");
    if (stream_->Notify(RequestMessage(question->id(), method, DumpJson(params)))) {
      answer = question->Wait(flight.stop_token(), limit_.patience());
    }
    flight.Extend(std::chrono::steady_clock::now() - start - limit_.patience());
    session_->Forget(*question);
    if (absl::IsCancelled(answer.status()) || absl::IsDeadlineExceeded(answer.status())) {
      stream_->Notify(
          NotificationMessage("notifications/cancelled", DumpJson({{"requestId", question->id()}})));
    }
    return answer;
  }

 private:
  const std::shared_ptr<Session> session_;
  const std::shared_ptr<ReplySink> stream_;
  const Credentials credentials_;
  AskingLimit& limit_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<void>> AskingLimit::Enter(const Credentials& credentials) {
  const auto principal = gate_.Authenticate(credentials);
  if (!principal.ok()) return principal.status();
  std::string owner = OwnerOf(**principal);
  MutexLock lock(mutex_);
  const auto count = count_of_owner_.find(owner);
  const std::size_t owned = count == count_of_owner_.end() ? 0 : count->second;
  if (now_ >= options_.most || owned >= options_.of_key) {
    return absl::UnavailableError("too many calls wait for their clients' answers; try again");
  }
  ++now_;
  ++count_of_owner_[owner];
  return std::shared_ptr<void>(this, [this, owner = std::move(owner)](void*) { Leave(owner); });
}

void AskingLimit::Leave(const std::string& owner) {
  MutexLock lock(mutex_);
  --now_;
  const auto count = count_of_owner_.find(owner);
  if (--count->second == 0) count_of_owner_.erase(count);
}

std::shared_ptr<Peer> NewPeer(std::shared_ptr<Session> session, std::shared_ptr<ReplySink> stream,
                              const Credentials& credentials, AskingLimit& limit) {
  return std::make_shared<SessionPeer>(std::move(session), std::move(stream), credentials, limit);
}

}  // namespace mcpgate
