#include "server/tasks.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/crypto.h"
#include "protocol/access.h"
#include "protocol/capabilities.h"
#include "protocol/input_state.h"
#include "protocol/outcome.h"

namespace mcpgate {
namespace {

constexpr std::size_t kIdBytes = 24;
// Members of a wish.
constexpr char kAnswers[] = "answers", kCancel[] = "cancel";

std::int64_t Millis(Nanos span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

// ISO 8601 in UTC.
std::string TimeText(const Clock& clock) {
  const auto now = clock.Now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count();
  const std::time_t whole = static_cast<std::time_t>(seconds.time_since_epoch().count());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(whole), millis);
}

}  // namespace

Task::Task(Options options)
    : options_(std::move(options)),
      created_at_(TimeText(*options_.clock)),
      forget_at_(options_.clock->Now() + options_.told.ttl),
      standing_{.state = State::kWorking, .updated_at = created_at_, .result = {}, .error = nullptr} {}

Json Task::Created() const {
  MutexLock lock(mutex_);
  return {{"taskId", options_.id},
          {"status", "working"},
          {"createdAt", created_at_},
          {"lastUpdatedAt", standing_.updated_at},
          {"ttlMs", Millis(options_.told.ttl)},
          {"pollIntervalMs", Millis(options_.told.poll_interval)}};
}

Json Task::Describe() const {
  MutexLock lock(mutex_);
  Json told = DescribeAs(standing_);
  if (standing_.state != State::kInputRequired) return told;
  Json& requests = told["inputRequests"] = Json::object();
  for (const auto& [key, request] : open_) {
    requests[key] = {{"method", request.method}, {"params", request.params}};
  }
  return told;
}

Json Task::DescribeAs(const Standing& standing) const {
  constexpr std::array kNames = {"working", "input_required", "completed", "failed", "cancelled"};
  Json told = {{"taskId", options_.id},
               {"status", kNames[static_cast<std::size_t>(standing.state)]},
               {"createdAt", created_at_},
               {"lastUpdatedAt", standing.updated_at},
               {"ttlMs", Millis(options_.told.ttl)},
               {"pollIntervalMs", Millis(options_.told.poll_interval)}};
  if (standing.state == State::kCompleted) {
    told["result"] = ParseJson(standing.result).value_or(Json::object());
  }
  if (standing.state == State::kFailed) told["error"] = standing.error;
  return told;
}

void Task::Answer(const Json& responses) {
  {
    MutexLock lock(mutex_);
    if (standing_.state != State::kInputRequired) return;
    for (const auto& [key, answer] : responses.items()) {
      const auto question = open_.find(key);
      if (question == open_.end() || ProblemOfAnswer(question->second, answer)) continue;
      answers_.insert_or_assign(key, answer);
      open_.erase(question);
    }
    if (open_.empty()) standing_.state = State::kWorking;
    standing_.updated_at = TimeText(*options_.clock);
  }
  answered_.notify_all();
  options_.on_change(*this);
}

// A wish: the handler hears it and ends when it can. What has ended stays as it is.
void Task::Cancel() { options_.flight->Cancel(); }

bool Task::IsAnswered(std::span<const InputRequest> requests) const {
  return std::all_of(requests.begin(), requests.end(),
                     [this](const InputRequest& request)
                         MCPGATE_REQUIRES(mutex_) { return answers_.contains(request.key); });
}

absl::StatusOr<std::vector<Json>> Task::Ask(std::span<const InputRequest> requests, std::stop_token stop) {
  if (Open(requests)) {
    // Other processes learn of the questions, and that they are answered, from the store.
    options_.on_stand(*this, DumpJson(Describe()));
    options_.on_change(*this);
    AwaitAnswers(requests, stop);
    options_.on_stand(*this, DumpJson(Describe()));
  }
  MutexLock lock(mutex_);
  if (!IsAnswered(requests)) return absl::CancelledError("the task was cancelled");
  std::vector<Json> answers;
  for (const InputRequest& request : requests) answers.push_back(answers_.at(request.key));
  return answers;
}

// False when all of them are answered already.
bool Task::Open(std::span<const InputRequest> requests) {
  MutexLock lock(mutex_);
  for (const InputRequest& request : requests) {
    // A key is never used twice in one task, so an answer that is there is the answer.
    if (!answers_.contains(request.key)) open_.insert_or_assign(request.key, request);
  }
  if (open_.empty()) return false;
  standing_.state = State::kInputRequired;
  standing_.updated_at = TimeText(*options_.clock);
  return true;
}

void Task::AwaitAnswers(std::span<const InputRequest> requests, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    { MutexLock lock(mutex_); }  // so that the waiter either has not looked yet or hears it
    answered_.notify_all();
  });
  CondLock lock(mutex_);
  answered_.wait(lock,
                 [&]() MCPGATE_REQUIRES(mutex_) { return stop.stop_requested() || IsAnswered(requests); });
}

void Task::Complete(std::string result) {
  End({.state = State::kCompleted, .updated_at = {}, .result = std::move(result), .error = nullptr});
}

void Task::Fail(const Rejection& rejection) {
  End({.state = State::kFailed,
       .updated_at = {},
       .result = {},
       .error = {{"code", rejection.code}, {"message", rejection.message}}});
}

void Task::Cancelled() {
  End({.state = State::kCancelled, .updated_at = {}, .result = {}, .error = nullptr});
}

// Stored before it is seen: nobody is told of an end that a restart would take back.
void Task::End(Standing standing) {
  standing.updated_at = TimeText(*options_.clock);
  options_.on_end(*this, DumpJson(DescribeAs(standing)));
  {
    MutexLock lock(mutex_);
    standing_ = std::move(standing);
    open_.clear();
  }
  options_.on_change(*this);
}

absl::StatusOr<std::shared_ptr<RunningTask>> TaskTable::Begin(const Principal& owner,
                                                              const TaskOptions& options,
                                                              std::shared_ptr<Flight> flight) {
  auto task = std::make_shared<Task>(
      Task::Options{.id = RandomText(kIdBytes),
                    .owner = OwnerOf(owner),
                    .told = options,
                    .clock = &clock_,
                    .flight = std::move(flight),
                    .on_change = changed_,
                    .on_stand =
                        [this](const Task& standing, std::string told) {
                          // Should it fail, others go on telling what they know; here nothing is lost.
                          store_->Update(standing.id(), std::move(told)).IgnoreError();
                        },
                    .on_end = [this](const Task& ended, std::string told) { End(ended, std::move(told)); }});
  {
    MutexLock lock(mutex_);
    Sweep();
    if (running_ >= max_running_) return absl::ResourceExhaustedError("too many tasks run; try again");
    ++running_;
  }
  const absl::Status stored = store_->Insert({.id = task->id(),
                                              .owner = task->owner(),
                                              .told = DumpJson(task->Describe()),
                                              .forget_at = task->forget_at()});
  MutexLock lock(mutex_);
  if (!stored.ok()) {
    --running_;
    // A handler may hand this on to its caller, who is not to read of files.
    return absl::IsResourceExhausted(stored)
               ? absl::ResourceExhaustedError("too many tasks are kept; try again later")
               : absl::UnavailableError("tasks cannot be kept now; try again");
  }
  tasks_.emplace(task->id(), task);
  post_.KeepLooking(true);
  return task;
}

void TaskTable::End(const Task& task, std::string told) {
  const bool stored = store_->Finish(task.id(), std::move(told)).ok();
  std::shared_ptr<Task> last;  // destroyed without the lock
  MutexLock lock(mutex_);
  if (--running_ == 0) post_.KeepLooking(false);
  const auto found = tasks_.find(task.id());
  if (!stored || found == tasks_.end()) return;
  last = std::move(found->second);
  tasks_.erase(found);
}

std::shared_ptr<Task> TaskTable::Find(std::string_view id, const Principal& owner) {
  MutexLock lock(mutex_);
  const auto found = tasks_.find(std::string(id));
  if (found == tasks_.end() || found->second->owner() != OwnerOf(owner)) return nullptr;
  return found->second->forget_at() > clock_.Now() ? found->second : nullptr;
}

bool TaskTable::Carry(TaskWish wish, const Principal& owner, std::function<void(absl::Status)> done) {
  return post_.Submit([this, wish = std::move(wish), owner = OwnerOf(owner),
                       done = std::move(done)]() mutable { done(store_->Leave(std::move(wish), owner)); });
}

// What clients of other processes want of the tasks that run here.
void TaskTable::TakeWishes() {
  std::vector<std::string> ids;
  std::unordered_map<std::string, std::shared_ptr<Task>> tasks;
  {
    MutexLock lock(mutex_);
    tasks = tasks_;
  }
  for (const auto& [id, task] : tasks) ids.push_back(id);
  const absl::StatusOr<std::vector<TaskWish>> wishes = store_->TakeWishes(ids);
  if (!wishes.ok()) return;  // they lie there; the next look takes them
  for (const TaskWish& wish : *wishes) {
    const auto found = tasks.find(wish.id);
    const absl::StatusOr<Json> read = ParseJson(wish.text);
    if (found == tasks.end() || !read.ok()) continue;
    if (const Json* responses = FindObject(*read, kAnswers)) found->second->Answer(*responses);
    if (BoolOr(*read, kCancel, false)) found->second->Cancel();
  }
}

bool TaskTable::Knows(std::string_view id, const Principal& owner) {
  if (Find(id, owner) != nullptr) return true;
  const auto stored = FindStored(id, owner);
  return stored.ok() && stored->has_value();
}

void TaskTable::CancelAll() {
  std::vector<std::shared_ptr<Task>> tasks;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, task] : tasks_) tasks.push_back(task);
  }
  for (const auto& task : tasks) task->Cancel();
}

// What runs beyond its time is told to stop by its deadline, and keeps its place until it ends.
void TaskTable::Sweep() {
  const WallTime now = clock_.Now();
  std::erase_if(tasks_, [now](const auto& entry) { return entry.second->forget_at() <= now; });
}

namespace {

std::string MembersOf(const Json& object) {
  const std::string text = DumpJson(object);
  return text.substr(1, text.size() - 2);
}

// What a task that no process runs any more has come to.
Json Lost(Json told) {
  told["status"] = "failed";
  told.erase("inputRequests");
  told["error"] = {
      {"code", static_cast<std::int32_t>(ErrorCode::kInternalError)},
      {"message", "the server restarted while this task ran; whether it had an effect is unknown"}};
  return told;
}

Rejection StoreIsAway() {
  return RejectionFor(MakeRefusal(
      {.code = Refusal::kStoreUnavailable, .message = "tasks cannot be looked up now; try again"}));
}

// What cancel or update asks of the task, in words that can be kept.
std::variant<Json, Rejection> WishOf(const Request& request) {
  if (request.method == "tasks/cancel") return Json{{kCancel, true}};
  const Json* responses = FindObject(request.params, "inputResponses");
  if (responses == nullptr)
    return Rejection(ErrorCode::kInvalidParams, "params.inputResponses must be an object");
  return Json{{kAnswers, *responses}};
}

std::variant<std::string, Rejection, TaskWish> AnswerStored(TaskTable& tasks, const Request& request,
                                                            const std::string& id,
                                                            const Principal& principal) {
  const auto found = tasks.FindStored(id, principal);
  if (!found.ok()) return StoreIsAway();
  if (!found->has_value()) return Rejection(ErrorCode::kInvalidParams, "params.taskId names no task");
  const StoredTask& task = **found;
  if (request.method == "tasks/get") {
    Json told = ParseJson(task.told).value_or(Json::object());
    return MembersOf(task.is_alone ? Lost(std::move(told)) : told);
  }
  auto wish = WishOf(request);
  if (auto* rejection = std::get_if<Rejection>(&wish)) return std::move(*rejection);
  // Of what is over there is nothing to stop or to answer, and saying so again does no harm.
  if (task.is_over || task.is_alone) return std::string();
  return TaskWish{.id = id, .text = DumpJson(std::get<Json>(wish))};
}

}  // namespace

std::variant<std::string, Rejection> AnswerCarried(const absl::Status& carried) {
  // NotFound: it has ended meanwhile.
  if (carried.ok() || absl::IsNotFound(carried)) return std::string();
  if (!absl::IsResourceExhausted(carried)) return StoreIsAway();
  return RejectionFor(
      MakeRefusal({.code = Refusal::kBusy,
                   .message = "too much waits for this key's tasks, or this is too long; try again"}));
}

std::variant<std::string, Rejection, TaskWish> AnswerTask(TaskTable& tasks, const Request& request,
                                                          const Principal& principal) {
  if (!KnowsTasks(*request.capabilities)) {
    return Rejection(ErrorCode::kMissingCapability, "tasks need the extension, declared on this request",
                     {{"requiredCapabilities", TasksCapability()}});
  }
  const std::string* id = FindString(request.params, "taskId");
  if (id == nullptr) return Rejection(ErrorCode::kInvalidParams, "params.taskId names no task");
  const std::shared_ptr<Task> task = tasks.Find(*id, principal);
  if (task == nullptr) return AnswerStored(tasks, request, *id, principal);
  if (request.method == "tasks/get") return MembersOf(task->Describe());
  auto wish = WishOf(request);
  if (auto* rejection = std::get_if<Rejection>(&wish)) return std::move(*rejection);
  if (request.method == "tasks/cancel") {
    task->Cancel();
  } else {
    task->Answer(std::get<Json>(wish)[kAnswers]);
  }
  return std::string();
}

}  // namespace mcpgate
