// The AWS::Serverless-2016-10-31 transform.
#pragma once

#include "text/json.h"
#include "types/instance.h"
#include "types/result.h"

namespace croft::cfn {

// True if the document asks for the transform (alone or in a list).
bool wants_sam(const json::object& document);

// `document` as the transform leaves it, which is what GetTemplate calls Processed: Globals merged in, functions with
// their roles, topic rules and permissions, simple tables; Transform and Globals gone. Resources keep their order and
// what is generated for one follows it. A document that does not ask for it comes back unchanged.
//
// A local CodeUri stays as the string Code, for the deployer to refuse or upload. ValidationError:
// "Invalid Serverless Application Specification document. Number of errors found: N. Resource with id [X] is
// invalid. ...", which lists every broken resource. Refused so, by name: event types other than IoTRule, Serverless
// types other than Function and SimpleTable, and AutoPublishAlias with its companions.
//
// Source: Serverless Application Model, "Generated AWS CloudFormation resources"; shapes as the public SAM
// translator 1.110 makes them.
Result<json::object> expand_sam(const json::object& document, const Instance& instance);

}  // namespace croft::cfn
