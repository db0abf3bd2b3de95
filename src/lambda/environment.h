#pragma once

#include <string>
#include <vector>

#include "lambda/function.h"
#include "lambda/settings.h"

namespace croft::lambda {

// Where one worker lives.
struct WorkerPlace {
  std::string code_folder;
  std::string runtime_folder;
  std::string temporary_folder;
  std::string log_stream;
  std::string runtime_api;  // "127.0.0.1:PORT"
};

// "2026/11/22/[$LATEST]<32 hex>"
std::string new_log_stream(Timestamp now);

// The whole environment of a worker, NAME=value: Lambda's variables, then the owner's own. Nothing of croft's.
// Source: Lambda Developer Guide, "Defined runtime environment variables".
std::vector<std::string> worker_environment(const Function& function, const Settings& settings,
                                            const Credentials& credentials, const WorkerPlace& place);

}  // namespace croft::lambda
