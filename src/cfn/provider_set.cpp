#include "cfn/provider_set.h"

#include "cfn/providers/all.h"

namespace croft::cfn {

ProviderSet::ProviderSet() {
  for (auto make : {dynamodb_table, iam_managed_policy, iam_policy, iam_role, iot_policy, iot_thing, iot_topic_rule,
                    iot_topic_rule_destination, lambda_event_source_mapping, lambda_function, lambda_permission, s3_bucket,
                    s3_bucket_policy, sqs_queue, sqs_queue_policy, wait_condition_handle}) {
    auto provider = make();
    std::string type(provider->schema().type);
    by_type_.emplace(std::move(type), std::move(provider));
  }
}

const ResourceProvider* ProviderSet::find(std::string_view type) const {
  auto it = by_type_.find(type);
  return it == by_type_.end() ? nullptr : it->second.get();
}

Replacement ProviderSet::replacement(std::string_view type, std::string_view property) const {
  const ResourceProvider* provider = find(type);
  const PropertyRule* rule = provider ? provider->schema().find_property(property) : nullptr;
  return rule ? rule->on_change : Replacement::no;
}

}  // namespace croft::cfn
