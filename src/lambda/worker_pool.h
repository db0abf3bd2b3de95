#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "lambda/code_archives.h"
#include "lambda/worker.h"

namespace croft::lambda {

// All workers. Invocations of a function wait in line; the idle worker used last is used first, so that few stay
// warm; an idle one is ended after Settings::idle_max, or earlier when another function needs its place.
//
// Threads: the API shard.
class WorkerPool {
 public:
  WorkerPool(WorkerHost& host, CodeArchives& archives, Interpreters& interpreters, CredentialsSource credentials);

  // Waits for a worker of that very version of the function, runs the job. TooManyRequestsException when too many
  // wait already, ServiceException or InvalidRuntimeException when no worker can be started. Beyond the function's
  // reserved concurrency a job waits in line if it `may_wait`, else it is refused, as all are when that is 0.
  Task<Result<Outcome>> run(Function function, Job job, bool tail, bool may_wait);

  // The function was changed or deleted: idle workers end now, busy ones after their invocation.
  void retire(const std::string& function_name);
  // Ends those that were idle too long; call it now and then.
  void end_idle(MonoTime now);

  // Refuses what waits, kills every worker and waits until all are reaped.
  Task<void> stop();

  struct Counts {
    std::size_t workers = 0;
    std::size_t idle = 0;
    std::size_t waiting = 0;
  };
  Counts counts() const;
  Counts counts(const std::string& function_name) const;

 private:
  using WorkerPtr = std::shared_ptr<Worker>;
  struct Waiting {
    Function function;
    Job job;
    bool tail = false;
    MonoTime since;
    Promise<Result<Outcome>> done;
  };
  struct Lane {  // one function
    std::deque<Waiting> waiting;
    std::deque<WorkerPtr> idle;  // used last at the back
    std::size_t workers = 0;     // all that count against the limits
  };
  struct Place {  // of one worker
    std::string lane;
    bool counted = true;
    bool retired = false;
  };

  void pump(const std::string& name);
  void pump_starving();
  std::size_t settling(const std::string& name) const;
  WorkerPtr take_idle(Lane& lane, std::int64_t generation);
  bool is_refused(const Function& function, bool may_wait) const;
  bool has_room(const Lane& lane, const Function& function);
  bool end_longest_idle();
  WorkerPtr new_worker(const Function& function);
  Task<void> start_and_serve(WorkerPtr worker, Waiting waiting);
  Task<Result<void>> start(WorkerPtr worker);
  Task<void> serve(WorkerPtr worker, Waiting waiting);
  void on_idle(Worker* worker);
  void on_gone(Worker* worker);
  void uncount(Worker* worker);
  void end(const WorkerPtr& worker);
  void refuse_waiting(Lane& lane);

  WorkerHost& host_;
  CodeArchives& archives_;
  Interpreters& interpreters_;
  CredentialsSource credentials_;
  std::map<std::string, Lane> lanes_;
  std::map<Worker*, std::pair<WorkerPtr, Place>> all_;
  std::size_t counted_ = 0;
  bool stopping_ = false;
};

}  // namespace croft::lambda
