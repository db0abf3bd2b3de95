#include "app/serve.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdio>

#include "app/app.h"
#include "observe/log.h"

namespace croft::app {

namespace {

// Signals wait for sigwait() below; threads made later inherit the mask.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return set;
}

// A connection is a descriptor: take as many as the system gives.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int refuse(const Error& error) {
  std::fprintf(stderr, "croft: %s\n", error.message.c_str());
  return 2;
}

void print_ready(const Endpoints& endpoints) {
  std::string line = "croft is ready:";
  const std::pair<const char*, const std::string*> parts[] = {
      {" gateway ", &endpoints.gateway}, {" gateway-tls ", &endpoints.gateway_tls}, {" mqtt ", &endpoints.mqtt},
      {" mqtts ", &endpoints.mqtts},     {" device ", &endpoints.device},           {" https ", &endpoints.https}};
  for (const auto& [label, value] : parts)
    if (!value->empty()) line += label + *value;
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace

int serve(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument != "--help" && argument != "-h") continue;
    std::printf("croft serve [options]: runs the broker, the rules, the functions and the tables\n\n%s", config_help().c_str());
    return 0;
  }
  auto config = read_config(arguments);
  if (!config) return refuse(config.error());
  log::start(log::level_from(config->log_level));
  const sigset_t signals = block_signals();
  raise_descriptor_limit();
  auto app = App::start(std::move(*config));
  if (!app) return refuse(app.error());
  print_ready((*app)->endpoints());
  int signal = 0;
  do {
    sigwait(&signals, &signal);
  } while (signal == SIGHUP);
  std::printf("croft is stopping\n");
  std::fflush(stdout);
  return 0;
}

}  // namespace croft::app
