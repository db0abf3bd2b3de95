#pragma once

#include <string>

#include "shard/task.h"
#include "text/json.h"
#include "types/result.h"

namespace croft::cfn {

// croft's own AWS APIs, called in process. A deployment makes resources as CloudFormation does, through their public
// operations, so this folder needs to know no other domain.
//
// Threads: the API shard.
class Api {
 public:
  virtual ~Api() = default;

  // One operation with its input members as botocore's models spell them (labels and header members included, query
  // parameters by their wire name, lists as JSON arrays, policy documents as text). Its output or its AWS error.
  virtual Task<Result<json::object>> call(std::string service, std::string operation, json::object input) = 0;

  // The bytes of an object of the artifact store (S3); NoSuchBucket, NoSuchKey.
  virtual Task<Result<std::string>> object(std::string bucket, std::string key) = 0;
};

}  // namespace croft::cfn
