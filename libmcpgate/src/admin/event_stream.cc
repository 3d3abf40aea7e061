// The trail as server-sent events.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "admin/audit_viewer.h"

namespace mcpgate::admin {
namespace {

class EventStream final : public AuditViewer {
 public:
  explicit EventStream(std::shared_ptr<HttpExchange> exchange) : exchange_(std::move(exchange)) {}

  bool Tell(const TrailNews& news) override {
    std::string events;
    if (news.gap_to != 0) {
      events = fmt::format("id: {}\nevent: gap\ndata: {{\"from\":{},\"to\":{}}}\n\n", news.gap_to,
                           news.gap_from, news.gap_to);
    }
    for (const StoredAudit& record : news.records)
      events += fmt::format("id: {}\nevent: record\ndata: {}\n\n", record.seq, record.body);
    return exchange_->Write(std::move(events));
  }
  bool Quiet() override { return exchange_->Write(": \n\n"); }
  void End() override { exchange_->End(); }

 private:
  const std::shared_ptr<HttpExchange> exchange_;
};

}  // namespace

std::unique_ptr<AuditViewer> NewEventStream(std::shared_ptr<HttpExchange> exchange) {
  return std::make_unique<EventStream>(std::move(exchange));
}

}  // namespace mcpgate::admin
