#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/hub.h"
#include "broker/settings.h"
#include "gateway/service.h"
#include "things/registry.h"
#include "things/shadow_service.h"

namespace croft::services::iotdata {

// The data plane of AWS IoT Core over HTTP: messages published, retained messages read, connections looked at and ended,
// device shadows.
//
// Whoever signed with a key of this croft may do everything; a client certificate what its policies allow, asked for each
// request; a caller whom an authorizer let in what that granted. An operation refuses by ApiError. Threads: any shard; what
// belongs to a client is asked on its owner's.
class DataPlane {
 public:
  // All outlive it.
  DataPlane(broker::Hub& hub, const things::Registry& registry, things::ShadowService& shadows, const broker::Settings& settings);

  using Reply = gateway::Reply;
  using Call = gateway::Call;

  // publish.cpp
  // Answers when the message is on its way to every subscriber and in the lanes of the rules.
  Task<Reply> publish(Call& call) const;

  // retained.cpp
  Task<Reply> get_retained_message(Call& call) const;
  Task<Reply> list_retained_messages(Call& call) const;

  // connections.cpp
  Task<Reply> get_connection(Call& call) const;
  Task<Reply> delete_connection(Call& call) const;
  Task<Reply> list_subscriptions(Call& call) const;

  // shadows.cpp
  Task<Reply> get_thing_shadow(Call& call) const;
  Task<Reply> update_thing_shadow(Call& call) const;
  Task<Reply> delete_thing_shadow(Call& call) const;
  Task<Reply> list_named_shadows_for_thing(Call& call) const;

 private:
  // ForbiddenException unless the caller may do `action` on `resource` ("topic/a", or "*").
  void demand(const Call& call, std::string_view action, std::string_view resource) const;
  bool is_allowed(const Call& call, std::string_view action, std::string_view resource) const;
  void check_topic(std::string_view topic, bool retain) const;
  Task<Reply> serve_shadow(Call& call, things::ShadowRequest::Verb verb, std::string_view action) const;

  broker::Hub& hub_;
  const things::Registry& registry_;
  things::ShadowService& shadows_;
  const broker::Settings& settings_;
};

// The rows of all operations; `plane` outlives the service.
// `judge` as in Service.
gateway::Service data_service(const DataPlane& plane,
                              std::function<Task<Result<gateway::Caller>>(const net::HttpRequest&)> judge = {});

}  // namespace croft::services::iotdata
