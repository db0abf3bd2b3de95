#include <algorithm>
#include <charconv>
#include <limits>

#include "cfn/errors.h"
#include "services/cloudformation/operations.h"
#include "services/cloudformation/replies.h"
#include "services/cloudformation/request_reader.h"
#include "text/encoding.h"

namespace croft::services::cloudformation {
namespace {

const cfn::Stack& required_stack(Deployer& deployer, const Call& call) {
  return *deployer.find_stack(required_text(call, "StackName")).value();
}

std::vector<const cfn::StackResource*> by_logical_id(const cfn::Stack& stack) {
  std::vector<const cfn::StackResource*> sorted;
  for (const cfn::StackResource& resource : stack.resources) sorted.push_back(&resource);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->logical_id < b->logical_id; });
  return sorted;
}

Error no_resource(const std::string& logical_id, const std::string& stack_name) {
  return cfn::validation_error("Resource " + text::printable(logical_id) + " does not exist for stack " +
                               text::printable(stack_name));
}

// The stack that owns a physical id.
const cfn::Stack& owner_of(Deployer& deployer, const std::string& physical_id, const QueueUrls& urls) {
  for (const cfn::Stack* stack : deployer.stacks().list(false)) {
    for (const cfn::StackResource& resource : stack->resources) {
      if (urls.is_same(resource, physical_id)) return *stack;
    }
  }
  throw ApiError(cfn::validation_error("Stack for " + text::printable(physical_id) + " does not exist"));
}

void add_next(const PageBounds& bounds, json::object& out) {
  if (!bounds.next_token.empty()) out["NextToken"] = bounds.next_token;
}

}  // namespace

Task<Reply> describe_stacks(Deployer& deployer, Call& call) {
  std::vector<const cfn::Stack*> found;
  const std::string name = text(call, "StackName");
  if (name.empty()) found = deployer.stacks().list(false);
  else found.push_back(deployer.find_stack(name).value());

  const PageBounds bounds = page_bounds(call, found.size());
  const QueueUrls urls(deployer, call);
  json::array stacks;
  for (std::size_t i = bounds.begin; i < bounds.end; ++i) stacks.push_back(stack_description(*found[i], urls));
  Reply reply;
  reply.output["Stacks"] = std::move(stacks);
  add_next(bounds, reply.output);
  co_return reply;
}

Task<Reply> list_stacks(Deployer& deployer, Call& call) {
  const auto filter = maybe_texts(call, "StackStatusFilter").value_or(std::vector<std::string>());
  std::vector<const cfn::Stack*> found = deployer.stacks().list(true);
  std::erase_if(found, [&](const cfn::Stack* stack) {
    return !filter.empty() && std::find(filter.begin(), filter.end(), cfn::to_text(stack->status)) == filter.end();
  });
  const PageBounds bounds = page_bounds(call, found.size());
  json::array summaries;
  for (std::size_t i = bounds.begin; i < bounds.end; ++i) summaries.push_back(stack_summary(*found[i]));
  Reply reply;
  reply.output["StackSummaries"] = std::move(summaries);
  add_next(bounds, reply.output);
  co_return reply;
}

Task<Reply> describe_stack_events(Deployer& deployer, Call& call) {
  const std::string name = required_text(call, "StackName");
  auto stack = deployer.find_stack(name);
  if (!stack) throw ApiError(cfn::validation_error("Stack [" + text::printable(name) + "] does not exist"));
  const std::string token = text(call, "NextToken");
  std::uint64_t below = std::numeric_limits<std::uint64_t>::max();
  if (!token.empty()) {
    auto [end, fault] = std::from_chars(token.data(), token.data() + token.size(), below);
    if (fault != std::errc() || end != token.data() + token.size()) {
      throw ApiError(cfn::validation_error("Invalid pagination token"));
    }
  }
  const cfn::StackStore::EventPage page = deployer.events(**stack, below);
  const QueueUrls urls(deployer, call);
  json::array events;
  for (const cfn::StackEvent& event : page.events) events.push_back(event_description(**stack, event, urls));
  Reply reply;
  reply.output["StackEvents"] = std::move(events);
  if (page.next) reply.output["NextToken"] = std::to_string(page.next);
  co_return reply;
}

Task<Reply> describe_stack_resource(Deployer& deployer, Call& call) {
  const std::string name = required_text(call, "StackName");
  const std::string logical_id = required_text(call, "LogicalResourceId");
  auto stack = deployer.find_stack(name);
  if (!stack) throw ApiError(cfn::validation_error("Stack '" + text::printable(name) + "' does not exist"));
  const cfn::StackResource* resource = (*stack)->find_resource(logical_id);
  if (!resource) throw ApiError(no_resource(logical_id, name));
  Reply reply;
  reply.output["StackResourceDetail"] =
      resource_description(**stack, *resource, "LastUpdatedTimestamp", QueueUrls(deployer, call));
  co_return reply;
}

Task<Reply> describe_stack_resources(Deployer& deployer, Call& call) {
  const std::string physical_id = text(call, "PhysicalResourceId");
  const std::string logical_id = text(call, "LogicalResourceId");
  const QueueUrls urls(deployer, call);
  const bool is_by_name = call.input.contains("StackName") || physical_id.empty();
  const cfn::Stack& stack = is_by_name ? required_stack(deployer, call) : owner_of(deployer, physical_id, urls);
  if (!logical_id.empty() && !stack.find_resource(logical_id)) throw ApiError(no_resource(logical_id, stack.name));
  json::array resources;
  for (const cfn::StackResource* resource : by_logical_id(stack)) {
    if (!logical_id.empty() && resource->logical_id != logical_id) continue;
    resources.push_back(resource_description(stack, *resource, "Timestamp", urls));
  }
  Reply reply;
  reply.output["StackResources"] = std::move(resources);
  co_return reply;
}

Task<Reply> list_stack_resources(Deployer& deployer, Call& call) {
  const cfn::Stack& stack = required_stack(deployer, call);
  const std::vector<const cfn::StackResource*> sorted = by_logical_id(stack);
  const PageBounds bounds = page_bounds(call, sorted.size());
  const QueueUrls urls(deployer, call);
  json::array summaries;
  for (std::size_t i = bounds.begin; i < bounds.end; ++i) summaries.push_back(resource_summary(*sorted[i], urls));
  Reply reply;
  reply.output["StackResourceSummaries"] = std::move(summaries);
  add_next(bounds, reply.output);
  co_return reply;
}

Task<Reply> list_exports(Deployer& deployer, Call& call) {
  const auto found = deployer.stacks().exports();
  const PageBounds bounds = page_bounds(call, found.size());
  const QueueUrls urls(deployer, call);
  json::array exports;
  for (std::size_t i = bounds.begin; i < bounds.end; ++i) {
    exports.push_back(json::object{{"ExportingStackId", found[i].stack->id},
                                   {"Name", found[i].output->export_name},
                                   {"Value", urls.told(found[i].output->value)}});
  }
  Reply reply;
  reply.output["Exports"] = std::move(exports);
  add_next(bounds, reply.output);
  co_return reply;
}

Task<Reply> list_imports(Deployer& deployer, Call& call) {
  const std::string name = required_text(call, "ExportName");
  const std::vector<std::string> importers = deployer.stacks().importers(name);
  if (importers.empty()) {
    throw ApiError(cfn::validation_error("Export '" + text::printable(name) + "' is not imported by any stack."));
  }
  const PageBounds bounds = page_bounds(call, importers.size());
  json::array imports;
  for (std::size_t i = bounds.begin; i < bounds.end; ++i) imports.emplace_back(importers[i]);
  Reply reply;
  reply.output["Imports"] = std::move(imports);
  add_next(bounds, reply.output);
  co_return reply;
}

}  // namespace croft::services::cloudformation
