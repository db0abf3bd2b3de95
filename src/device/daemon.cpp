#include "device/daemon.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <random>

#include "device/agent.h"
#include "device/layout.h"
#include "device/limits.h"
#include "device/pid_file.h"
#include "device/status.h"
#include "text/json.h"

namespace croft::device {

namespace {

Error configuration_error(const std::string& what) {
  return {"ConfigurationError", what};
}

Result<std::shared_ptr<net::TlsContext>> tls_for(const DeviceConfig& config) {
  net::TlsContext::Client settings;
  for (auto [path, into] : {std::pair{&config.ca_path, &settings.ca_pem},
                            {&config.certificate_path, &settings.certificate_pem},
                            {&config.key_path, &settings.key_pem}}) {
    auto text = read_file(*path, limits::pem_bytes_max);
    if (!text) return configuration_error(text.error().message);
    if (text->empty()) return configuration_error(*path + " is empty");
    *into = std::move(*text);
  }
  settings.server_name = config.host;
  if (config.port == 443) settings.alpn = {"x-amzn-mqtt-ca"};
  auto tls = net::TlsContext::client(std::move(settings));
  if (!tls) return configuration_error(tls.error().message);
  return *tls;
}

sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGUSR1, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

// Returns when the daemon is asked to stop: whether it should say DISCONNECT.
bool wait_for_stop(const sigset_t& signals, RuntimeLog& log) {
  for (;;) {
    int signal = 0;
    if (::sigwait(&signals, &signal) != 0) continue;
    if (signal == SIGHUP)
      log.reopen();
    else
      return signal == SIGUSR1;
  }
}

void tell(int ready_file, const std::string& line) {
  if (ready_file < 0) return;
  const std::string text = line + '\n';
  (void)!::write(ready_file, text.data(), text.size());
  ::close(ready_file);
}

void log_start(const DeviceConfig& config, RuntimeLog& log) {
  log.info(std::string("Greengrass Version: ") + std::string(core_version));
  log.info("Greengrass Root: " + config.root);
  log.info("Greengrass Write Directory: " + config.write_folder);
  log.info("Connecting to " + config.host + ":" + std::to_string(config.port) + " as " + config.client_id);
  for (const std::string& warning : config.warnings) log.warn(warning);
}

Task<void> run_agent(Agent& agent, std::promise<void>& ended) {
  co_await agent.run();
  ended.set_value();
}

// From here on the process is a daemon with a thread.
void live(const Prepared& prepared, RuntimeLog& log, const sigset_t& signals, int ready_file) {
  constexpr std::chrono::seconds farewell_max{2};
  std::mt19937_64 generator{std::random_device{}()};
  const Backoff::Random random = [&generator] { return std::uniform_real_distribution<double>(0, 1)(generator); };
  const std::string state_file = prepared.config.state_folder() + "/connection.json";
  std::promise<void> ended;
  std::future<void> end = ended.get_future();
  Shard shard(0, "agent");
  Agent agent(
      shard, prepared.config, prepared.tls, log, [&](const LinkState& s) { write_link_state(state_file, s); },
      random);
  shard.spawn(run_agent(agent, ended));
  shard.start();
  tell(ready_file, "ready");

  const bool clean = wait_for_stop(signals, log) || prepared.config.clean_disconnect_on_stop;
  log.info(clean ? "Stopping with DISCONNECT" : "Stopping");
  shard.post([&agent, clean] { agent.stop(clean); });
  end.wait_for(farewell_max);
  shard.stop();
}

}  // namespace

Result<Prepared> prepare(const std::string& root) {
  auto config = read_config(root);
  if (!config) return config.error();
  auto tls = tls_for(*config);
  if (!tls) return tls.error();
  for (const std::string& folder : {config->log_folder() + "/system", config->state_folder(), config->pid_folder}) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure) return Error{"FileUnwritable", "cannot create " + folder + ": " + failure.message()};
  }
  return Prepared{std::move(*config), std::move(*tls)};
}

int run_daemon(const std::string& root, int ready_file, bool foreground) {
  ::umask(0022);
  const sigset_t signals = awaited_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  auto prepared = prepare(root);
  if (!prepared) {
    tell(ready_file, prepared.error().message);
    if (foreground) std::fprintf(stderr, "croft: %s\n", prepared.error().message.c_str());
    return prepared.error().code == "ConfigurationError" ? exit_configuration : 1;
  }
  auto pid_file = PidFile::take(prepared->config.pid_file());
  if (!pid_file) {
    const Error& error = pid_file.error();
    const bool running = error.code == "AlreadyRunning";
    const std::string line =
        running ? "Greengrass daemon is already running with PID: " + error.details : error.message;
    tell(ready_file, line);
    if (foreground) std::fprintf(stderr, "%s\n", line.c_str());
    return running ? 0 : 1;
  }
  RuntimeLog log(prepared->config.log_folder() + "/system/runtime.log", foreground, limits::log_bytes_max);
  log_start(prepared->config, log);
  live(*prepared, log, signals, ready_file);
  log.info("Stopped");
  return 0;
}

}  // namespace croft::device
