#pragma once

#include <string>

#include "gateway/service.h"
#include "sqs/queues.h"

namespace croft::services::sqs {

inline constexpr const char* api_version = "2012-11-05";
inline constexpr const char* xml_namespace = "http://queue.amazonaws.com/doc/2012-11-05/";

// Amazon SQS by JSON; gateway::in_query_form() makes it the query protocol. Queue URLs start where
// the caller reaches the gateway (gateway::origin_of), and with `gateway_url` when nobody called by HTTP.
// `queues` outlives the service.
gateway::Service sqs_service(croft::sqs::Queues& queues, std::string gateway_url);

}  // namespace croft::services::sqs
