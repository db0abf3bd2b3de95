#pragma once

#include <string>

#include "cli/aws_api.h"
#include "device/layout.h"

namespace croft::cli {

// What the registry made for a device.
struct Provisioned {
  std::string thing_arn;
  std::string certificate_arn, certificate_id, certificate_pem;
  std::string private_key_pem, public_key_pem;
};

// Makes policy, certificate and thing of that name and attaches them, through the public API and in the order of
// AWS's installer, so that the AWS CLI can do the same. What was made before an error is taken back as far as
// possible.
Result<Provisioned> provision_device(const AwsApi& api, const std::string& name);

// Least rights: to connect as NAME or NAME-anything, and to use topics below NAME/ and the thing's own reserved ones.
json::object device_policy(std::string_view region, std::string_view account, const std::string& name);

}  // namespace croft::cli
