#pragma once

#include "gateway/service.h"
#include "mqtt/properties.h"

namespace croft::services::iotdata {

// The MQTT 5 properties that a Publish request names in its query and headers; InvalidRequestException for one that MQTT or
// AWS's quotas do not allow. Source: AWS IoT API Reference, Publish.
mqtt::Properties message_properties(const gateway::Call& call);

// User properties as the API shows them: an array of objects with one member each, in base64.
std::string encoded(const std::vector<std::pair<std::string, std::string>>& user_properties);

}  // namespace croft::services::iotdata
