#pragma once

#include <functional>
#include <string>

#include "gateway/service.h"
#include "lambda/functions.h"
#include "lambda/invoker.h"

namespace croft::services {

// AWS Lambda's control and invoke API over lambda/. Versions and aliases other than $LATEST are refused as not found.
//
// Threads: the API shard.
class LambdaApi {
 public:
  // The bytes of an object in a bucket, for Code.S3Bucket and Code.S3Key.
  using ObjectSource = std::function<Result<std::string>(const std::string& bucket, const std::string& key)>;

  // Where whoever sent the request downloads what is at a path: GetFunction's Code.Location.
  using CodeUrl = std::function<std::string(const net::HttpRequest& request, const std::string& path)>;

  LambdaApi(lambda::Functions& functions, lambda::Invoker& invoker, lambda::FunctionLogs& logs, ObjectSource objects,
            CodeUrl code_url);

  // The rows; the object outlives the service.
  gateway::Service service();

 private:
  using Call = gateway::Call;
  using Reply = gateway::Reply;

  Task<Reply> create_function(Call& call);
  Task<Reply> get_function(Call& call);
  Task<Reply> get_function_configuration(Call& call);
  Task<Reply> get_function_code(Call& call);
  Task<Reply> update_function_code(Call& call);
  Task<Reply> update_function_configuration(Call& call);
  Task<Reply> list_functions(Call& call);
  Task<Reply> list_versions_by_function(Call& call);
  Task<Reply> list_aliases(Call& call);
  Task<Reply> delete_function(Call& call);
  Task<Reply> invoke(Call& call);
  Task<Reply> invoke_async(Call& call);
  Task<Reply> add_permission(Call& call);
  Task<Reply> get_policy(Call& call);
  Task<Reply> remove_permission(Call& call);
  Task<Reply> list_tags(Call& call);
  Task<Reply> tag_resource(Call& call);
  Task<Reply> untag_resource(Call& call);
  Task<Reply> get_function_code_signing_config(Call& call);
  Task<Reply> get_function_concurrency(Call& call);
  Task<Reply> put_function_concurrency(Call& call);
  Task<Reply> delete_function_concurrency(Call& call);
  Task<Reply> refuse_versions(Call& call);

  // The name in the call's FunctionName; throws for an unknown function or another version than $LATEST.
  lambda::Function named_function(const Call& call, const char* member = "FunctionName") const;
  // The package that `code` speaks of: ZipFile or an object.
  std::string package(const json::object& code) const;
  Reply configuration(const lambda::Function& function, int status = 200) const;

  lambda::Functions& functions_;
  lambda::Invoker& invoker_;
  lambda::FunctionLogs& logs_;
  ObjectSource objects_;
  const CodeUrl code_url_;
};

}  // namespace croft::services
