#include "lambda/worker_pool.h"

#include <algorithm>

#include "lambda/errors.h"
#include "lambda/limits.h"
#include "types/assert.h"

namespace croft::lambda {

WorkerPool::WorkerPool(WorkerHost& host, CodeArchives& archives, Interpreters& interpreters,
                       CredentialsSource credentials)
    : host_(host), archives_(archives), interpreters_(interpreters), credentials_(std::move(credentials)) {}

Task<Result<Outcome>> WorkerPool::run(Function function, Job job, bool tail, bool may_wait) {
  if (stopping_) co_return service_exception("croft is stopping");
  if (is_refused(function, may_wait)) co_return reserved_concurrency_exceeded();
  std::string name = function.name;
  Lane& lane = lanes_[name];
  if (lane.waiting.size() >= host_.settings.waiting_max) co_return too_many_requests();
  Promise<Result<Outcome>> done;
  lane.waiting.push_back({std::move(function), std::move(job), tail, MonoTime::now(), done});
  pump(name);
  Result<Outcome> outcome = co_await done.wait();
  co_return outcome;
}

bool WorkerPool::is_refused(const Function& function, bool may_wait) const {
  if (!function.reserved_concurrency || (may_wait && *function.reserved_concurrency > 0)) return false;
  const auto reserved = static_cast<std::size_t>(*function.reserved_concurrency);
  const auto found = lanes_.find(function.name);
  if (found == lanes_.end()) return reserved == 0;
  // Those that have answered count no more: their callers may ask again before the worker does.
  const Lane& lane = found->second;
  return lane.workers - lane.idle.size() - settling(function.name) + lane.waiting.size() >= reserved;
}

// Gives the front of the line to idle workers, then to new ones while there is room.
void WorkerPool::pump(const std::string& name) {
  Lane& lane = lanes_[name];
  while (!lane.waiting.empty()) {
    if (stopping_) return refuse_waiting(lane);
    WorkerPtr worker = take_idle(lane, lane.waiting.front().function.generation);
    bool fresh = !worker;
    if (fresh && (settling(name) >= lane.waiting.size() || !has_room(lane, lane.waiting.front().function))) return;
    if (fresh) worker = new_worker(lane.waiting.front().function);
    Waiting waiting = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    host_.shard.spawn(fresh ? start_and_serve(worker, std::move(waiting)) : serve(worker, std::move(waiting)));
  }
}

// Workers that have answered and will ask for more in a moment: sooner than a new one could start.
std::size_t WorkerPool::settling(const std::string& name) const {
  return static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), [&](const auto& entry) {
    const auto& [worker, place] = entry.second;
    return place.lane == name && place.counted && worker->is_settling();
  }));
}

// When places are scarce the function whose front has waited longest comes first, so none is starved by a busy one.
void WorkerPool::pump_starving() {
  std::vector<std::pair<std::int64_t, std::string>> fronts;
  for (const auto& [name, lane] : lanes_) {
    if (!lane.waiting.empty()) fronts.emplace_back(lane.waiting.front().since.ms, name);
  }
  std::sort(fronts.begin(), fronts.end());
  for (const auto& [since, name] : fronts) pump(name);
}

WorkerPool::WorkerPtr WorkerPool::take_idle(Lane& lane, std::int64_t generation) {
  while (!lane.idle.empty()) {
    WorkerPtr worker = lane.idle.back();
    lane.idle.pop_back();
    if (worker->function().generation == generation) return worker;
    end(worker);
  }
  return nullptr;
}

bool WorkerPool::has_room(const Lane& lane, const Function& function) {
  std::size_t workers_max = host_.settings.workers_per_function_max;
  if (function.reserved_concurrency) {
    workers_max = std::min(workers_max, static_cast<std::size_t>(*function.reserved_concurrency));
  }
  if (lane.workers >= workers_max) return false;
  return counted_ < host_.settings.workers_max || end_longest_idle();
}

bool WorkerPool::end_longest_idle() {
  Lane* found = nullptr;
  for (auto& [name, lane] : lanes_) {
    if (lane.idle.empty()) continue;
    if (!found || lane.idle.front()->idle_since() < found->idle.front()->idle_since()) found = &lane;
  }
  if (!found) return false;
  WorkerPtr worker = found->idle.front();
  found->idle.pop_front();
  end(worker);
  return true;
}

WorkerPool::WorkerPtr WorkerPool::new_worker(const Function& function) {
  // The worker calls back only while all_ holds it.
  auto slot = std::make_shared<Worker*>(nullptr);
  Worker::Events events{.idle = [this, slot] { on_idle(*slot); }, .gone = [this, slot] { on_gone(*slot); }};
  auto worker = std::make_shared<Worker>(host_, function, std::move(events));
  *slot = worker.get();
  all_[worker.get()] = {worker, Place{.lane = function.name}};
  ++lanes_[function.name].workers;
  ++counted_;
  return worker;
}

Task<void> WorkerPool::start_and_serve(WorkerPtr worker, Waiting waiting) {
  Result<void> started = co_await start(worker);
  if (!started) {
    std::string name = worker->function().name;
    uncount(worker.get());
    all_.erase(worker.get());
    waiting.done.fulfil(started.error());
    pump_starving();
    co_return;
  }
  co_await serve(std::move(worker), std::move(waiting));
}

Task<Result<void>> WorkerPool::start(WorkerPtr worker) {
  const Function& function = worker->function();
  Result<std::string> folder = co_await archives_.unpacked(function.code_sha256);
  if (!folder) co_return folder.error();
  Result<Launch> launch = co_await interpreters_.find(function.runtime, *folder, function.memory_mb);
  if (!launch) co_return launch.error();
  if (stopping_) co_return service_exception("croft is stopping");
  Credentials credentials = credentials_(function.role, function.name);
  Result<void> started = co_await worker->start(std::move(*folder), std::move(*launch), std::move(credentials));
  co_return started;
}

Task<void> WorkerPool::serve(WorkerPtr worker, Waiting waiting) {
  if (!worker->is_alive()) {  // died while idle: the job has not been seen by anyone
    std::string name = waiting.function.name;
    lanes_[name].waiting.push_front(std::move(waiting));
    co_return pump(name);
  }
  Outcome outcome = co_await worker->run(std::move(waiting.job), waiting.tail);
  waiting.done.fulfil(std::move(outcome));
}

void WorkerPool::on_idle(Worker* worker) {
  auto found = all_.find(worker);
  if (found == all_.end()) return;
  Place& place = found->second.second;
  if (!place.counted) return;
  if (place.retired || stopping_) return end(found->second.first);
  lanes_[place.lane].idle.push_back(found->second.first);
  if (counted_ >= host_.settings.workers_max) {
    pump_starving();
  } else {
    pump(std::string(place.lane));
  }
}

void WorkerPool::on_gone(Worker* worker) {
  uncount(worker);
  all_.erase(worker);
  pump_starving();
}

void WorkerPool::uncount(Worker* worker) {
  auto found = all_.find(worker);
  if (found == all_.end() || !found->second.second.counted) return;
  Place& place = found->second.second;
  place.counted = false;
  --counted_;
  Lane& lane = lanes_[place.lane];
  --lane.workers;
  std::erase_if(lane.idle, [&](const WorkerPtr& other) { return other.get() == worker; });
  if (lane.workers == 0 && lane.waiting.empty()) lanes_.erase(place.lane);
}

void WorkerPool::end(const WorkerPtr& worker) {
  // Its place is free at once: the process dies within milliseconds.
  worker->end();
  uncount(worker.get());
}

void WorkerPool::retire(const std::string& function_name) {
  std::vector<WorkerPtr> idle;
  for (auto& [worker, entry] : all_) {
    if (entry.second.lane != function_name) continue;
    entry.second.retired = true;
    const std::deque<WorkerPtr>& all_idle = lanes_[function_name].idle;
    if (std::find(all_idle.begin(), all_idle.end(), entry.first) != all_idle.end()) idle.push_back(entry.first);
  }
  for (const WorkerPtr& worker : idle) end(worker);
  pump_starving();
}

void WorkerPool::end_idle(MonoTime now) {
  std::vector<WorkerPtr> old;
  std::int64_t idle_max_ms = host_.settings.idle_max / std::chrono::milliseconds(1);
  for (const auto& [name, lane] : lanes_) {
    for (const WorkerPtr& worker : lane.idle) {
      if (now.ms - worker->idle_since().ms >= idle_max_ms) old.push_back(worker);
    }
  }
  for (const WorkerPtr& worker : old) end(worker);
}

void WorkerPool::refuse_waiting(Lane& lane) {
  for (Waiting& waiting : lane.waiting) waiting.done.fulfil(service_exception("croft is stopping"));
  lane.waiting.clear();
}

Task<void> WorkerPool::stop() {
  stopping_ = true;
  for (auto& [name, lane] : lanes_) refuse_waiting(lane);
  std::vector<WorkerPtr> all;
  for (auto& [worker, entry] : all_) all.push_back(entry.first);
  for (const WorkerPtr& worker : all) worker->end();
  all.clear();
  while (!all_.empty()) co_await sleep_for(std::chrono::milliseconds(5));
}

WorkerPool::Counts WorkerPool::counts(const std::string& function_name) const {
  const auto found = lanes_.find(function_name);
  if (found == lanes_.end()) return {};
  return {.workers = found->second.workers, .idle = found->second.idle.size(), .waiting = found->second.waiting.size()};
}

WorkerPool::Counts WorkerPool::counts() const {
  Counts out{.workers = counted_};
  for (const auto& [name, lane] : lanes_) {
    out.idle += lane.idle.size();
    out.waiting += lane.waiting.size();
  }
  return out;
}

}  // namespace croft::lambda
