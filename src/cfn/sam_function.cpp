#include <algorithm>
#include <array>

#include "cfn/artifacts.h"
#include "cfn/json_view.h"
#include "cfn/references.h"
#include "cfn/sam_parts.h"

namespace croft::cfn {
namespace {

// Properties that Lambda's resource type has under the same name.
constexpr std::array<std::string_view, 21> passed_through = {"FunctionName",
                                                             "Handler",
                                                             "Runtime",
                                                             "Description",
                                                             "MemorySize",
                                                             "Timeout",
                                                             "VpcConfig",
                                                             "Environment",
                                                             "KmsKeyArn",
                                                             "ReservedConcurrentExecutions",
                                                             "Layers",
                                                             "EphemeralStorage",
                                                             "Architectures",
                                                             "PackageType",
                                                             "ImageConfig",
                                                             "LoggingConfig",
                                                             "SnapStart",
                                                             "FileSystemConfigs",
                                                             "RuntimeManagementConfig",
                                                             "CodeSigningConfigArn",
                                                             "RecursiveLoop"};

constexpr std::array<std::string_view, 13> translated = {"CodeUri",
                                                         "InlineCode",
                                                         "Role",
                                                         "Policies",
                                                         "Events",
                                                         "Tags",
                                                         "PropagateTags",
                                                         "Tracing",
                                                         "DeadLetterQueue",
                                                         "AssumeRolePolicyDocument",
                                                         "RolePath",
                                                         "PermissionsBoundary",
                                                         "VersionDescription"};

constexpr std::array<std::string_view, 16> refused = {"AutoPublishAlias",
                                                      "AutoPublishCodeSha256",
                                                      "AutoPublishAliasAllProperties",
                                                      "DeploymentPreference",
                                                      "ProvisionedConcurrencyConfig",
                                                      "EventInvokeConfig",
                                                      "FunctionUrlConfig",
                                                      "ImageUri",
                                                      "SourceKMSKeyArn",
                                                      "TenancyConfig",
                                                      "DurableConfig",
                                                      "CapacityProviderConfig",
                                                      "FunctionScalingConfig",
                                                      "PublishToLatestPublished",
                                                      "VersionDeletionPolicy",
                                                      "Connectors"};

constexpr std::array<std::string_view, 15> other_events = {"AlexaSkill",
                                                           "Api",
                                                           "CloudWatchEvent",
                                                           "CloudWatchLogs",
                                                           "Cognito",
                                                           "DocumentDB",
                                                           "EventBridgeRule",
                                                           "HttpApi",
                                                           "Kinesis",
                                                           "MQ",
                                                           "MSK",
                                                           "S3",
                                                           "SNS",
                                                           "Schedule",
                                                           "ScheduleV2"};

// Of an event of type SQS, besides its Queue: those of the mapping.
constexpr std::array<std::string_view, 6> queue_event_properties = {"BatchSize",
                                                                    "Enabled",
                                                                    "FilterCriteria",
                                                                    "FunctionResponseTypes",
                                                                    "MaximumBatchingWindowInSeconds",
                                                                    "ScalingConfig"};

// The same of one of type DynamoDB, besides its Stream.
constexpr std::array<std::string_view, 12> stream_event_properties = {"BatchSize",
                                                                      "BisectBatchOnFunctionError",
                                                                      "DestinationConfig",
                                                                      "Enabled",
                                                                      "FilterCriteria",
                                                                      "FunctionResponseTypes",
                                                                      "MaximumBatchingWindowInSeconds",
                                                                      "MaximumRecordAgeInSeconds",
                                                                      "MaximumRetryAttempts",
                                                                      "ParallelizationFactor",
                                                                      "StartingPosition",
                                                                      "TumblingWindowInSeconds"};

template <std::size_t Count>
bool is_in(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

json::value ref_to(std::string_view id) {
  return single("Ref", json::string(id));
}
json::value arn_of(std::string_view id) {
  return single("Fn::GetAtt", json::array{json::string(id), json::string("Arn")});
}

json::object resource_of(std::string_view type, json::object properties, const json::object& attributes) {
  json::object resource{{"Type", type}};
  for (const auto& [name, v] : attributes) resource.emplace(name, v);
  resource["Properties"] = std::move(properties);
  return resource;
}

// One function on its way through the transform.
class FunctionExpansion {
 public:
  FunctionExpansion(const std::string& id, const json::object& resource, const Instance& instance)
      : id_(id), resource_(resource), instance_(instance), attributes_(shared_attributes(resource)) {
    if (const json::object* found = find_object(resource, "Properties")) in_ = *found;
  }

  Result<std::vector<NamedResource>> run() {
    for (auto step : {&FunctionExpansion::check_properties, &FunctionExpansion::check_types, &FunctionExpansion::code,
                      &FunctionExpansion::dead_letters, &FunctionExpansion::role, &FunctionExpansion::events}) {
      auto done = (this->*step)();
      if (!done) return done.error();
    }
    for (std::string_view name : passed_through) {
      if (const json::value* v = property(name)) out_.emplace(name, *v);
    }
    if (const json::value* v = property("Tracing")) out_["TracingConfig"] = json::object{{"Mode", *v}};
    json::array tags = all_tags();
    if (!tags.empty()) out_["Tags"] = std::move(tags);

    json::object attributes = attributes_;
    for (std::string_view name : {"DependsOn", "Metadata"}) {
      if (const json::value* v = json::find(resource_, name)) attributes.emplace(name, *v);
    }
    made_.insert(made_.begin(), {id_, resource_of("AWS::Lambda::Function", std::move(out_), attributes)});
    return std::move(made_);
  }

 private:
  const json::value* property(std::string_view name) const { return json::find(in_, name); }
  Error invalid(std::string_view why) const { return invalid_resource(id_, why); }

  Result<void> check_properties() {
    for (const auto& [key, v] : in_) {
      const std::string_view name = view(key);
      if (is_in(passed_through, name) || is_in(translated, name)) continue;
      if (is_in(refused, name)) return invalid("Property '" + str(key) + "' is not supported.");
      return invalid("property " + str(key) + " not defined for resource of type AWS::Serverless::Function");
    }
    return {};
  }

  Result<void> check_types() {
    auto check = [this](std::string_view name, auto is_right) -> Result<void> {
      const json::value* v = property(name);
      if (!v || as_call(*v) || is_right(*v)) return {};
      return invalid("Type of property '" + std::string(name) + "' is invalid.");
    };
    for (std::string_view name : {"Environment", "Events", "Tags", "DeadLetterQueue", "AssumeRolePolicyDocument"}) {
      auto checked = check(name, [](const json::value& v) { return v.is_object(); });
      if (!checked) return checked;
    }
    for (std::string_view name : {"Role", "PermissionsBoundary", "Tracing"}) {
      auto checked = check(name, [](const json::value& v) { return v.is_string(); });
      if (!checked) return checked;
    }
    auto propagate = check("PropagateTags", [](const json::value& v) { return v.is_bool(); });
    if (!propagate) return propagate;
    return check("Layers", [](const json::value& v) { return v.is_array(); });
  }

  Result<void> code() {
    if (!property("Runtime") || !property("Handler")) {
      return invalid("Runtime and Handler needs to be present when PackageType is of type `Zip`");
    }
    const json::value* inline_code = property("InlineCode");
    const json::value* uri = property("CodeUri");
    if (inline_code) {
      out_["Code"] = json::object{{"ZipFile", *inline_code}};
      return {};
    }
    if (!uri) return invalid("Only one of 'InlineCode' or 'CodeUri' can be set.");
    if (uri->is_object()) return code_from_map(uri->get_object());
    if (!uri->is_string()) return invalid("Type of property 'CodeUri' is invalid.");
    return code_from_text(view(uri->get_string()));
  }

  Result<void> code_from_map(const json::object& uri) {
    const json::value* bucket = json::find(uri, "Bucket");
    const json::value* key = json::find(uri, "Key");
    if (!bucket || !key) return invalid("'CodeUri' requires Bucket and Key properties to be specified.");
    json::object code{{"S3Bucket", *bucket}, {"S3Key", *key}};
    if (const json::value* version = json::find(uri, "Version")) code["S3ObjectVersion"] = *version;
    out_["Code"] = std::move(code);
    return {};
  }

  Result<void> code_from_text(std::string_view uri) {
    if (!uri.starts_with("s3://")) {
      out_["Code"] = json::string(uri);  // a local path, which only the machine that has it can follow
      return {};
    }
    auto location = parse_s3_uri(uri);
    if (!location) {
      return invalid(
          "'CodeUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.");
    }
    json::object code{{"S3Bucket", location->bucket}, {"S3Key", location->key}};
    if (!location->version.empty()) code["S3ObjectVersion"] = location->version;
    out_["Code"] = std::move(code);
    return {};
  }

  Result<void> dead_letters() {
    const json::object* queue = find_object(in_, "DeadLetterQueue");
    if (!queue) return {};
    const json::value* target = json::find(*queue, "TargetArn");
    const std::string_view type = json::string_or(*queue, "Type", "");
    if (!target || !json::find(*queue, "Type")) {
      return invalid("'DeadLetterQueue' requires Type and TargetArn properties to be specified.");
    }
    if (type != "SQS" && type != "SNS") return invalid("'DeadLetterQueue' requires Type of ['SQS', 'SNS']");
    out_["DeadLetterConfig"] = json::object{{"TargetArn", *target}};
    json::object statement{
        {"Action", type == "SQS" ? "sqs:SendMessage" : "sns:Publish"}, {"Resource", *target}, {"Effect", "Allow"}};
    json::object document{{"Version", "2012-10-17"}, {"Statement", json::array{json::value(std::move(statement))}}};
    dead_letter_policy_ =
        json::object{{"PolicyName", "DeadLetterQueuePolicy"}, {"PolicyDocument", std::move(document)}};
    return {};
  }

  Result<void> role() {
    if (const json::value* given = property("Role")) {
      if (const json::object* choice = given->if_object(); choice && mentions_no_value(*choice)) {
        return invalid("Property 'Role' must not be chosen between a role and AWS::NoValue.");
      }
      out_["Role"] = *given;
      return {};
    }
    const std::string role_id = id_ + "Role";
    auto properties = role_properties();
    if (!properties) return properties.error();
    out_["Role"] = arn_of(role_id);
    made_.push_back({role_id, resource_of("AWS::IAM::Role", std::move(*properties), attributes_)});
    return {};
  }

  static bool mentions_no_value(const json::object& choice) {
    References found;
    auto collected = collect_references(json::value(choice), nullptr, found);
    return collected && found.names.contains("AWS::NoValue");
  }

  Result<json::object> role_properties() {
    RolePolicies policies;
    if (const json::value* given = property("Policies")) {
      auto read = read_policies(id_, *given, instance_);
      if (!read) return read.error();
      policies = std::move(*read);
    }
    json::array managed{json::string(managed_policy_arn("AWSLambdaBasicExecutionRole", instance_))};
    if (json::string_or(in_, "Tracing", "") == "Active") {
      managed.emplace_back(managed_policy_arn("AWSXrayWriteOnlyAccess", instance_));
    }
    if (has_event("SQS")) managed.emplace_back(managed_policy_arn("AWSLambdaSQSQueueExecutionRole", instance_));
    if (has_event("DynamoDB")) managed.emplace_back(managed_policy_arn("AWSLambdaDynamoDBExecutionRole", instance_));
    const json::object* vpc = find_object(in_, "VpcConfig");
    if (vpc && !vpc->empty()) managed.emplace_back(managed_policy_arn("AWSLambdaVPCAccessExecutionRole", instance_));
    for (json::value& policy : policies.managed) {
      if (std::find(managed.begin(), managed.end(), policy) == managed.end()) managed.push_back(std::move(policy));
    }
    json::array inline_policies;
    if (!dead_letter_policy_.empty()) inline_policies.push_back(dead_letter_policy_);
    inline_policies.insert(inline_policies.end(), policies.inline_.begin(), policies.inline_.end());

    json::object properties;
    const json::value* trust = property("AssumeRolePolicyDocument");
    properties["AssumeRolePolicyDocument"] = trust ? *trust : json::value(lambda_trust());
    properties["ManagedPolicyArns"] = std::move(managed);
    if (!inline_policies.empty()) properties["Policies"] = std::move(inline_policies);
    if (const json::value* path = property("RolePath")) properties["Path"] = *path;
    if (const json::value* boundary = property("PermissionsBoundary")) properties["PermissionsBoundary"] = *boundary;
    json::array tags = all_tags();
    if (!tags.empty()) properties["Tags"] = std::move(tags);
    return properties;
  }

  static json::object lambda_trust() {
    json::array services{json::string("lambda.amazonaws.com")};
    json::object statement{{"Action", json::array{json::string("sts:AssumeRole")}},
                           {"Effect", "Allow"},
                           {"Principal", json::object{{"Service", std::move(services)}}}};
    return {{"Version", "2012-10-17"}, {"Statement", json::array{json::value(std::move(statement))}}};
  }

  bool propagates_tags() const { return json::bool_or(in_, "PropagateTags", false); }

  json::object own_tags() const {
    const json::object* tags = find_object(in_, "Tags");
    return tags ? *tags : json::object();
  }

  // The translator leaves its own tag out when tags are propagated.
  json::array all_tags() const {
    json::array own = tag_list(own_tags());
    if (propagates_tags()) return own;
    json::array tags = tag_list({{"lambda:createdBy", "SAM"}});
    tags.insert(tags.end(), own.begin(), own.end());
    return tags;
  }

  Result<void> events() {
    const json::object* events = find_object(in_, "Events");
    if (!events) return {};
    for (const auto& [key, v] : *events) {
      const std::string event = "Event with id [" + str(key) + "] is invalid. ";
      const json::object* members = v.if_object();
      const std::string type(members ? json::string_or(*members, "Type", "") : "");
      if (type == "SQS") {
        const json::object* properties = find_object(*members, "Properties");
        auto done = queue_mapping(id_ + str(key), properties ? *properties : json::object());
        if (!done) return done;
        continue;
      }
      if (type == "DynamoDB") {
        const json::object* properties = find_object(*members, "Properties");
        auto done = stream_mapping(id_ + str(key), properties ? *properties : json::object());
        if (!done) return done;
        continue;
      }
      if (type != "IoTRule") {
        if (is_in(other_events, type)) return invalid(event + "Event type " + type + " is not supported.");
        return invalid(event + "Resource dict has missing or invalid value for key Type. Event Type is: " + type +
                       ".");
      }
      const json::object* properties = find_object(*members, "Properties");
      auto done = topic_rule(id_ + str(key), properties ? *properties : json::object());
      if (!done) return done;
    }
    return {};
  }

  bool has_event(std::string_view type) const {
    const json::object* events = find_object(in_, "Events");
    return events && std::any_of(events->begin(), events->end(), [&](const auto& event) {
             return event.value().is_object() && json::string_or(event.value().get_object(), "Type", "") == type;
           });
  }

  // SAM's OnFailure has a Type beside the Destination.
  static json::value destinations_of(const json::value& config) {
    json::object out;
    if (!config.is_object()) return config;
    for (const auto& [name, v] : config.get_object()) {
      json::object one = v.is_object() ? v.get_object() : json::object();
      one.erase("Type");
      out[name] = std::move(one);
    }
    return out;
  }

  Result<void> stream_mapping(const std::string& mapping_id, const json::object& event) {
    json::object properties{{"FunctionName", ref_to(id_)}};
    for (const auto& [name, v] : event) {
      if (view(name) == "Stream") properties["EventSourceArn"] = v;
      else if (view(name) == "DestinationConfig") properties[name] = destinations_of(v);
      else if (is_in(stream_event_properties, view(name))) properties[name] = v;
      else return invalid_resource(mapping_id, "property " + str(name) + " not defined for resource of type DynamoDB");
    }
    for (const char* name : {"Stream", "StartingPosition"}) {
      if (!json::find(event, name))
        return invalid_resource(mapping_id, "Missing required property '" + std::string(name) + "'.");
    }
    made_.push_back({mapping_id, resource_of("AWS::Lambda::EventSourceMapping", std::move(properties), attributes_)});
    return {};
  }

  Result<void> queue_mapping(const std::string& mapping_id, const json::object& event) {
    json::object properties{{"FunctionName", ref_to(id_)}};
    for (const auto& [name, v] : event) {
      if (view(name) == "Queue") properties["EventSourceArn"] = v;
      else if (is_in(queue_event_properties, view(name))) properties[name] = v;
      else return invalid_resource(mapping_id, "property " + str(name) + " not defined for resource of type SQS");
    }
    if (!json::find(event, "Queue")) return invalid_resource(mapping_id, "Missing required property 'Queue'.");
    made_.push_back({mapping_id, resource_of("AWS::Lambda::EventSourceMapping", std::move(properties), attributes_)});
    return {};
  }

  Result<void> topic_rule(const std::string& rule_id, const json::object& event) {
    for (const auto& [name, v] : event) {
      if (view(name) == "Sql" || view(name) == "AwsIotSqlVersion") continue;
      return invalid_resource(rule_id, "property " + str(name) + " not defined for resource of type IoTRule");
    }
    const json::value* sql = json::find(event, "Sql");
    if (!sql) return invalid_resource(rule_id, "Missing required property 'Sql'.");
    if (!sql->is_string() && !as_call(*sql)) return invalid_resource(rule_id, "Type of property 'Sql' is invalid.");
    made_.push_back({rule_id + "Permission", permission(rule_id)});

    json::object action = single("Lambda", single("FunctionArn", arn_of(id_)));
    json::object payload{
        {"Sql", *sql}, {"RuleDisabled", false}, {"Actions", json::array{json::value(std::move(action))}}};
    if (const json::value* version = json::find(event, "AwsIotSqlVersion")) payload["AwsIotSqlVersion"] = *version;
    json::object properties{{"TopicRulePayload", std::move(payload)}};
    json::array tags = tag_list(own_tags());
    if (propagates_tags() && !tags.empty()) properties["Tags"] = std::move(tags);
    made_.push_back({rule_id, resource_of("AWS::IoT::TopicRule", std::move(properties), attributes_)});
    return {};
  }

  json::object permission(const std::string& rule_id) const {
    json::value source =
        single("Fn::Sub", json::array{json::string("arn:" + instance_.partition +
                                                   ":iot:${AWS::Region}:${AWS::AccountId}:rule/${RuleName}"),
                                      json::value(single("RuleName", ref_to(rule_id)))});
    json::object properties{{"Action", "lambda:InvokeFunction"},
                            {"FunctionName", ref_to(id_)},
                            {"Principal", "iot.amazonaws.com"},
                            {"SourceAccount", single("Fn::Sub", json::string("${AWS::AccountId}"))},
                            {"SourceArn", std::move(source)}};
    return resource_of("AWS::Lambda::Permission", std::move(properties), attributes_);
  }

  const std::string& id_;
  const json::object& resource_;
  const Instance& instance_;
  json::object attributes_;
  json::object in_;                  // the Properties, with Globals merged in
  json::object out_;                 // those of the Lambda function
  json::object dead_letter_policy_;  // empty for none
  std::vector<NamedResource> made_;  // besides the function
};

}  // namespace

Result<std::vector<NamedResource>> expand_function(const std::string& logical_id, const json::object& resource,
                                                   const Instance& instance) {
  return FunctionExpansion(logical_id, resource, instance).run();
}

}  // namespace croft::cfn
