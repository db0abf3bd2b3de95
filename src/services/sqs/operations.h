#pragma once

#include "gateway/service.h"
#include "sqs/queues.h"

namespace croft::services::sqs {

// SQS's operations on Queues. Threads: the queues' shard.
class Operations {
 public:
  using Call = gateway::Call;
  using Reply = gateway::Reply;

  Operations(croft::sqs::Queues& queues, std::string gateway_url)
      : queues_(queues), gateway_url_(std::move(gateway_url)) {}

  // queue_operations.cpp
  Task<Reply> create_queue(Call& call);
  Task<Reply> get_queue_url(Call& call);
  Task<Reply> list_queues(Call& call);
  Task<Reply> delete_queue(Call& call);
  Task<Reply> purge_queue(Call& call);
  Task<Reply> get_queue_attributes(Call& call);
  Task<Reply> set_queue_attributes(Call& call);
  Task<Reply> tag_queue(Call& call);
  Task<Reply> untag_queue(Call& call);
  Task<Reply> list_queue_tags(Call& call);
  Task<Reply> list_dead_letter_source_queues(Call& call);
  // permissions.cpp
  Task<Reply> add_permission(Call& call);
  Task<Reply> remove_permission(Call& call);
  // message_operations.cpp
  Task<Reply> send_message(Call& call);
  Task<Reply> receive_message(Call& call);
  Task<Reply> delete_message(Call& call);
  Task<Reply> change_message_visibility(Call& call);
  // batch_operations.cpp
  Task<Reply> send_message_batch(Call& call);
  Task<Reply> delete_message_batch(Call& call);
  Task<Reply> change_message_visibility_batch(Call& call);
  // move_operations.cpp
  Task<Reply> start_message_move_task(Call& call);
  Task<Reply> list_message_move_tasks(Call& call);
  Task<Reply> cancel_message_move_task(Call& call);

 private:
  const Instance& instance() const { return queues_.instance(); }
  // The queue that the call names, or QueueDoesNotExist.
  const croft::sqs::QueueDefinition& queue(const Call& call) const;
  std::string url(const Call& call, const std::string& name) const;

  croft::sqs::Queues& queues_;
  const std::string gateway_url_;
};

// How the query protocol names errors, which is also what entries of a batch carry.
const std::vector<gateway::QueryError>& query_errors();

}  // namespace croft::services::sqs
