#include "services/cloudformation/queue_urls.h"

#include "gateway/request_origin.h"

namespace croft::services::cloudformation {

namespace {

constexpr std::string_view queue_type = "AWS::SQS::Queue";

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

QueueUrls::QueueUrls(const cfn::Deployer& deployer, const gateway::Call& call)
    : path_("/" + deployer.instance().account_id + "/"),
      origin_(gateway::origin_of(call.http, deployer.instance().endpoint_url)) {
  for (const cfn::Stack* stack : deployer.stacks().list(true)) {
    for (const cfn::StackResource& resource : stack->resources) {
      const std::string& id = resource.now.physical_id;
      const std::size_t path = resource.type == queue_type ? id.find(path_) : std::string::npos;
      if (path != std::string::npos) known_.insert(id.substr(0, path));
    }
  }
  known_.erase(origin_);
}

std::string QueueUrls::told(std::string text) const {
  for (const std::string& origin : known_) {
    if (!origin.empty()) replace_all(text, origin + path_, origin_ + path_);
    else if (text.starts_with(path_)) text.insert(0, origin_);  // made without an address: by a gateway over TLS alone
  }
  return text;
}

bool QueueUrls::is_same(const cfn::StackResource& resource, std::string_view physical_id) const {
  const std::string_view own = resource.now.physical_id;
  if (own == physical_id) return true;
  const std::size_t a = own.find(path_), b = physical_id.find(path_);
  return resource.type == queue_type && a != std::string_view::npos && b != std::string_view::npos &&
         own.substr(a) == physical_id.substr(b);
}

}  // namespace croft::services::cloudformation
