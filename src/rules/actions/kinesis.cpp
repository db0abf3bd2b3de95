// kinesis. Source: AWS IoT developer guide, "Kinesis Data Streams"; Kinesis API reference, PutRecord.
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

constexpr RemoteKind kind{"KinesisAction", "kinesis", "kinesis", "Failed to put a record into the Kinesis stream"};

class Kinesis final : public RemoteAction {
 public:
  Kinesis(sql::Template stream, std::optional<sql::Template> partition_key, remote::RemoteServices& services)
      : RemoteAction(kind, std::move(stream), services), partition_key_(std::move(partition_key)) {}

  Task<Result<void>> run(const Firing& firing) const override {
    auto stream = render(target(), firing);
    if (!stream) co_return stream.error();
    std::string key = text::random_uuid();  // AWS tells no default; records then spread over the shards of the stream
    if (partition_key_) {
      auto rendered = render(*partition_key_, firing);
      if (!rendered) co_return rendered.error();
      key = std::move(*rendered);
    }
    const json::object input{
        {"StreamName", *stream}, {"Data", text::base64(firing.output.payload().view())}, {"PartitionKey", key}};
    remote::Request request = remote::json_request("1.1", "Kinesis_20131202.PutRecord", input);
    auto answer = co_await ask(firing, std::move(request));
    if (!answer) co_return answer.error();
    co_return Result<void>();
  }

 private:
  const std::optional<sql::Template> partition_key_;
};

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context,
                                        remote::RemoteServices& services) {
  if (auto there = require_endpoint(kind, services); !there) return there.error();
  auto stream = required_template(parameters, "streamName", context);
  if (!stream) return stream.error();
  auto role = required_role(parameters);
  if (!role) return role.error();
  auto key = optional_template(parameters, "partitionKey", context);
  if (!key) return key.error();
  return std::make_unique<Kinesis>(std::move(*stream), std::move(*key), services);
}

}  // namespace

void add_kinesis_action(ActionTypes& types, remote::RemoteServices& services) {
  types.add("kinesis", [&](const json::object& p, const ActionContext& context) { return compile(p, context, services); });
}

}  // namespace croft::rules
