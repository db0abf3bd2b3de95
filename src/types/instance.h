#pragma once

#include <string>
#include <string_view>

namespace croft {

// Who this croft is in AWS's terms; every ARN is made here.
struct Instance {
  std::string region = "us-east-1";
  std::string account_id = "000000000000";
  std::string partition = "aws";
  std::string endpoint_url{};  // of the gateway, for URLs that nobody's request tells; "" when it is not known

  // arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE
  std::string arn(std::string_view service, std::string_view resource) const;
  // IAM's ARNs carry no region: arn:PARTITION:iam::ACCOUNT:RESOURCE
  std::string iam_arn(std::string_view resource) const;
  // S3's carry neither region nor account: arn:PARTITION:s3:::RESOURCE
  std::string s3_arn(std::string_view resource) const;
};

}  // namespace croft
