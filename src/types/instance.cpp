#include "types/instance.h"

namespace croft {

static std::string join_arn(std::string_view partition, std::string_view service, std::string_view region,
                            std::string_view account, std::string_view resource) {
  std::string arn = "arn:";
  for (std::string_view part : {partition, service, region, account}) {
    arn += part;
    arn += ':';
  }
  arn += resource;
  return arn;
}

std::string Instance::arn(std::string_view service, std::string_view resource) const {
  return join_arn(partition, service, region, account_id, resource);
}

std::string Instance::iam_arn(std::string_view resource) const {
  return join_arn(partition, "iam", "", account_id, resource);
}

std::string Instance::s3_arn(std::string_view resource) const {
  return join_arn(partition, "s3", "", "", resource);
}

}  // namespace croft
