#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "types/instance.h"

namespace croft::lambda {

// What a function's code signs its requests with.
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
};

// Fresh credentials for a function that runs as `role_arn`. Called on the API shard each time a worker starts.
using CredentialsSource = std::function<Credentials(const std::string& role_arn, const std::string& function_name)>;

struct Settings {
  Instance instance;
  std::string data_path;     // closed to functions, but for their own code and temporary folder; "" = nothing is
  std::string endpoint_url;  // what functions find in AWS_ENDPOINT_URL; "" = not set
  std::string python;        // the interpreter of python3.x functions; "" = looked for on PATH
  std::string node;          // the same for nodejs*.x
  std::size_t workers_per_function_max = 2 * std::max(1U, std::thread::hardware_concurrency());
  std::size_t workers_max = 8 * std::max(1U, std::thread::hardware_concurrency());
  std::chrono::seconds idle_max{300};
  // AWS gives 10 s; small machines need longer for the same imports.
  std::chrono::seconds init_max{30};
  // Waits before the repeats of a failed asynchronous invocation; as many repeats as delays. AWS waits minutes.
  std::vector<std::chrono::milliseconds> retry_delays{std::chrono::seconds(1), std::chrono::seconds(2)};
  // A throttled asynchronous invocation is not a failed one: it is tried again this often for as long as AWS keeps an
  // event. Source: Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation".
  std::chrono::milliseconds throttle_delay{1000};
  std::chrono::hours event_age_max{6};
  std::size_t waiting_max = 10'000;  // invocations of one function in line; more are refused as throttled
};

}  // namespace croft::lambda
