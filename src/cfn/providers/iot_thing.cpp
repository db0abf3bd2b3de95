// AWS::IoT::Thing
#include "cfn/json_view.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"

namespace croft::cfn {
namespace {

const ResourceSchema thing_schema = {
    .type = "AWS::IoT::Thing",
    .service = "Iot",
    .name_property = "ThingName",
    .name_rule = {.length_max = 128},
    .properties = {{"AttributePayload", Kind::map}, {"ThingName", Kind::text, Replacement::yes}},
    .attributes = {"Arn", "Id"},
};

json::object thing_input(const ResourceStep& step) {
  const json::object payload = map_of(step.properties, "AttributePayload");
  json::object input{{"thingName", step.id}};
  input["attributePayload"] = single("attributes", text_members(map_of(payload, "Attributes")));
  return input;
}

class IotThing final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return thing_schema; }

  Task<bool> exists(const ResourceStep& step) const override {
    auto found = co_await attributes(step);
    co_return found.has_value();
  }

  // CreateThing itself may be repeated with the same attributes.
  Task<CallResult> create(const ResourceStep& step) const override {
    json::object input = thing_input(step);
    auto made = co_await call(step, "iot", "CreateThing", std::move(input));
    const bool was_made_before =
        !made && step.is_repeated && has_code(made.error(), {"ResourceAlreadyExistsException"});
    if (!made && !was_made_before) co_return made;
    auto found = co_await attributes(step);
    co_return found;
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    json::object input = thing_input(step);
    auto done = co_await call(step, "iot", "UpdateThing", std::move(input));
    if (!done) co_return done;
    auto found = co_await attributes(step);
    co_return found;
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    json::object input{{"thingName", step.id}};
    auto deleted = co_await call(step, "iot", "DeleteThing", std::move(input));
    co_return gone(deleted, {"ResourceNotFoundException"});
  }

 private:
  static Task<CallResult> attributes(const ResourceStep& step) {
    json::object input{{"thingName", step.id}};
    auto found = co_await call(step, "iot", "DescribeThing", std::move(input));
    if (!found) co_return found;
    json::object attributes;
    if (const json::value* arn = json::find(*found, "thingArn")) attributes["Arn"] = *arn;
    if (const json::value* id = json::find(*found, "thingId")) attributes["Id"] = *id;
    co_return attributes;
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> iot_thing() { return std::make_unique<IotThing>(); }

}  // namespace croft::cfn
