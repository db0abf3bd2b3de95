// Up to ten entries at once; an entry that is refused fails alone.
#include <algorithm>
#include <set>

#include "services/sqs/input.h"
#include "services/sqs/messages.h"
#include "services/sqs/operations.h"
#include "sqs/errors.h"
#include "sqs/limits.h"
#include "sqs/message_rules.h"

namespace croft::services::sqs {

using namespace croft::sqs;

namespace {

bool is_entry_id(std::string_view id) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !id.empty() && id.size() <= limits::batch_id_characters_max &&
         id.find_first_not_of(allowed) == std::string_view::npos;
}

// The entries, after the rules for all of them.
std::vector<const json::object*> read_entries(const json::object& input, const std::string& operation) {
  std::vector<const json::object*> entries;
  const json::array& list = list_member(input, "Entries");
  if (list.empty())
    refuse({"EmptyBatchRequest", "There should be at least one " + operation + "RequestEntry in the request.", 400});
  if (list.size() > limits::batch_entries_max)
    refuse({"TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10. You have sent " + std::to_string(list.size()) + ".", 400});
  std::set<std::string> ids;
  for (const json::value& entry : list) {
    if (!entry.is_object()) refuse({"SerializationException", "An entry must be a structure", 400});
    const std::string id = text_member(entry.get_object(), "Id");
    if (!is_entry_id(id))
      refuse({"InvalidBatchEntryId",
              "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most "
              "80 letters long.",
              400});
    if (!ids.insert(id).second) refuse({"BatchEntryIdsNotDistinct", "Id " + id + " repeated.", 400});
    entries.push_back(&entry.get_object());
  }
  return entries;
}

// The result of a batch, with what came of each entry. Both lists are there only when something is in them.
struct Outcome {
  json::array successful, failed;

  void fail(const json::object& entry, const Error& error) {
    const auto row = std::find_if(query_errors().begin(), query_errors().end(),
                                  [&](const auto& e) { return e.code == error.code; });
    failed.push_back(json::object{{"Id", text_member(entry, "Id")},
                                  {"SenderFault", error.http_status < 500},
                                  {"Code", row == query_errors().end() ? error.code : row->query_code},
                                  {"Message", error.message}});
  }
  void succeed(const json::object& entry, json::object result = {}) {
    result["Id"] = text_member(entry, "Id");
    successful.push_back(std::move(result));
  }
  gateway::Reply reply() {
    gateway::Reply reply;
    if (!successful.empty()) reply.output["Successful"] = std::move(successful);
    if (!failed.empty()) reply.output["Failed"] = std::move(failed);
    return reply;
  }
};

Outcome outcome_of(const std::vector<const json::object*>& entries, const std::vector<Result<void>>& results) {
  Outcome outcome;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (results[i])
      outcome.succeed(*entries[i]);
    else
      outcome.fail(*entries[i], results[i].error());
  }
  return outcome;
}

// A FIFO queue's ids are missed by the whole request, with another code than SendMessage's. Source: recorded answers
// of AWS.
void check_fifo_ids(const std::vector<Outgoing>& messages, const QueueSettings& settings) {
  if (!settings.fifo) return;
  for (const Outgoing& outgoing : messages) {
    if (outgoing.message.group_id.empty()) refuse(invalid_parameter(missing_parameter("MessageGroupId").message));
    if (outgoing.message.deduplication_id.empty() && !settings.content_deduplication)
      refuse(
          invalid_parameter("The queue should either have ContentBasedDeduplication enabled or "
                            "MessageDeduplicationId provided explicitly"));
  }
}

void check_total(const std::vector<Outgoing>& messages, const QueueSettings& settings) {
  const std::int64_t most = std::max(limits::message_bytes_default, settings.message_bytes);
  std::int64_t total = 0;
  for (const Outgoing& outgoing : messages) total += static_cast<std::int64_t>(size_of(outgoing.message));
  if (total > most)
    refuse({"BatchRequestTooLong",
            "Batch requests cannot be longer than " + std::to_string(most) + " bytes. You have sent " +
                std::to_string(total) + " bytes.",
            400});
}

Result<void> check(Outgoing& outgoing, const QueueSettings& settings) {
  if (auto checked = check_content(outgoing.message); !checked) return checked.error();
  return check_for_queue(outgoing.message, outgoing.delay_s, settings);
}

}  // namespace

Task<gateway::Reply> Operations::send_message_batch(Call& call) {
  const QueueDefinition& to = queue(call);
  std::string name = to.name;
  const QueueSettings settings = to.settings();
  const auto entries = read_entries(call.input, "SendMessageBatch");
  std::vector<Outgoing> messages;
  for (const json::object* entry : entries) messages.push_back(read_message(*entry, sender_of(call, instance())));
  check_fifo_ids(messages, settings);
  check_total(messages, settings);
  Outcome outcome;
  std::vector<Outgoing> accepted;
  std::vector<const json::object*> accepted_entries;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (auto checked = check(messages[i], settings); !checked) {
      outcome.fail(*entries[i], checked.error());
      continue;
    }
    accepted.push_back(std::move(messages[i]));
    accepted_entries.push_back(entries[i]);
  }
  std::vector<Outgoing> to_send = accepted;
  const Result<std::vector<Sent>> sent = co_await queues_.send(std::move(name), std::move(to_send));
  for (std::size_t i = 0; i < accepted.size(); ++i)
    outcome.succeed(*accepted_entries[i], sent_reply(accepted[i].message, sent.value()[i], settings.fifo));
  co_return outcome.reply();
}

Task<gateway::Reply> Operations::delete_message_batch(Call& call) {
  std::string name = queue(call).name;
  const auto entries = read_entries(call.input, "DeleteMessageBatch");
  std::vector<std::string> handles;
  for (const json::object* entry : entries) handles.push_back(text_member(*entry, "ReceiptHandle"));
  const Result<std::vector<Result<void>>> results = co_await queues_.erase(std::move(name), std::move(handles));
  co_return outcome_of(entries, results.value()).reply();
}

Task<gateway::Reply> Operations::change_message_visibility_batch(Call& call) {
  std::string name = queue(call).name;
  const auto entries = read_entries(call.input, "ChangeMessageVisibilityBatch");
  Outcome outcome;
  std::vector<Queue::Visibility> changes;
  std::vector<const json::object*> changed;
  for (const json::object* entry : entries) {
    const std::int64_t seconds = integer_member(*entry, "VisibilityTimeout").value_or(-1);
    if (seconds < 0 || seconds > limits::visibility_s_max) {
      const std::string shown = entry->contains("VisibilityTimeout") ? std::to_string(seconds) : "null";
      outcome.fail(*entry, invalid_value(shown, "VisibilityTimeout",
                                         "VisibilityTimeout must be an integer between 0 and 43200."));
      continue;
    }
    changes.push_back({text_member(*entry, "ReceiptHandle"), seconds});
    changed.push_back(entry);
  }
  const Result<std::vector<Result<void>>> results =
      co_await queues_.change_visibility(std::move(name), std::move(changes));
  Outcome done = outcome_of(changed, results.value());
  for (json::value& failure : outcome.failed) done.failed.push_back(std::move(failure));
  co_return done.reply();
}

}  // namespace croft::services::sqs
