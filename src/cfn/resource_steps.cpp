// The steps of StackRunner that touch one resource.
#include <algorithm>
#include <array>

#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "cfn/stack_runner.h"
#include "text/digest.h"
#include "types/assert.h"

namespace croft::cfn {
namespace {

bool is_already_there(const Error& error) {
  static constexpr std::array<std::string_view, 7> codes = {
      "ResourceInUseException",         "EntityAlreadyExists",     "EntityAlreadyExistsException",
      "ResourceConflictException",      "BucketAlreadyOwnedByYou", "BucketAlreadyExists",
      "ResourceAlreadyExistsException"};
  return std::find(codes.begin(), codes.end(), error.code) != codes.end();
}

std::string_view handler_code(const Error& error) {
  if (is_already_there(error)) return "AlreadyExists";
  if (error.code.find("NotFound") != std::string::npos || error.code == "NoSuchEntity") return "NotFound";
  if (error.code.find("AccessDenied") != std::string::npos) return "AccessDenied";
  return error.http_status >= 500 ? "ServiceInternalError" : "InvalidRequest";
}

// As CloudFormation tells what a service answered to one of its resource handlers.
std::string handler_reason(const ResourceProvider& provider, const Error& error) {
  return "Resource handler returned message: \"" + error.message + " (Service: " +
         std::string(provider.schema().service) + ", Status Code: " + std::to_string(error.http_status) +
         ", Request ID: " + text::random_uuid() + ")\" (RequestToken: " + text::random_uuid() +
         ", HandlerErrorCode: " + std::string(handler_code(error)) + ")";
}

// An update that was cut off, or failed in the middle, left some properties as before and some as attempted. Seen from
// here, every property that it may have touched differs from `wanted`, unless all three agree.
json::object unsettled(const json::object& before, const json::object& attempted, const json::object& wanted) {
  json::object previous = attempted;
  for (const auto& [name, value] : wanted) {
    const json::value* old_value = json::find(before, view(name));
    const json::value* tried = json::find(attempted, view(name));
    if (!tried || *tried != value || (old_value && *old_value == value)) continue;
    if (old_value) previous[name] = *old_value;
    else previous.erase(name);
  }
  for (const auto& [name, value] : before) {
    if (!wanted.contains(name) && !attempted.contains(name)) previous[name] = value;
  }
  return previous;
}

// One call of a provider; an ApiError that some operation throws is its error.
Task<Result<json::object>> attempt(const ResourceProvider& provider, const ResourceStep& step, bool is_update) {
  try {
    if (is_update) {
      auto updated = co_await provider.update(step);
      co_return updated;
    }
    auto created = co_await provider.create(step);
    co_return created;
  } catch (const ApiError& thrown) {
    co_return thrown.error();
  }
}

Task<Result<void>> attempt_erase(const ResourceProvider& provider, const ResourceStep& step) {
  try {
    auto erased = co_await provider.erase(step);
    co_return erased;
  } catch (const ApiError& thrown) {
    co_return thrown.error();
  }
}

}  // namespace

StackResource& StackRunner::row(const std::string& logical_id) {
  StackResource* found = stack_.find_resource(logical_id);
  CROFT_ASSERT(found);
  return *found;
}

ResourceStep StackRunner::step_for(const Made& made) const {
  return {.api = ground_.api, .instance = ground_.instance, .id = made.physical_id, .properties = made.properties,
          .previous = {}};
}

Result<void> StackRunner::note_failure(const std::string& logical_id, ResourceStatus failed, const Error& error) {
  journal_.note_resource(stack_, row(logical_id), failed, error.message);
  return error;
}

// The resource as the blueprint wants it, whatever its row says that it is now.
Task<Result<void>> StackRunner::bring(const Blueprint& blueprint, const Scope& scope, const Resource& resource) {
  const std::string& id = resource.logical_id;
  Wanted wanted{resource, *ground_.providers.find(resource.type), {}, blueprint.graph.needs.at(id)};
  StackResource* made = stack_.find_resource(id);
  const bool is_partial = made && (made->status == ResourceStatus::create_failed ||
                                   (made->status == ResourceStatus::update_failed && made->is_replaced()));
  if (is_partial) co_await discard_partial(wanted.provider, id);

  made = stack_.find_resource(id);
  if (!made) {
    made = &stack_.resources.emplace_back();
    made->logical_id = id;
    made->type = resource.type;
    made->status = ResourceStatus::create_failed;  // until it is begun
    made->is_new = stack_.status == StackStatus::update_in_progress;
  }
  made->needs = wanted.needs;
  made->metadata = resource.metadata;
  const bool is_there = is_complete(made->status) || made->status == ResourceStatus::update_failed ||
                        made->status == ResourceStatus::update_in_progress;
  auto properties = resolve_members(resource.properties, scope);
  if (!properties) {
    co_return note_failure(id, is_there ? ResourceStatus::update_failed : ResourceStatus::create_failed,
                           properties.error());
  }
  wanted.properties = std::move(*properties);

  Result<void> done;
  if (!is_there) {
    done = co_await create(wanted);
  } else if (made->status == ResourceStatus::update_in_progress && made->is_replaced()) {
    done = co_await replace(wanted);
  } else if (is_complete(made->status) && made->now.properties == wanted.properties) {
    made->now.deletion_policy = resource.deletion_policy;
    made->now.update_replace_policy = resource.update_replace_policy;
    journal_.keep_resource(stack_, *made);
  } else if (wanted.provider.is_replaced_by(made->now.properties, wanted.properties)) {
    done = co_await replace(wanted);
  } else {
    done = co_await change(wanted);
  }
  co_return done;
}

Task<Result<void>> StackRunner::create(const Wanted& wanted) {
  StackResource& made = row(wanted.resource.logical_id);
  const bool is_resumed = made.status == ResourceStatus::create_in_progress;
  if (!is_resumed) {
    made.now = {.physical_id = {}, .properties = wanted.properties, .attributes = {}, .deletion_policy = {},
                .update_replace_policy = {}};
    journal_.note_resource(stack_, made, ResourceStatus::create_in_progress);
  }
  auto done = co_await make_physical(wanted, ResourceStatus::create_in_progress, ResourceStatus::create_complete,
                                     ResourceStatus::create_failed);
  co_return done;
}

Task<Result<void>> StackRunner::replace(const Wanted& wanted) {
  const std::string& id = wanted.resource.logical_id;
  StackResource& made = row(id);
  const bool is_resumed = made.status == ResourceStatus::update_in_progress;
  std::optional<Made> between;  // of an update that failed without being rolled back
  if (!is_resumed) {
    if (made.is_replaced()) between = made.now;
    if (!made.before) made.before = made.now;
    made.now = {.physical_id = {}, .properties = wanted.properties, .attributes = {}, .deletion_policy = {},
                .update_replace_policy = {}};
    journal_.note_resource(stack_, made, ResourceStatus::update_in_progress,
                           "Requested update requires the creation of a new physical resource; hence creating one.");
  }
  auto done = co_await make_physical(wanted, ResourceStatus::update_in_progress, ResourceStatus::update_complete,
                                     ResourceStatus::update_failed);
  if (done && between) {
    const ResourceStep step = step_for(*between);
    auto erased = co_await attempt_erase(wanted.provider, step);
    if (!erased) journal_.note_former(stack_, row(id), *between, ResourceStatus::delete_failed, erased.error().message);
  }
  co_return done;
}

// A new physical resource for a row that is in status `working`. Its id is in the row before it is made; and once it
// is, whatever exists under that id is this stack's, because what the template names itself was looked for first.
Task<Result<void>> StackRunner::make_physical(const Wanted& wanted, ResourceStatus working, ResourceStatus done,
                                              ResourceStatus failed) {
  const std::string& id = wanted.resource.logical_id;
  const ResourceSchema& schema = wanted.provider.schema();
  auto properties = validated(schema, id, wanted.properties);
  if (!properties) co_return note_failure(id, failed, properties.error());
  row(id).now.properties = wanted.properties;
  row(id).now.deletion_policy = wanted.resource.deletion_policy;
  row(id).now.update_replace_policy = wanted.resource.update_replace_policy;

  ResourceStep step = step_for(row(id).now);
  step.properties = std::move(*properties);
  step.is_repeated = !step.id.empty();
  if (!step.is_repeated) {
    const bool is_named = !schema.name_property.empty() && step.properties.contains(schema.name_property);
    const std::string name =
        is_named ? std::string(json::string_or(step.properties, schema.name_property, ""))
                 : physical_name(schema.name_rule, stack_.name, id, text::random_bytes(16));
    step.id = wanted.provider.physical_id(ground_.instance, name, step.properties);
    if (is_named && row(id).before && row(id).before->physical_id == step.id) {
      co_return note_failure(id, failed, validation_error(
          "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename " + name +
          " and update the stack again."));
    }
    bool is_taken = false;
    if (is_named) is_taken = co_await wanted.provider.exists(step);
    if (is_taken) {
      co_return note_failure(id, failed, validation_error(
          "Resource of type '" + std::string(schema.type) + "' with identifier '" + step.id +
          "' already exists. (RequestToken: " + text::random_uuid() + ", HandlerErrorCode: AlreadyExists)"));
    }
    row(id).now.physical_id = step.id;
    journal_.note_resource(stack_, row(id), working,
                           working == ResourceStatus::create_in_progress ? "Resource creation Initiated" : "");
  }

  auto attributes = co_await attempt(wanted.provider, step, false);
  if (!attributes) {
    if (!step.is_repeated && is_already_there(attributes.error())) row(id).now.physical_id.clear();  // not ours
    journal_.note_resource(stack_, row(id), failed, handler_reason(wanted.provider, attributes.error()));
    co_return attributes.error();
  }
  row(id).now.attributes = std::move(*attributes);
  journal_.note_resource(stack_, row(id), done);
  co_return Result<void>();
}

Task<Result<void>> StackRunner::change(const Wanted& wanted) {
  const std::string& id = wanted.resource.logical_id;
  auto properties = validated(wanted.provider.schema(), id, wanted.properties);
  if (!properties) co_return note_failure(id, ResourceStatus::update_failed, properties.error());

  StackResource& made = row(id);
  if (!made.before) made.before = made.now;
  const bool is_replaced = made.is_replaced();
  const json::object settled = is_replaced ? made.now.properties : made.before->properties;
  json::object previous = unsettled(settled, made.now.properties, wanted.properties);
  made.now.properties = wanted.properties;
  made.now.deletion_policy = wanted.resource.deletion_policy;
  made.now.update_replace_policy = wanted.resource.update_replace_policy;
  journal_.note_resource(stack_, made, ResourceStatus::update_in_progress);

  ResourceStep step = step_for(made.now);
  step.properties = std::move(*properties);
  auto valid_previous = validated(wanted.provider.schema(), id, previous);
  step.previous = valid_previous ? std::move(*valid_previous) : std::move(previous);
  step.is_repeated = true;
  auto attributes = co_await attempt(wanted.provider, step, true);
  if (!attributes) {
    journal_.note_resource(stack_, row(id), ResourceStatus::update_failed,
                           handler_reason(wanted.provider, attributes.error()));
    co_return attributes.error();
  }
  row(id).now.attributes = std::move(*attributes);
  journal_.note_resource(stack_, row(id), ResourceStatus::update_complete);
  co_return Result<void>();
}

// What a failed attempt of an earlier operation left half made.
Task<void> StackRunner::discard_partial(const ResourceProvider& provider, const std::string& logical_id) {
  const Made partial = row(logical_id).now;
  if (!partial.physical_id.empty()) {
    ResourceStep step = step_for(partial);
    auto properties = validated(provider.schema(), logical_id, partial.properties);
    if (properties) step.properties = std::move(*properties);
    auto erased = co_await attempt_erase(provider, step);
    if (!erased) {
      journal_.note_former(stack_, row(logical_id), partial, ResourceStatus::delete_failed, erased.error().message);
    }
  }
  StackResource& made = row(logical_id);
  if (made.is_replaced()) {
    made.now = std::move(*made.before);
    made.before.reset();
    made.status = ResourceStatus::update_complete;
  } else {
    made.now = {};
  }
  journal_.keep_resource(stack_, made);
}

Task<Result<void>> StackRunner::restore_resource(const std::string& logical_id) {
  StackResource& made = row(logical_id);
  if (made.is_new) co_return Result<void>();
  if (!made.before) {
    // Refused before it was touched.
    if (made.status == ResourceStatus::update_failed) journal_.note_resource(stack_, made, ResourceStatus::update_complete);
    co_return Result<void>();
  }
  if (made.is_replaced()) {
    if (made.is_restored) co_return Result<void>();
    std::swap(made.now, *made.before);
    made.is_restored = true;
    journal_.note_resource(stack_, made, ResourceStatus::update_complete);
    co_return Result<void>();
  }
  const ResourceProvider* provider = ground_.providers.find(made.type);
  // The row keeps what was attempted until it is undone: a next attempt has to know it.
  const json::object attempted = made.now.properties;
  const Made target = *made.before;
  journal_.note_resource(stack_, made, ResourceStatus::update_in_progress);
  ResourceStep step = step_for(target);
  auto properties = validated(provider->schema(), logical_id, target.properties);
  if (properties) step.properties = std::move(*properties);
  auto previous = validated(provider->schema(), logical_id, attempted);
  step.previous = previous ? std::move(*previous) : attempted;
  step.is_repeated = true;
  auto attributes = co_await attempt(*provider, step, true);
  if (!attributes) {
    journal_.note_resource(stack_, row(logical_id), ResourceStatus::update_failed,
                           handler_reason(*provider, attributes.error()));
    co_return attributes.error();
  }
  row(logical_id).now = target;
  row(logical_id).now.attributes = std::move(*attributes);
  row(logical_id).before.reset();
  journal_.note_resource(stack_, row(logical_id), ResourceStatus::update_complete);
  co_return Result<void>();
}

bool StackRunner::is_retained(const StackResource& made) const {
  if (stack_.retained.contains(made.logical_id)) return true;
  if (!is_complete(made.status) && made.status != ResourceStatus::delete_failed) return false;
  const bool is_creation = stack_.status == StackStatus::rollback_in_progress ||
                           stack_.status == StackStatus::update_rollback_complete_cleanup_in_progress;
  if (made.now.deletion_policy == "RetainExceptOnCreate") return !is_creation;
  return made.now.deletion_policy == "Retain";
}

Task<Result<void>> StackRunner::erase_resource(const std::string& logical_id) {
  StackResource& made = row(logical_id);
  if (is_gone(made.status)) co_return Result<void>();
  if (made.now.physical_id.empty()) {
    made.status = ResourceStatus::delete_complete;
    journal_.keep_resource(stack_, made);
    co_return Result<void>();
  }
  if (is_retained(made)) {
    journal_.note_resource(stack_, made, ResourceStatus::delete_skipped);
    co_return Result<void>();
  }
  journal_.note_resource(stack_, made, ResourceStatus::delete_in_progress);
  const ResourceProvider* provider = ground_.providers.find(made.type);
  ResourceStep step = step_for(made.now);
  auto properties = validated(provider->schema(), logical_id, made.now.properties);
  if (properties) step.properties = std::move(*properties);
  auto erased = co_await attempt_erase(*provider, step);
  if (!erased) {
    journal_.note_resource(stack_, row(logical_id), ResourceStatus::delete_failed,
                           handler_reason(*provider, erased.error()));
    co_return erased;
  }
  journal_.note_resource(stack_, row(logical_id), ResourceStatus::delete_complete);
  co_return Result<void>();
}

// The physical resource that an update put another one in place of (or, after a rollback, tried to).
Task<Result<void>> StackRunner::erase_former(const std::string& logical_id, bool is_kept) {
  const Made former = *row(logical_id).before;
  row(logical_id).before.reset();
  Result<void> erased;
  if (former.physical_id.empty()) {
    journal_.keep_resource(stack_, row(logical_id));
  } else if (is_kept) {
    journal_.note_former(stack_, row(logical_id), former, ResourceStatus::delete_skipped);
  } else {
    const ResourceProvider* provider = ground_.providers.find(row(logical_id).type);
    row(logical_id).before = former;  // until it is done
    journal_.note_former(stack_, row(logical_id), former, ResourceStatus::delete_in_progress);
    const ResourceStep step = step_for(former);
    erased = co_await attempt_erase(*provider, step);
    row(logical_id).before.reset();
    journal_.note_former(stack_, row(logical_id), former,
                         erased ? ResourceStatus::delete_complete : ResourceStatus::delete_failed,
                         erased ? std::string() : handler_reason(*provider, erased.error()));
  }
  co_return erased;
}

}  // namespace croft::cfn
