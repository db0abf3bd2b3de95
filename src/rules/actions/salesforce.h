#pragma once

#include "rules/actions/action_types.h"
#include "rules/web.h"

namespace croft::rules {

// salesforce: posts the outgoing payload to a Salesforce IoT input stream, with its token. The model's pattern lets no other
// host in. Source: IoT API model, SalesforceAction. `web` outlives the types.
void add_salesforce_action(ActionTypes& types, Web& web);

}  // namespace croft::rules
