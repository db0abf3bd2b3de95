// One factory for each file of this folder; provider_set.cpp lists them.
#pragma once

#include <memory>

#include "cfn/provider.h"

namespace croft::cfn {

std::unique_ptr<ResourceProvider> dynamodb_table();
std::unique_ptr<ResourceProvider> iam_managed_policy();
std::unique_ptr<ResourceProvider> iam_policy();
std::unique_ptr<ResourceProvider> iam_role();
std::unique_ptr<ResourceProvider> iot_policy();
std::unique_ptr<ResourceProvider> iot_thing();
std::unique_ptr<ResourceProvider> iot_topic_rule();
std::unique_ptr<ResourceProvider> iot_topic_rule_destination();
std::unique_ptr<ResourceProvider> lambda_event_source_mapping();
std::unique_ptr<ResourceProvider> lambda_function();
std::unique_ptr<ResourceProvider> lambda_permission();
std::unique_ptr<ResourceProvider> s3_bucket();
std::unique_ptr<ResourceProvider> s3_bucket_policy();
std::unique_ptr<ResourceProvider> sqs_queue();
std::unique_ptr<ResourceProvider> sqs_queue_policy();
std::unique_ptr<ResourceProvider> wait_condition_handle();

}  // namespace croft::cfn
