// Which resource waits for which.
#pragma once

#include <string>
#include <vector>

#include "cfn/intrinsics.h"
#include "cfn/ordering.h"
#include "cfn/template.h"
#include "types/result.h"

namespace croft::cfn {

struct Graph {
  // Logical id to those it needs, from Ref, Fn::GetAtt, Fn::Sub and DependsOn. Only resources whose condition holds.
  Needs needs;
  // Creation order: the resources of a level need only those of earlier levels, so they may be made side by side.
  // Deletion goes backwards. Inside a level: template order.
  std::vector<std::vector<std::string>> levels;
};

// The graph of the resources whose condition holds; what a branch not taken mentions makes no edge. ValidationError
// "Circular dependency between resources: [A, B]" names the resources that are on cycles or between them.
Result<Graph> dependency_graph(const Template& t, const Conditions& conditions);

}  // namespace croft::cfn
