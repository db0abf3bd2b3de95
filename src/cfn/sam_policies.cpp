#include <algorithm>
#include <array>
#include <initializer_list>

#include "cfn/json_view.h"
#include "cfn/references.h"
#include "cfn/sam_parts.h"

namespace croft::cfn {
namespace {

constexpr std::array<std::string_view, 12> service_role_policies = {"AWSLambdaBasicExecutionRole",
                                                                    "AWSLambdaVPCAccessExecutionRole",
                                                                    "AWSLambdaDynamoDBExecutionRole",
                                                                    "AWSLambdaKinesisExecutionRole",
                                                                    "AWSLambdaSQSQueueExecutionRole",
                                                                    "AWSLambdaENIManagementAccess",
                                                                    "AWSLambdaMSKExecutionRole",
                                                                    "AWSLambdaRole",
                                                                    "AWSIoTRuleActions",
                                                                    "AWSIoTLogging",
                                                                    "AWSIoTThingsRegistration",
                                                                    "AWSGreengrassResourceAccessRolePolicy"};

// A SAM policy template with one statement: actions on resources that hold the one parameter as ${name}.
struct PolicyTemplate {
  std::string_view name;
  std::string_view parameter;
  std::string_view variable;
  std::string_view resource;  // after "arn:${AWS::Partition}:"
  std::string_view second_resource;
  std::initializer_list<std::string_view> actions;
};

// Source: Serverless Application Model, "AWS SAM policy template list".
constexpr std::string_view table = "dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}";
constexpr std::string_view table_index = "dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}/index/*";
constexpr std::string_view queue = "sqs:${AWS::Region}:${AWS::AccountId}:${queueName}";

const PolicyTemplate policy_templates[] = {
    {"DynamoDBCrudPolicy",
     "TableName",
     "tableName",
     table,
     table_index,
     {"dynamodb:GetItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:Query",
      "dynamodb:UpdateItem", "dynamodb:BatchWriteItem", "dynamodb:BatchGetItem", "dynamodb:DescribeTable",
      "dynamodb:ConditionCheckItem"}},
    {"DynamoDBReadPolicy",
     "TableName",
     "tableName",
     table,
     table_index,
     {"dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:DescribeTable"}},
    {"DynamoDBWritePolicy",
     "TableName",
     "tableName",
     table,
     table_index,
     {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"}},
    {"LambdaInvokePolicy",
     "FunctionName",
     "functionName",
     "lambda:${AWS::Region}:${AWS::AccountId}:function:${functionName}*",
     "",
     {"lambda:InvokeFunction"}},
    {"SQSSendMessagePolicy", "QueueName", "queueName", queue, "", {"sqs:SendMessage*"}},
    {"SQSPollerPolicy",
     "QueueName",
     "queueName",
     queue,
     "",
     {"sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch", "sqs:DeleteMessage",
      "sqs:DeleteMessageBatch", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}},
    {"S3ReadPolicy",
     "BucketName",
     "bucketName",
     "s3:::${bucketName}",
     "s3:::${bucketName}/*",
     {"s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "s3:GetObjectVersion",
      "s3:GetLifecycleConfiguration"}},
    {"S3WritePolicy",
     "BucketName",
     "bucketName",
     "s3:::${bucketName}",
     "s3:::${bucketName}/*",
     {"s3:PutObject", "s3:PutObjectAcl", "s3:PutLifecycleConfiguration"}},
    {"S3CrudPolicy",
     "BucketName",
     "bucketName",
     "s3:::${bucketName}",
     "s3:::${bucketName}/*",
     {"s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "s3:GetObjectVersion", "s3:PutObject",
      "s3:PutObjectAcl", "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration", "s3:DeleteObject"}},
    {"SNSPublishMessagePolicy",
     "TopicName",
     "topicName",
     "sns:${AWS::Region}:${AWS::AccountId}:${topicName}",
     "",
     {"sns:Publish"}},
    {"FilterLogEventsPolicy",
     "LogGroupName",
     "logGroupName",
     "logs:${AWS::Region}:${AWS::AccountId}:log-group:${logGroupName}:log-stream:*",
     "",
     {"logs:FilterLogEvents"}},
};

const PolicyTemplate* find_template(std::string_view name) {
  auto it = std::find_if(std::begin(policy_templates), std::end(policy_templates),
                         [&](const PolicyTemplate& t) { return t.name == name; });
  return it == std::end(policy_templates) ? nullptr : it;
}

json::value substituted(std::string_view resource, std::string_view variable, const json::value& v) {
  return single("Fn::Sub", json::array{json::string("arn:${AWS::Partition}:" + std::string(resource)),
                                       json::value(single(variable, v))});
}

bool is_policy_document(const json::value& v) {
  const json::object* o = v.if_object();
  return o && json::find(*o, "Statement");
}

bool is_no_value(const json::value& v) {
  auto call = as_call(v);
  return call && call->name == "Ref" && *call->argument == json::value("AWS::NoValue");
}

json::value named_policy(const std::string& name, const json::value& document) {
  return json::object{{"PolicyName", name}, {"PolicyDocument", document}};
}

// "AmazonDynamoDBFullAccess" and ARNs are policies of Amazon's; an ARN stays as it is.
json::value managed(const json::value& v, const Instance& instance) {
  if (!v.is_string() || view(v.get_string()).starts_with("arn:")) return v;
  return json::string(managed_policy_arn(view(v.get_string()), instance));
}

// The policies of one function, sorted one after the other.
class PolicySorter {
 public:
  PolicySorter(const std::string& id, const Instance& instance) : id_(id), instance_(instance) {}
  RolePolicies sorted;

  Result<void> add(const json::value& policy, std::size_t index) {
    const std::string name = id_ + "RolePolicy" + std::to_string(index);
    auto call = as_call(policy);
    if (call && call->name == "Fn::If") return add_choice(*call->argument, name, index);
    if (policy.is_string() || call) {
      sorted.managed.push_back(managed(policy, instance_));
      return {};
    }
    auto document = inline_document(policy, index);
    if (!document) return document.error();
    sorted.inline_.push_back(named_policy(name, *document));
    return {};
  }

 private:
  Error invalid(std::size_t index) const {
    return invalid_resource(id_,
                            "Policy at index " + std::to_string(index) + " in the 'Policies' property is not valid");
  }

  Result<json::value> inline_document(const json::value& policy, std::size_t index) const {
    if (is_policy_document(policy)) return policy;
    const json::object* o = policy.if_object();
    if (!o || o->size() != 1 || !is_policy_template(view(o->begin()->key()))) return invalid(index);
    auto document = policy_from_template(id_, view(o->begin()->key()), o->begin()->value());
    if (!document) return document.error();
    return json::value(std::move(*document));
  }

  // Both branches are of one kind, or nothing.
  Result<void> add_choice(const json::value& argument, const std::string& name, std::size_t index) {
    const json::array* items = argument.if_array();
    if (!items || items->size() != 3) return invalid(index);
    json::array choice{(*items)[0]};
    bool is_inline = false;
    bool is_managed = false;
    for (std::size_t branch : {1, 2}) {
      const json::value& v = (*items)[branch];
      if (is_no_value(v)) {
        choice.push_back(v);
      } else if (v.is_string() || as_call(v)) {
        is_managed = true;
        choice.push_back(managed(v, instance_));
      } else {
        auto document = inline_document(v, index);
        if (!document) return document.error();
        is_inline = true;
        choice.push_back(named_policy(name, *document));
      }
    }
    if (is_inline && is_managed) return invalid(index);
    (is_inline ? sorted.inline_ : sorted.managed).push_back(single("Fn::If", std::move(choice)));
    return {};
  }

  const std::string& id_;
  const Instance& instance_;
};

}  // namespace

Result<RolePolicies> read_policies(const std::string& function_id, const json::value& policies,
                                   const Instance& instance) {
  if (!policies.is_array() && !policies.is_string() && !policies.is_object()) {
    return invalid_resource(function_id, "Type of property 'Policies' is invalid.");
  }
  PolicySorter sorter(function_id, instance);
  const json::array one{json::value(policies)};
  const json::array& list = policies.is_array() ? policies.get_array() : one;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto done = sorter.add(list[i], i);
    if (!done) return done.error();
  }
  return std::move(sorter.sorted);
}

std::string managed_policy_arn(std::string_view name, const Instance& instance) {
  const bool is_service_role =
      std::find(service_role_policies.begin(), service_role_policies.end(), name) != service_role_policies.end();
  return "arn:" + instance.partition + ":iam::aws:policy/" + (is_service_role ? "service-role/" : "") +
         std::string(name);
}

bool is_policy_template(std::string_view name) {
  return find_template(name) != nullptr;
}

Result<json::object> policy_from_template(const std::string& function_id, std::string_view name,
                                          const json::value& parameters) {
  const PolicyTemplate& t = *find_template(name);
  const json::object* given = parameters.if_object();
  const json::value* v = given ? json::find(*given, t.parameter) : nullptr;
  if (!v) {
    return invalid_resource(function_id, "Following required parameters of template '" + std::string(name) +
                                             "' don't have values: ['" + std::string(t.parameter) + "']");
  }
  json::array actions;
  for (std::string_view action : t.actions) actions.emplace_back(action);
  json::value resource = substituted(t.resource, t.variable, *v);
  if (!t.second_resource.empty()) {
    json::array both{std::move(resource), substituted(t.second_resource, t.variable, *v)};
    resource = std::move(both);
  }
  json::object statement{{"Action", std::move(actions)}, {"Effect", "Allow"}, {"Resource", std::move(resource)}};
  return json::object{{"Statement", json::array{json::value(std::move(statement))}}};
}

}  // namespace croft::cfn
