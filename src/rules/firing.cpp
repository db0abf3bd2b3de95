#include "rules/firing.h"

namespace croft::rules {

sql::Context Firing::context() const {
  sql::Context context;
  const broker::Source& source = *message->source();
  context.topic = topic;
  if (!source.client_id.empty()) {
    context.client_id = source.client_id;
    context.trace_id = trace_id;
  }
  context.account_id = account_id;
  if (!source.principal.empty()) context.principal = source.principal;
  if (!source.source_ip.empty()) context.source_ip = source.source_ip;
  context.timestamp = at;
  context.rule_name = rule_name;
  if (const mqtt::PropertyBlock* properties = message->properties().get()) {
    if (properties->content_type) context.mqtt5.content_type = *properties->content_type;
    if (properties->response_topic) context.mqtt5.response_topic = *properties->response_topic;
    if (properties->correlation_data) context.mqtt5.correlation_data = *properties->correlation_data;
    context.mqtt5.is_utf8 = properties->payload_format_indicator.value_or(0) == 1;
    context.user_properties = properties->user_properties;
  }
  return context;
}

}  // namespace croft::rules
