#include "server/layers.h"

#include <span>
#include <utility>

#include "protocol/mirror.h"
#include "protocol/revision.h"

namespace mcpgate {
namespace {

// Safe for concurrent use, as its inner sink is.
class LayeredReply final : public ReplySink {
 public:
  LayeredReply(std::span<const std::shared_ptr<Middleware>> layers, AnsweredRequest request,
               std::shared_ptr<ReplySink> inner, const Clock& clock)
      : layers_(layers),
        request_(std::move(request)),
        inner_(std::move(inner)),
        clock_(clock),
        began_(clock.Steady()) {}

  bool Notify(std::string message) override { return inner_->Notify(std::move(message)); }

  void Finish(ServerAnswer answer) override {
    request_.took = clock_.Steady() - began_;
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) (*layer)->After(request_, answer);
    inner_->Finish(std::move(answer));
  }

 private:
  const std::span<const std::shared_ptr<Middleware>> layers_;
  AnsweredRequest request_;
  const std::shared_ptr<ReplySink> inner_;
  const Clock& clock_;
  const Nanos began_;
};

}  // namespace

Entered Enter(const Layers& layers, const Request& request, const Credentials& credentials,
              std::shared_ptr<ReplySink> reply, const Clock& clock) {
  const std::string* name = NameOf(request.method, request.params);
  const RequestView view{.method = request.method,
                         .name = name == nullptr ? std::string_view() : *name,
                         .revision = RevisionName(request.revision),
                         .trace_parent = request.trace_parent,
                         .params = request.params,
                         .credentials = credentials};
  std::size_t in = 0;
  std::optional<Refusal> refusal;
  while (in < layers.size() && !(refusal = layers[in]->Before(view))) ++in;
  if (in == 0) return {.reply = std::move(reply), .refusal = std::move(refusal)};
  AnsweredRequest answered{.method = request.method,
                           .name = std::string(view.name),
                           .revision = view.revision,
                           .trace_parent = request.trace_parent};
  return {.reply = std::make_shared<LayeredReply>(std::span(layers).first(in), std::move(answered),
                                                  std::move(reply), clock),
          .refusal = std::move(refusal)};
}

std::optional<Refusal> Middleware::Before(const RequestView&) { return std::nullopt; }
void Middleware::After(const AnsweredRequest&, ServerAnswer&) {}

}  // namespace mcpgate
