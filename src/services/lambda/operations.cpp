#include "services/lambda/lambda_api.h"

namespace croft::services {

gateway::Service LambdaApi::service() {
  auto to = [this](Task<gateway::Reply> (LambdaApi::*method)(gateway::Call&)) -> gateway::Handler {
    return [this, method](gateway::Call& call) { return (this->*method)(call); };
  };
  const std::string functions = "/2015-03-31/functions";
  const std::string one = functions + "/{FunctionName}";
  using Self = LambdaApi;
  gateway::Service out{.name = "lambda", .signing_names = {"lambda"}, .protocol = gateway::Protocol::rest_json};
  out.operations = {
      {"CreateFunction", "POST " + functions, to(&Self::create_function)},
      {"ListFunctions", "GET " + functions, to(&Self::list_functions)},
      {"GetFunction", "GET " + one, to(&Self::get_function)},
      {"DeleteFunction", "DELETE " + one, to(&Self::delete_function)},
      {"GetFunctionConfiguration", "GET " + one + "/configuration", to(&Self::get_function_configuration)},
      {"UpdateFunctionConfiguration", "PUT " + one + "/configuration", to(&Self::update_function_configuration)},
      {"UpdateFunctionCode", "PUT " + one + "/code", to(&Self::update_function_code)},
      {"GetFunctionCode", "GET " + one + "/code", to(&Self::get_function_code)},  // croft's own: Code.Location
      {"Invoke", "POST " + one + "/invocations", to(&Self::invoke)},
      {"InvokeAsync", "POST /2014-11-13/functions/{FunctionName}/invoke-async", to(&Self::invoke_async)},
      {"AddPermission", "POST " + one + "/policy", to(&Self::add_permission)},
      {"GetPolicy", "GET " + one + "/policy", to(&Self::get_policy)},
      {"RemovePermission", "DELETE " + one + "/policy/{StatementId}", to(&Self::remove_permission)},
      {"ListVersionsByFunction", "GET " + one + "/versions", to(&Self::list_versions_by_function)},
      {"PublishVersion", "POST " + one + "/versions", to(&Self::refuse_versions)},
      {"ListAliases", "GET " + one + "/aliases", to(&Self::list_aliases)},
      {"CreateAlias", "POST " + one + "/aliases", to(&Self::refuse_versions)},
      {"ListTags", "GET /2017-03-31/tags/{Resource+}", to(&Self::list_tags)},
      {"TagResource", "POST /2017-03-31/tags/{Resource+}", to(&Self::tag_resource)},
      {"UntagResource", "DELETE /2017-03-31/tags/{Resource+}", to(&Self::untag_resource)},
      {"GetFunctionCodeSigningConfig", "GET /2020-06-30/functions/{FunctionName}/code-signing-config",
       to(&Self::get_function_code_signing_config)},
      {"GetFunctionConcurrency", "GET /2019-09-30/functions/{FunctionName}/concurrency",
       to(&Self::get_function_concurrency)},
      {"PutFunctionConcurrency", "PUT /2017-10-31/functions/{FunctionName}/concurrency",
       to(&Self::put_function_concurrency)},
      {"DeleteFunctionConcurrency", "DELETE /2017-10-31/functions/{FunctionName}/concurrency",
       to(&Self::delete_function_concurrency)},
  };
  for (gateway::Operation& operation : out.operations) {
    if (operation.name == "Invoke" || operation.name == "InvokeAsync") operation.raw_body = true;
  }
  return out;
}

}  // namespace croft::services
