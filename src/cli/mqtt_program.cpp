#include "cli/mqtt_program.h"

#include <signal.h>

#include <future>

#include "cli/terminal.h"
#include "device/limits.h"

namespace croft::cli {

namespace {

constexpr std::uint16_t keep_alive_s = 60;

// A connection and the command that uses it. Threads: its shard; `stopping` any.
struct Program {
  Shard shard{0, "mqtt"};
  device::MqttClient client{shard};
  std::atomic<bool> stopping = false;
  bool over = false;
  std::promise<int> code;

  Task<void> run(device::Target target, std::string client_id, const MqttBody& body) {
    mqtt::Connect packet;
    packet.client_id = std::move(client_id);
    packet.keep_alive_s = keep_alive_s;
    shard.spawn(watch_deadlines());
    auto connected = co_await client.connect(std::move(target), std::move(packet), device::limits::connect_max);
    int result = 1;
    if (!connected)
      fail(connected.error());
    else if (!stopping)
      result = co_await body(client, stopping);
    if (client.is_connected()) client.disconnect();
    over = true;
    code.set_value(result);
  }

  Task<void> watch_deadlines() {
    while (!over) {
      client.tick(MonoTime::now());
      co_await sleep_for(device::limits::tick);
    }
  }
};

// Ctrl-C is waited for here, on the main thread, which has nothing else to do.
int wait_for_end(Program& program, const sigset_t& signals) {
  std::future<int> end = program.code.get_future();
  constexpr timespec look{0, 20'000'000};
  while (end.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    if (::sigtimedwait(&signals, nullptr, &look) <= 0) continue;
    program.stopping = true;
    program.shard.post([&program] { program.client.disconnect(); });
  }
  program.shard.stop();
  return end.get();
}

}  // namespace

int run_mqtt(const MqttOptions& options, const MqttBody& body) {
  auto target = find_target(options);
  if (!target) return fail(target.error());
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  auto program = std::make_unique<Program>();
  program->shard.spawn(program->run(std::move(*target), client_id_of(options), body));
  program->shard.start();
  return wait_for_end(*program, signals);
}

}  // namespace croft::cli
