// Queues: making, naming, describing and removing them.
#include "gateway/request_origin.h"
#include "services/sqs/input.h"
#include "services/sqs/operations.h"
#include "sqs/errors.h"
#include "sqs/limits.h"

namespace croft::services::sqs {

using namespace croft::sqs;

namespace {

json::object members_of(const Attributes& attributes) {
  json::object members;
  for (const auto& [name, value] : attributes) members[name] = value;
  return members;
}

// What "All" and names choose from: attributes with a value.
Attributes described(const QueueDefinition& queue, const Counts& counts, const Instance& instance) {
  Attributes all = {{"QueueArn", instance.arn("sqs", queue.name)},
                    {"ApproximateNumberOfMessages", std::to_string(counts.visible)},
                    {"ApproximateNumberOfMessagesNotVisible", std::to_string(counts.in_flight)},
                    {"ApproximateNumberOfMessagesDelayed", std::to_string(counts.delayed)},
                    {"CreatedTimestamp", std::to_string(queue.created_ms / 1'000)},
                    {"LastModifiedTimestamp", std::to_string(queue.modified_ms / 1'000)}};
  for (const std::string& name : settable_attributes())
    if (auto value = queue.attribute(name)) all.emplace(name, std::move(*value));
  return all;
}

// A page of names; one more than the page holds was asked for.
json::object page_of_urls(const char* member, std::vector<std::string> names, const Page& page,
                          const std::function<std::string(const std::string&)>& url) {
  json::object output;
  const std::size_t limit = page.limit.value_or(limits::list_page_max);
  const bool is_cut = names.size() > limit;
  if (is_cut) names.resize(limit);
  json::array urls;
  for (const std::string& name : names) urls.emplace_back(url(name));
  if (!urls.empty()) output[member] = std::move(urls);
  if (is_cut && page.limit) output["NextToken"] = page_token(names.back());
  return output;
}

gateway::Reply replied(json::object output) {
  gateway::Reply reply;
  reply.output = std::move(output);
  return reply;
}

}  // namespace

const QueueDefinition& Operations::queue(const Call& call) const {
  const QueueDefinition* found = queues_.find(queue_in(call, instance()));
  if (!found) refuse(queue_does_not_exist());
  return *found;
}

std::string Operations::url(const Call& call, const std::string& name) const {
  return gateway::origin_of(call.http, gateway_url_) + "/" + instance().account_id + "/" + name;
}

Task<gateway::Reply> Operations::create_queue(Call& call) {
  const std::string name = required_text(call.input, "QueueName");
  Attributes attributes = text_map(call.input, "Attributes");
  Attributes tags =
      text_map(call.input, call.input.contains("Tags") ? "Tags" : "tags");  // JSON's model has the small one
  const Result<void> made = co_await queues_.create(name, std::move(attributes), std::move(tags));
  made.value();
  co_return replied({{"QueueUrl", url(call, name)}});
}

Task<gateway::Reply> Operations::get_queue_url(Call& call) {
  const std::string name = required_text(call.input, "QueueName");
  const std::string owner = text_member(call.input, "QueueOwnerAWSAccountId");
  if ((!owner.empty() && owner != instance().account_id) || !queues_.find(name)) refuse(queue_does_not_exist());
  co_return replied({{"QueueUrl", url(call, name)}});
}

Task<gateway::Reply> Operations::list_queues(Call& call) {
  const Page page = read_page(call.input);
  const std::string prefix = text_member(call.input, "QueueNamePrefix");
  std::vector<std::string> names = queues_.names(prefix, page.after, page.limit.value_or(limits::list_page_max) + 1);
  co_return replied(
      page_of_urls("QueueUrls", std::move(names), page, [&](const std::string& name) { return url(call, name); }));
}

Task<gateway::Reply> Operations::list_dead_letter_source_queues(Call& call) {
  const Page page = read_page(call.input);
  const std::string name = queue(call).name;
  std::vector<std::string> names =
      queues_.dead_letter_sources(name, page.after, page.limit.value_or(limits::list_page_max) + 1);
  co_return replied(page_of_urls("queueUrls", std::move(names), page,
                                 [&](const std::string& source) { return url(call, source); }));
}

Task<gateway::Reply> Operations::delete_queue(Call& call) {
  std::string name = queue(call).name;
  const Result<void> removed = co_await queues_.remove(std::move(name));
  removed.value();
  co_return Reply();
}

Task<gateway::Reply> Operations::purge_queue(Call& call) {
  std::string name = queue(call).name;
  const Result<void> purged = co_await queues_.purge(std::move(name));
  purged.value();
  co_return Reply();
}

Task<gateway::Reply> Operations::get_queue_attributes(Call& call) {
  const QueueDefinition& of = queue(call);
  const Attributes all = described(of, queues_.counts(of.name).value(), instance());
  json::object chosen;
  for (const std::string& name : text_list(call.input, "AttributeNames")) {
    if (name == "All") {
      chosen = members_of(all);
      continue;
    }
    if (!is_attribute_name(name)) refuse(unknown_attribute(name));
    if (const auto found = all.find(name); found != all.end()) chosen[name] = found->second;
  }
  co_return chosen.empty() ? Reply() : replied({{"Attributes", std::move(chosen)}});
}

Task<gateway::Reply> Operations::set_queue_attributes(Call& call) {
  std::string name = queue(call).name;
  Attributes changes = text_map(call.input, "Attributes");
  if (changes.empty()) refuse(missing_parameter("Attribute.Name"));
  const Result<void> set = co_await queues_.set_attributes(std::move(name), std::move(changes));
  set.value();
  co_return Reply();
}

Task<gateway::Reply> Operations::tag_queue(Call& call) {
  std::string name = queue(call).name;
  Attributes tags = text_map(call.input, "Tags");
  if (tags.empty()) refuse(missing_parameter("Tags"));
  const Result<void> tagged = co_await queues_.tag(std::move(name), std::move(tags));
  tagged.value();
  co_return Reply();
}

Task<gateway::Reply> Operations::untag_queue(Call& call) {
  std::string name = queue(call).name;
  std::vector<std::string> keys = text_list(call.input, "TagKeys");
  if (keys.empty()) refuse(missing_parameter("TagKeys"));
  const Result<void> untagged = co_await queues_.untag(std::move(name), std::move(keys));
  untagged.value();
  co_return Reply();
}

Task<gateway::Reply> Operations::list_queue_tags(Call& call) {
  const Attributes& tags = queue(call).tags;
  co_return tags.empty() ? Reply() : replied({{"Tags", members_of(tags)}});
}

}  // namespace croft::services::sqs
