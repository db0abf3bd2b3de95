#pragma once

#include <set>
#include <string>
#include <string_view>

#include "cfn/deployer.h"
#include "gateway/service.h"

namespace croft::services::cloudformation {

// The URLs of stacks' queues in answers. Stacks know a queue by the gateway's address of when it was made, which is right for
// what runs on croft's machine; whoever asks from elsewhere is told the address that was asked.
//
// Good for one answer: it holds what the stacks are now.
class QueueUrls {
 public:
  QueueUrls(const cfn::Deployer& deployer, const gateway::Call& call);

  // `text` with every such URL in it as the caller's.
  std::string told(std::string text) const;
  // Whether they are one queue, whatever host each of them names.
  bool is_same(const cfn::StackResource& resource, std::string_view physical_id) const;

 private:
  const std::string path_;    // of every queue's URL, up to its name: "/123456789012/"
  const std::string origin_;  // where the caller reaches croft
  std::set<std::string> known_;  // the origins that stacks' queues have
};

}  // namespace croft::services::cloudformation
