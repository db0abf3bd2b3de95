#include "device/fleet.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <random>

#include "device/limits.h"
#include "device/mqtt_client.h"

namespace croft::device {

namespace {

double steady_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void allow_many_descriptors() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

// One life of a device. A device that leaves and comes back at once has two for a moment.
struct Life {
  explicit Life(Shard& shard) : client(shard) {}
  MqttClient client;
  bool leaving = false;  // its end is its own wish
};
using LifePtr = std::shared_ptr<Life>;

// Threads: its shard.
class Fleet {
 public:
  Fleet(Shard& shard, const FleetSettings& settings, const volatile bool& stop)
      : shard_(shard), settings_(settings), stop_(stop), devices_(settings.devices), random_(1) {}

  Task<void> run(std::promise<FleetReport>& done);

 private:
  Task<void> live(std::size_t index);
  Task<void> receive(LifePtr life);
  Task<void> watch_deadlines();
  Task<void> connect_all();
  Task<void> hold_and_churn(double until_ms);
  Task<void> leave_all();
  void churn_one();
  void leave(Life& life, bool abrupt);
  Task<void> settle();
  bool is_over() const { return stop_ || steady_ms() >= end_ms_; }
  FleetReport report(double began_ms);

  Shard& shard_;
  const FleetSettings& settings_;
  const volatile bool& stop_;
  std::vector<LifePtr> devices_;  // null: not there
  std::mt19937_64 random_;
  std::vector<double> latencies_ms_;
  FleetReport counts_;
  std::size_t alive_ = 0;  // coroutines of devices
  bool watching_ = true;
  bool watcher_alive_ = false;
  double end_ms_ = INFINITY;
};

Task<void> Fleet::live(std::size_t index) {
  auto life = std::make_shared<Life>(shard_);
  devices_[index] = life;
  mqtt::Connect packet;
  packet.client_id = settings_.prefix + std::to_string(index);
  packet.keep_alive_s = settings_.keep_alive_s;
  Target target{settings_.host, settings_.port, settings_.tls};
  const double began_ms = steady_ms();
  auto connected = co_await life->client.connect(std::move(target), std::move(packet), limits::connect_max);
  if (connected) {
    latencies_ms_.push_back(steady_ms() - began_ms);
    ++counts_.connects;
    co_await receive(life);
  } else if (!life->leaving) {
    ++counts_.failures;
    counts_.last_failure = connected.error().message;
  }
  if (devices_[index] == life) devices_[index].reset();
  --alive_;
}

Task<void> Fleet::receive(LifePtr life) {
  for (;;) {
    auto packet = co_await life->client.receive();
    if (packet) continue;
    if (!life->leaving) {
      ++counts_.drops;
      counts_.last_failure = packet.error().message;
    }
    co_return;
  }
}

Task<void> Fleet::watch_deadlines() {
  watcher_alive_ = true;
  while (watching_) {
    co_await sleep_for(limits::tick);
    const MonoTime now = MonoTime::now();
    for (const LifePtr& life : devices_) {
      if (life) life->client.tick(now);
    }
  }
  watcher_alive_ = false;
}

// Attempts begin evenly over time, whatever became of the earlier ones.
Task<void> Fleet::connect_all() {
  const double began_ms = steady_ms();
  for (std::size_t next = 0; next < devices_.size() && !is_over();) {
    const double due =
        std::min((steady_ms() - began_ms) * settings_.connect_rate / 1000 + 1, static_cast<double>(devices_.size()));
    for (; static_cast<double>(next) < std::floor(due); ++next) {
      ++alive_;
      shard_.spawn(live(next));
    }
    co_await sleep_for(std::chrono::milliseconds(2));
  }
  const double patience_ms = steady_ms() + static_cast<double>(2 * limits::connect_max.count());
  while (counts_.connects + counts_.failures < devices_.size() && !is_over() && steady_ms() < patience_ms) {
    co_await sleep_for(std::chrono::milliseconds(5));
  }
}

Task<void> Fleet::hold_and_churn(double until_ms) {
  const double began_ms = steady_ms();
  double churned = 0;
  while (!is_over() && steady_ms() < until_ms) {
    const double due = (steady_ms() - began_ms) * settings_.churn_rate / 1000;
    for (; churned + 1 <= due; ++churned) churn_one();
    co_await sleep_for(std::chrono::milliseconds(5));
  }
}

// One device goes and comes back at once, as a new connection.
void Fleet::churn_one() {
  const std::size_t index = random_() % devices_.size();
  const LifePtr life = devices_[index];
  if (life && !life->client.is_connected()) return;
  if (life) leave(*life, std::uniform_real_distribution<double>(0, 1)(random_) < settings_.abrupt_share);
  ++alive_;
  shard_.spawn(live(index));
}

void Fleet::leave(Life& life, bool abrupt) {
  life.leaving = true;
  if (!life.client.is_connected()) return life.client.abort();
  ++(abrupt ? counts_.leaves_abrupt : counts_.leaves_clean);
  if (abrupt)
    life.client.abort();
  else
    life.client.disconnect();
}

// Lets those that are on their way arrive, so that the report does not count them as missing.
Task<void> Fleet::settle() {
  const double patience_ms = steady_ms() + static_cast<double>(limits::connect_max.count());
  const auto is_on_its_way = [](const LifePtr& life) { return life && !life->client.is_connected(); };
  while (std::any_of(devices_.begin(), devices_.end(), is_on_its_way) && !stop_ && steady_ms() < patience_ms) {
    co_await sleep_for(std::chrono::milliseconds(5));
  }
}

Task<void> Fleet::leave_all() {
  std::size_t index = 0;
  for (const LifePtr& life : devices_) {
    if (life) leave(*life, false);
    if (++index % 1000 == 0) co_await sleep_for(std::chrono::milliseconds(1));
  }
  const double patience_ms = steady_ms() + static_cast<double>(limits::connect_max.count());
  while (alive_ > 0 && steady_ms() < patience_ms) co_await sleep_for(std::chrono::milliseconds(5));
  watching_ = false;
  while (watcher_alive_) co_await sleep_for(std::chrono::milliseconds(5));
}

FleetReport Fleet::report(double began_ms) {
  FleetReport report = counts_;
  report.devices = devices_.size();
  report.seconds = (steady_ms() - began_ms) / 1000;
  std::sort(latencies_ms_.begin(), latencies_ms_.end());
  report.connect_p50_ms = percentile(latencies_ms_, 0.50);
  report.connect_p99_ms = percentile(latencies_ms_, 0.99);
  report.connect_max_ms = percentile(latencies_ms_, 1.0);
  for (const LifePtr& life : devices_) report.connected_at_end += life && life->client.is_connected() ? 1 : 0;
  return report;
}

Task<void> Fleet::run(std::promise<FleetReport>& done) {
  const double began_ms = steady_ms();
  if (settings_.duration_s > 0) end_ms_ = began_ms + settings_.duration_s * 1000;
  shard_.spawn(watch_deadlines());
  co_await connect_all();
  const double until_ms = settings_.duration_s > 0 ? end_ms_ : steady_ms() + settings_.hold_s * 1000;
  co_await hold_and_churn(until_ms);
  co_await settle();
  FleetReport result = report(began_ms);
  co_await leave_all();
  done.set_value(std::move(result));
}

}  // namespace

double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(index, sorted.size() - 1)];
}

FleetReport run_fleet(const FleetSettings& settings, const volatile bool& stop) {
  allow_many_descriptors();
  std::promise<FleetReport> done;
  Shard shard(0, "fleet");
  Fleet fleet(shard, settings, stop);
  shard.spawn(fleet.run(done));
  shard.start();
  FleetReport report = done.get_future().get();
  shard.stop();
  return report;
}

}  // namespace croft::device
