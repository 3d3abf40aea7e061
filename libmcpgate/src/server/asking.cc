#include "server/asking.h"

#include <chrono>
#include <utility>

#include "protocol/message.h"

namespace mcpgate {
namespace {

class SessionPeer final : public Peer {
 public:
  SessionPeer(std::shared_ptr<Session> session, std::shared_ptr<ReplySink> stream, AskingLimit& limit)
      : session_(std::move(session)), stream_(std::move(stream)), limit_(limit) {}

  absl::StatusOr<Json> Ask(std::string_view method, const Json& params, Flight& flight) override {
    const Place place(limit_.now);
    if (place.number > limit_.most) {
      return absl::UnavailableError("too many calls wait for their clients' answers; try again");
    }
    const std::shared_ptr<Question> question = session_->NewQuestion();
    // While a person thinks, the call's own time stands still: from before the question is out.
    const auto start = std::chrono::steady_clock::now();
    flight.Extend(limit_.patience);
    absl::StatusOr<Json> answer = absl::UnavailableError("the client cannot be reached");
    if (stream_->Notify(RequestMessage(question->id(), method, DumpJson(params)))) {
      answer = question->Wait(flight.stop_token(), limit_.patience);
    }
    flight.Extend(std::chrono::steady_clock::now() - start - limit_.patience);
    session_->Forget(*question);
    if (absl::IsCancelled(answer.status()) || absl::IsDeadlineExceeded(answer.status())) {
      stream_->Notify(
          NotificationMessage("notifications/cancelled", DumpJson({{"requestId", question->id()}})));
    }
    return answer;
  }

 private:
  struct Place {
    explicit Place(std::atomic<std::size_t>& counter) : count(counter), number(++counter) {}
    ~Place() { --count; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    std::atomic<std::size_t>& count;
    const std::size_t number;
  };

  const std::shared_ptr<Session> session_;
  const std::shared_ptr<ReplySink> stream_;
  AskingLimit& limit_;
};

}  // namespace

std::shared_ptr<Peer> NewPeer(std::shared_ptr<Session> session, std::shared_ptr<ReplySink> stream,
                              AskingLimit& limit) {
  return std::make_shared<SessionPeer>(std::move(session), std::move(stream), limit);
}

}  // namespace mcpgate
