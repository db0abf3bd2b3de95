// The actions for services that croft does not run; each is refused with InvalidRequestException unless the configuration
// names an endpoint for its service ([services.NAME]). Parameters are those of the IoT API's model; what is sent is what
// AWS's SDKs send. Source of each: AWS IoT developer guide, "AWS IoT rule actions".
//
// `services` outlives the types.
#pragma once

#include <functional>
#include <string>

#include "remote/remote_services.h"
#include "rules/actions/action_types.h"

namespace croft::rules {

// Publish to a topic or endpoint, RAW or with a message for each protocol.
void add_sns_action(ActionTypes& types, remote::RemoteServices& services);
// PutRecord to a data stream.
void add_kinesis_action(ActionTypes& types, remote::RemoteServices& services);
// PutRecord, or PutRecordBatch of an array's elements.
void add_firehose_action(ActionTypes& types, remote::RemoteServices& services);
// cloudwatchLogs: PutLogEvents to a stream of the log group that has the rule's name, made when it is missing.
void add_cloudwatch_logs_action(ActionTypes& types, remote::RemoteServices& services);
// cloudwatchMetric: PutMetricData; cloudwatchAlarm: SetAlarmState.
void add_cloudwatch_actions(ActionTypes& types, remote::RemoteServices& services);
// StartExecution with the payload as input.
void add_step_functions_action(ActionTypes& types, remote::RemoteServices& services);
// WriteRecords: a record for each member of the payload.
void add_timestream_action(ActionTypes& types, remote::RemoteServices& services);
// openSearch and elasticsearch: puts the payload as a document.
void add_search_actions(ActionTypes& types, remote::RemoteServices& services);
// iotEvents and iotAnalytics: BatchPutMessage.
void add_message_actions(ActionTypes& types, remote::RemoteServices& services);
// BatchPutAssetPropertyValue.
void add_iot_site_wise_action(ActionTypes& types, remote::RemoteServices& services);
// BatchUpdateDevicePosition.
void add_location_action(ActionTypes& types, remote::RemoteServices& services);

// An object of the s3 action.
struct ObjectToPut {
  std::string bucket, key, body;
  std::string canned_acl;  // "" = none given
};
// Into croft's own buckets: ends when the object is durable, with S3's error when it was not taken. Runs on any shard.
using PutObject = std::function<Task<Result<void>>(Shard& shard, ObjectToPut object)>;
// s3: puts the payload into `own` buckets, or those of [services.s3] where the configuration names an endpoint for it.
void add_s3_action(ActionTypes& types, remote::RemoteServices& services, PutObject own);

// All of them.
void add_remote_actions(ActionTypes& types, remote::RemoteServices& services, PutObject own);

}  // namespace croft::rules
