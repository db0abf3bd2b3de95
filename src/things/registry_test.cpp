#include "things/registry.h"

#include "things/connection_variables.h"
#include "things/registry_fixture.h"

namespace croft::things {

using testing::ElementsAre;
using testing::SizeIs;

TEST_F(RegistryTest, CreatingAThingTwiceGivesTheSameThing) {
  const Thing first = registry_->create_thing({.name = "lamp", .attributes = {{"a", "1"}}}).value();
  const Thing second = registry_->create_thing({.name = "lamp", .attributes = {{"a", "1"}}}).value();

  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(first.version, 1);
  EXPECT_EQ(registry_->thing_arn("lamp"), "arn:aws:iot:us-east-1:123456789012:thing/lamp");
}

TEST_F(RegistryTest, CreatingItWithOtherAttributesIsRefusedWithItsArn) {
  const std::string id = registry_->create_thing({.name = "lamp"})->id;

  const auto again = registry_->create_thing({.name = "lamp", .attributes = {{"a", "1"}}});

  EXPECT_EQ(code(again), "ResourceAlreadyExistsException");
  EXPECT_EQ(again.error().http_status, 409);
  EXPECT_EQ(again.error().details,
            R"({"resourceId":")" + id + R"(","resourceArn":"arn:aws:iot:us-east-1:123456789012:thing/lamp"})");
}

TEST_F(RegistryTest, NamesAreValidatedInAwsWords) {
  const auto bad = registry_->create_thing({.name = "a/b"});

  EXPECT_EQ(
      bad.error().message,
      "1 validation error detected: Value 'a/b' at 'thingName' failed to satisfy constraint: Member must satisfy "
      "regular expression pattern: [a-zA-Z0-9:_-]+");
  for (const std::string& name : {std::string(), std::string(129, 'a'), std::string("a\0b", 3), std::string("+"),
                                  std::string("#"), std::string("a\n"), std::string("${x}")}) {
    EXPECT_EQ(code(registry_->create_thing({.name = name})), "InvalidRequestException");
    EXPECT_EQ(code(registry_->thing(name)), "InvalidRequestException");
  }
  EXPECT_TRUE(registry_->create_thing({.name = std::string(128, 'a')}));
}

TEST_F(RegistryTest, AThingWithoutATypeHasThreeAttributes) {
  EXPECT_TRUE(registry_->create_thing({.name = "a", .attributes = {{"1", "x"}, {"2", "x"}, {"3", "x"}}}));
  EXPECT_EQ(
      code(registry_->create_thing({.name = "b", .attributes = {{"1", "x"}, {"2", "x"}, {"3", "x"}, {"4", "x"}}})),
      "InvalidRequestException");
  registry_->create_thing_type({.name = "t"}).value();
  Attributes many;
  for (int i = 0; i < 50; ++i) many[std::to_string(i)] = "x";
  EXPECT_TRUE(registry_->create_thing({.name = "c", .type_name = "t", .attributes = many}));
  many["50"] = "x";
  EXPECT_EQ(code(registry_->create_thing({.name = "d", .type_name = "t", .attributes = many})),
            "InvalidRequestException");
}

TEST_F(RegistryTest, UpdatesReplaceOrMergeAndCountTheVersion) {
  thing("lamp", {{"a", "1"}, {"b", "2"}});

  EXPECT_EQ(registry_->update_thing("lamp", {.attributes = Attributes{{"c", "3"}}, .merge = true})->attributes,
            (Attributes{{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  EXPECT_EQ(registry_->update_thing("lamp", {.attributes = Attributes{{"a", ""}}, .merge = true})->attributes,
            (Attributes{{"b", "2"}, {"c", "3"}}));
  const Thing last = registry_->update_thing("lamp", {.attributes = Attributes{{"z", "9"}}}).value();
  EXPECT_EQ(last.attributes, (Attributes{{"z", "9"}}));
  EXPECT_EQ(last.version, 4);
  EXPECT_EQ(code(registry_->update_thing("lamp", {.expected_version = 3})), "VersionConflictException");
  EXPECT_EQ(code(registry_->update_thing("none", {})), "ResourceNotFoundException");
}

TEST_F(RegistryTest, AnAttachedThingIsNotDeleted) {
  thing("lamp");
  const std::string id = certificate('a');
  ASSERT_TRUE(registry_->attach_thing_principal("lamp", arn(id), false));

  const auto refused = registry_->delete_thing("lamp", std::nullopt);
  ASSERT_TRUE(registry_->detach_thing_principal("lamp", arn(id)));

  EXPECT_EQ(refused.error().message, "Cannot delete. Thing lamp is still attached to one or more principals");
  EXPECT_TRUE(registry_->delete_thing("lamp", std::nullopt));
  EXPECT_EQ(code(registry_->thing("lamp")), "ResourceNotFoundException");
  EXPECT_EQ(code(registry_->delete_thing("lamp", std::nullopt)), "ResourceNotFoundException");
}

TEST_F(RegistryTest, ThingsAreListedByNameInPagesAndByAttribute) {
  for (const char* name : {"c", "a", "d", "b"}) thing(name, {{"room", std::string(name) < "c" ? "hall" : "hall2"}});

  const Page<Thing> first = registry_->things({}, {.limit = 3});
  const Page<Thing> second = registry_->things({}, {.limit = 3, .after = first.next});
  const Page<Thing> exact = registry_->things({}, {.limit = 4});

  EXPECT_THAT(first.items, ElementsAre(testing::Field(&Thing::name, "a"), testing::Field(&Thing::name, "b"),
                                       testing::Field(&Thing::name, "c")));
  EXPECT_THAT(second.items, ElementsAre(testing::Field(&Thing::name, "d")));
  EXPECT_EQ(second.next, "");
  EXPECT_EQ(exact.next, "");
  EXPECT_THAT(registry_->things({.attribute_name = "room", .attribute_value = "hall"}, {.limit = 9}).items,
              SizeIs(2));
  EXPECT_THAT(
      registry_->things({.attribute_name = "room", .attribute_value = "ha", .value_is_prefix = true}, {.limit = 9})
          .items,
      SizeIs(4));
}

TEST_F(RegistryTest, EverythingIsThereAgainAfterARestart) {
  const std::string id = certificate('a');
  registry_->create_thing_type({.name = "t", .description = "d", .searchable_attributes = {"a"}}).value();
  registry_->create_thing({.name = "lamp", .type_name = "t", .attributes = {{"a", "1"}}}).value();
  registry_->create_thing_group({.name = "g"}).value();
  registry_->create_policy("p", allowing("arn:1")).value();
  registry_->create_policy_version("p", allowing("arn:2"), true).value();
  ASSERT_TRUE(registry_->add_to_group("g", "lamp"));
  ASSERT_TRUE(registry_->attach_policy("p", arn(id)));
  ASSERT_TRUE(registry_->attach_thing_principal("lamp", arn(id), true));
  registry_->set_event_configurations({{"THING", true}});

  reopen();

  EXPECT_EQ(registry_->thing("lamp")->attributes, (Attributes{{"a", "1"}}));
  EXPECT_EQ(registry_->thing_type("t")->searchable_attributes, (std::vector<std::string>{"a"}));
  EXPECT_EQ(registry_->exclusive_thing(id), "lamp");
  EXPECT_EQ(registry_->certificate(id)->status, CertificateStatus::active);
  EXPECT_TRUE(allowed(id, "x", "arn:2"));
  EXPECT_EQ(registry_->policy("p")->versions.size(), 2u);
  EXPECT_THAT(*registry_->groups_of_thing("lamp"), ElementsAre("g"));
  EXPECT_THAT(registry_->certificates({.limit = 9}).items, SizeIs(1));
  EXPECT_TRUE(registry_->event_configurations().enabled.at("THING"));
}

TEST_F(RegistryTest, ADamagedRowIsNamedWhenTheRegistryOpens) {
  Batch batch;
  batch.put(Family::registry, "policy/p", "{}");
  store_->write(std::move(batch));

  const auto opened = Registry::open(*store_, test_instance);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "StoreFormat");
  EXPECT_EQ(opened.error().message, "the registry row of policy p is not readable");
}

TEST_F(RegistryTest, AThingTypeIsDeletedWhenDeprecatedAndUnused) {
  registry_->create_thing_type({.name = "t"}).value();
  registry_->create_thing({.name = "lamp", .type_name = "t"}).value();

  EXPECT_EQ(code(registry_->delete_thing_type("t")), "InvalidRequestException");
  ASSERT_TRUE(registry_->deprecate_thing_type("t", false));
  EXPECT_EQ(code(registry_->create_thing({.name = "b", .type_name = "t"})), "InvalidRequestException");
  EXPECT_EQ(code(registry_->delete_thing_type("t")), "InvalidRequestException");
  ASSERT_TRUE(registry_->update_thing("lamp", {.remove_type = true}));
  EXPECT_TRUE(registry_->delete_thing_type("t"));
}

TEST_F(RegistryTest, AGroupWithChildrenIsNotDeleted) {
  registry_->create_thing_group({.name = "a"}).value();
  registry_->create_thing_group({.name = "b", .parent = "a"}).value();

  EXPECT_EQ(code(registry_->delete_thing_group("a", std::nullopt)), "InvalidRequestException");
  EXPECT_TRUE(registry_->delete_thing_group("b", std::nullopt));
  EXPECT_TRUE(registry_->delete_thing_group("a", std::nullopt));
  EXPECT_EQ(code(registry_->thing_group("a")), "ResourceNotFoundException");
}

TEST_F(RegistryTest, GroupsNestSevenDeep) {
  registry_->create_thing_group({.name = "g1"}).value();
  for (int i = 2; i <= 7; ++i) {
    ASSERT_TRUE(
        registry_->create_thing_group({.name = "g" + std::to_string(i), .parent = "g" + std::to_string(i - 1)}));
  }

  EXPECT_EQ(code(registry_->create_thing_group({.name = "g8", .parent = "g7"})), "InvalidRequestException");
}

TEST_F(RegistryTest, VariablesComeFromTheAttachedThing) {
  thing("lamp", {{"env", "prod"}});
  const std::string id = certificate('a');
  const Connection connection{.certificate_id = id, .client_id = "lamp", .source_ip = "10.0.0.1"};
  const auto value = [&](std::string_view name) -> std::string {
    const auto variables = connection_variables(*registry_, connection);
    const auto values = variables.find(identity::PolicyVariables::normal(name));
    return std::string(values ? values->front() : "absent");
  };

  EXPECT_EQ(value("iot:Connection.Thing.IsAttached"), "false");
  EXPECT_EQ(value("iot:Connection.Thing.ThingName"), "absent");
  ASSERT_TRUE(registry_->attach_thing_principal("lamp", arn(id), false));

  EXPECT_EQ(value("iot:Connection.Thing.IsAttached"), "true");
  EXPECT_EQ(value("iot:Connection.Thing.ThingName"), "lamp");
  EXPECT_EQ(value("iot:Connection.Thing.Attributes[env]"), "prod");
  EXPECT_EQ(value("iot:ClientId"), "lamp");
  EXPECT_EQ(value("aws:SourceIp"), "10.0.0.1");
}

}  // namespace croft::things
