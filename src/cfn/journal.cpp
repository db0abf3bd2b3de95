#include "cfn/journal.h"

#include <algorithm>

#include "cfn/limits.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::cfn {
namespace {

// Fit to be stored and told: services quote what they were given.
std::string kept_reason(std::string_view reason) {
  if (reason.size() > reason_bytes_max || !text::is_utf8(reason)) return text::printable(reason, reason_bytes_max);
  return std::string(reason);
}

StackEvent resource_event(const Stack& stack, const StackResource& resource, const Made& made, ResourceStatus status,
                          std::string_view reason) {
  const Timestamp now = Timestamp::now();
  return {.id = resource.logical_id + "-" + std::string(to_text(status)) + "-" + text::iso8601(now),
          .time = now,
          .logical_id = resource.logical_id,
          .physical_id = made.physical_id,
          .type = resource.type,
          .status = std::string(to_text(status)),
          .reason = std::string(reason),
          .properties = json::dump(made.properties),
          .token = stack.token};
}

}  // namespace

void Journal::note_stack(Stack& stack, StackStatus status, std::string_view reason, Batch batch) const {
  stack.status = status;
  stack.status_reason = kept_reason(reason);
  store_.append_event(batch, stack,
                      {.id = text::random_uuid(),
                       .time = Timestamp::now(),
                       .logical_id = stack.name,
                       .physical_id = stack.id,
                       .type = "AWS::CloudFormation::Stack",
                       .status = std::string(to_text(status)),
                       .reason = stack.status_reason,
                       .properties = {},
                       .token = stack.token});
  store_.put_stack(batch, stack);
  store_.write(std::move(batch));
}

void Journal::note_resource(Stack& stack, StackResource& resource, ResourceStatus status,
                            std::string_view reason) const {
  resource.status = status;
  resource.status_reason = kept_reason(reason);
  resource.changed = Timestamp::now();
  Batch batch;
  store_.append_event(batch, stack, resource_event(stack, resource, resource.now, status, resource.status_reason));
  store_.put_resource(batch, stack, resource);
  store_.put_stack(batch, stack);
  store_.write(std::move(batch));
}

void Journal::note_former(Stack& stack, const StackResource& resource, const Made& former, ResourceStatus status,
                          std::string_view reason) const {
  Batch batch;
  store_.append_event(batch, stack, resource_event(stack, resource, former, status, kept_reason(reason)));
  store_.put_resource(batch, stack, resource);
  store_.put_stack(batch, stack);
  store_.write(std::move(batch));
}

void Journal::keep_resource(const Stack& stack, const StackResource& resource) const {
  Batch batch;
  store_.put_resource(batch, stack, resource);
  store_.write(std::move(batch));
}

void Journal::drop_resource(Stack& stack, const std::string& logical_id) const {
  Batch batch;
  store_.erase_resource(batch, stack, logical_id);
  store_.write(std::move(batch));
  std::erase_if(stack.resources, [&](const StackResource& r) { return r.logical_id == logical_id; });
}

}  // namespace croft::cfn
