#include "services/iotdata/constraints.h"
#include "services/iotdata/data_plane.h"
#include "services/iotdata/limits.h"
#include "text/encoding.h"

namespace croft::services::iotdata {

using things::ShadowRequest;

static std::string resource_of(const things::ShadowId& id) {
  return "thing/" + id.thing + (id.name.empty() ? "" : "/" + id.name);
}

// Source: AWS IoT developer guide, "Device Shadow REST API".
Task<gateway::Reply> DataPlane::serve_shadow(Call& call, ShadowRequest::Verb verb, std::string_view action) const {
  const iot::Input in(call);
  ShadowRequest request{.verb = verb, .id = {in.required("thingName"), in.text("name")}, .body = {}};
  if (auto checked = things::check_shadow_id(request.id); !checked) throw ApiError(checked.error());
  if (call.input.contains("name") && request.id.name.empty())
    refuse(
        "1 validation error detected: Value '' at 'shadowName' failed to satisfy constraint: Member must have length greater "
        "than or equal to 1");
  demand(call, action, resource_of(request.id));
  if (verb == ShadowRequest::Verb::update) request.body = call.http.body;
  Result<std::string> document = co_await shadows_.serve(std::move(request));
  co_return Reply{.body = std::move(document).value(), .content_type = "application/json"};
}

Task<gateway::Reply> DataPlane::get_thing_shadow(Call& call) const {
  return serve_shadow(call, ShadowRequest::Verb::get, "iot:GetThingShadow");
}
Task<gateway::Reply> DataPlane::update_thing_shadow(Call& call) const {
  return serve_shadow(call, ShadowRequest::Verb::update, "iot:UpdateThingShadow");
}
Task<gateway::Reply> DataPlane::delete_thing_shadow(Call& call) const {
  return serve_shadow(call, ShadowRequest::Verb::erase, "iot:DeleteThingShadow");
}

// By name; the token is the last one that was listed. Of a thing that is not registered the list is empty.
Task<gateway::Reply> DataPlane::list_named_shadows_for_thing(Call& call) const {
  const iot::Input in(call);
  const std::string thing = in.required("thingName");
  if (auto checked = things::check_shadow_id({thing, ""}); !checked) throw ApiError(checked.error());
  const auto limit = number_in(in, "pageSize", limits::shadow_page_items, 1, limits::shadow_page_items_max);
  const std::string start = page_start(in);
  demand(call, "iot:ListNamedShadowsForThing", "thing/" + thing);
  std::vector<std::string> names = shadows_.shadows().names(thing, start, static_cast<std::size_t>(limit) + 1);
  json::object output;
  if (names.size() > static_cast<std::size_t>(limit)) {
    names.pop_back();
    output["nextToken"] = text::base64(names.back());
  }
  output["results"] = json::array(names.begin(), names.end());
  output["timestamp"] = Timestamp::now().ms / 1000;
  co_return Reply{.output = std::move(output)};
}

}  // namespace croft::services::iotdata
