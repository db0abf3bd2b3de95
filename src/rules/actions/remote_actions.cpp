#include "rules/actions/remote_actions.h"

namespace croft::rules {

void add_remote_actions(ActionTypes& types, remote::RemoteServices& services, PutObject own) {
  for (auto* add : {add_sns_action, add_kinesis_action, add_firehose_action, add_cloudwatch_logs_action, add_cloudwatch_actions,
                    add_step_functions_action, add_timestream_action, add_search_actions, add_message_actions,
                    add_iot_site_wise_action, add_location_action})
    add(types, services);
  add_s3_action(types, services, std::move(own));
}

}  // namespace croft::rules
