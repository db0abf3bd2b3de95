#include <atomic>
#include <thread>

#include "things/registry_fixture.h"

namespace croft::things {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using RegistryPrincipalsTest = RegistryTest;

TEST_F(RegistryPrincipalsTest, AnExclusivePrincipalBelongsToOneThing) {
  thing("a");
  thing("b");
  const std::string id = certificate('1');

  ASSERT_TRUE(registry_->attach_thing_principal("a", arn(id), true));

  EXPECT_EQ(code(registry_->attach_thing_principal("b", arn(id), false)), "InvalidRequestException");
  EXPECT_EQ(registry_->exclusive_thing(id), "a");
  EXPECT_EQ(registry_->connection_thing(id, "anything")->thing.name, "a");
  ASSERT_TRUE(registry_->attach_thing_principal("a", arn(id), false));
  ASSERT_TRUE(registry_->attach_thing_principal("b", arn(id), false));
  EXPECT_EQ(code(registry_->attach_thing_principal("a", arn(id), true)), "InvalidRequestException");
  EXPECT_EQ(registry_->exclusive_thing(id), std::nullopt);
  EXPECT_THAT(registry_->things_of(id), UnorderedElementsAre("a", "b"));
}

TEST_F(RegistryPrincipalsTest, PrincipalsMustExistAndBeWellFormed) {
  thing("a");

  EXPECT_EQ(code(registry_->attach_thing_principal("a", arn(std::string(64, '9')), false)),
            "ResourceNotFoundException");
  EXPECT_EQ(code(registry_->attach_thing_principal("a", "arn:aws:iam::1:user/x", false)), "InvalidRequestException");
  EXPECT_EQ(code(registry_->attach_thing_principal("a", "", false)), "InvalidRequestException");
  EXPECT_EQ(code(registry_->attach_thing_principal("none", arn(certificate('1')), false)),
            "ResourceNotFoundException");
  EXPECT_TRUE(registry_->attach_thing_principal("a", "us-east-1:11111111-2222-3333-4444-555555555555", false));
}

TEST_F(RegistryPrincipalsTest, AnActiveOrAttachedCertificateIsNotDeleted) {
  const std::string id = certificate('a');
  thing("lamp");
  registry_->create_policy("p", allowing("*")).value();
  ASSERT_TRUE(registry_->attach_policy("p", arn(id)));
  ASSERT_TRUE(registry_->attach_thing_principal("lamp", arn(id), false));

  const auto active = registry_->delete_certificate(id, true);
  EXPECT_EQ(active.error().code, "CertificateStateException");
  EXPECT_EQ(active.error().http_status, 406);
  EXPECT_EQ(active.error().message, "Certificate must be deactivated (not ACTIVE) before deletion. Id: " + id);

  ASSERT_TRUE(registry_->set_certificate_status(id, CertificateStatus::inactive));
  EXPECT_EQ(code(registry_->delete_certificate(id, true)), "DeleteConflictException");
  ASSERT_TRUE(registry_->detach_thing_principal("lamp", arn(id)));
  EXPECT_EQ(registry_->delete_certificate(id, false).error().message,
            "Certificate policies must be detached before deletion (arn: " + arn(id) + ")");
  EXPECT_TRUE(registry_->delete_certificate(id, true));
  EXPECT_THAT(*registry_->targets_of_policy("p"), IsEmpty());
}

TEST_F(RegistryPrincipalsTest, AKnownCertificateIsNotAddedAgain) {
  const std::string id = certificate('a');

  const auto again = registry_->add_certificate({.certificate = {.id = id}});

  EXPECT_EQ(again.error().code, "ResourceAlreadyExistsException");
  EXPECT_EQ(again.error().message, "The certificate is already provisioned or registered");
}

TEST_F(RegistryPrincipalsTest, CertificatesAreListedInBothDirections) {
  std::vector<std::string> ids{certificate('1'), certificate('2'), certificate('3')};

  std::vector<std::string> up, down;
  for (const bool ascending : {true, false}) {
    std::string after;
    do {
      const auto page = registry_->certificates({.limit = 1, .after = after, .ascending = ascending});
      for (const auto& item : page.items) (ascending ? up : down).push_back(item.id);
      after = page.next;
    } while (!after.empty());
  }

  EXPECT_EQ(up, ids);
  EXPECT_EQ(down, (std::vector<std::string>{ids[2], ids[1], ids[0]}));
}

TEST_F(RegistryPrincipalsTest, PoliciesHaveFiveVersionsOfWhichOneCounts) {
  registry_->create_policy("p", allowing("arn:1")).value();
  const std::string id = certificate('a');
  ASSERT_TRUE(registry_->attach_policy("p", arn(id)));
  for (int i = 2; i <= 5; ++i) {
    ASSERT_TRUE(registry_->create_policy_version("p", allowing("arn:" + std::to_string(i)), i == 5));
  }

  EXPECT_EQ(registry_->create_policy_version("p", allowing("arn:6"), true).error().message,
            "The policy p already has the maximum number of versions (5)");
  EXPECT_TRUE(allowed(id, "c", "arn:5"));
  EXPECT_FALSE(allowed(id, "c", "arn:1"));
  EXPECT_EQ(code(registry_->delete_policy_version("p", 5)), "DeleteConflictException");
  ASSERT_TRUE(registry_->set_default_policy_version("p", 1));
  EXPECT_TRUE(allowed(id, "c", "arn:1"));
  ASSERT_TRUE(registry_->delete_policy_version("p", 5));
  EXPECT_EQ(code(registry_->set_default_policy_version("p", 5)), "ResourceNotFoundException");
  EXPECT_EQ(registry_->create_policy_version("p", allowing("arn:6"), false)->versions.rbegin()->first, 6);
}

TEST_F(RegistryPrincipalsTest, APolicyIsDeletedOnlyWhenAloneAndUnattached) {
  registry_->create_policy("p", allowing("*")).value();
  registry_->create_policy_version("p", allowing("*"), true).value();
  const std::string id = certificate('a');
  ASSERT_TRUE(registry_->attach_policy("p", arn(id)));

  EXPECT_EQ(registry_->delete_policy("p").error().message,
            "The policy cannot be deleted as the policy is attached to one or more principals (name=p)");
  ASSERT_TRUE(registry_->detach_policy("p", arn(id)));
  EXPECT_EQ(code(registry_->delete_policy("p")), "DeleteConflictException");
  ASSERT_TRUE(registry_->delete_policy_version("p", 1));
  EXPECT_TRUE(registry_->delete_policy("p"));
  EXPECT_EQ(code(registry_->create_policy("p", "{")), "MalformedPolicyException");
  EXPECT_EQ(registry_->policy("p").error().http_status, 404);
}

TEST_F(RegistryPrincipalsTest, APrincipalHasTenPolicies) {
  const std::string id = certificate('a');
  for (int i = 0; i < 11; ++i) registry_->create_policy("p" + std::to_string(i), allowing("*")).value();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(registry_->attach_policy("p" + std::to_string(i), arn(id)));

  const auto eleventh = registry_->attach_policy("p10", arn(id));

  EXPECT_EQ(eleventh.error().code, "LimitExceededException");
  EXPECT_EQ(eleventh.error().http_status, 410);
  EXPECT_TRUE(registry_->attach_policy("p0", arn(id)));
}

TEST_F(RegistryPrincipalsTest, GroupPoliciesApplyWhenTheClientIdIsTheAttachedThing) {
  registry_->create_thing_group({.name = "plant"}).value();
  registry_->create_thing_group({.name = "hall", .parent = "plant"}).value();
  thing("lamp");
  const std::string id = certificate('a');
  registry_->create_policy("p", allowing("*")).value();
  ASSERT_TRUE(registry_->add_to_group("hall", "lamp"));
  ASSERT_TRUE(registry_->attach_policy("p", registry_->thing_group_arn("plant")));

  EXPECT_FALSE(allowed(id, "lamp", "arn:x"));
  ASSERT_TRUE(registry_->attach_thing_principal("lamp", arn(id), false));

  EXPECT_TRUE(allowed(id, "lamp", "arn:x"));
  EXPECT_FALSE(allowed(id, "lamp2", "arn:x"));
  EXPECT_THAT(*registry_->attached_policies(registry_->thing_group_arn("hall"), true), ElementsAre("p"));
  EXPECT_THAT(*registry_->attached_policies(registry_->thing_group_arn("hall"), false), IsEmpty());
  EXPECT_THAT(*registry_->things_in_group("plant", true), ElementsAre("lamp"));
}

TEST_F(RegistryPrincipalsTest, ListenersHearOfEveryChangeThatTouchesACertificate) {
  std::vector<std::string> heard;
  registry_->on_change([&](const std::string& id) {
    registry_->certificate(id);  // no lock is held
    heard.push_back(id);
  });
  const std::string id = certificate('a');
  thing("lamp");
  registry_->create_thing_group({.name = "g"}).value();
  registry_->create_policy("p", allowing("*")).value();
  registry_->create_policy("q", allowing("*")).value();
  heard.clear();
  const std::uint64_t revision = registry_->revision();

  ASSERT_TRUE(registry_->attach_policy("p", arn(id)));
  ASSERT_TRUE(registry_->attach_policy("p", arn(id)));                           // nothing new
  ASSERT_TRUE(registry_->create_policy_version("p", allowing("arn:x"), false));  // not in force
  ASSERT_TRUE(registry_->create_policy_version("p", allowing("arn:x"), true));
  ASSERT_TRUE(registry_->attach_thing_principal("lamp", arn(id), false));
  ASSERT_TRUE(registry_->add_to_group("g", "lamp"));
  ASSERT_TRUE(registry_->attach_policy("q", registry_->thing_group_arn("g")));
  ASSERT_TRUE(registry_->set_certificate_status(id, CertificateStatus::revoked));
  ASSERT_TRUE(registry_->detach_policy("p", arn(id)));

  EXPECT_EQ(heard, std::vector<std::string>(7, id));
  EXPECT_EQ(registry_->revision(), revision + 7);
}

TEST_F(RegistryPrincipalsTest, APolicySetIsSharedUntilItChangesAndThenReplaced) {
  const std::string id = certificate('a');
  registry_->create_policy("p", allowing("*")).value();
  const auto before = registry_->policies_of(id);

  EXPECT_EQ(registry_->policies_of(id), before);
  ASSERT_TRUE(registry_->attach_policy("p", arn(id)));

  EXPECT_TRUE(before->empty());
  EXPECT_FALSE(registry_->policies_of(id)->empty());
  EXPECT_TRUE(registry_->policies_of(std::string(64, '0'))->empty());
}

TEST_F(RegistryPrincipalsTest, ReadersAndWritersShareIt) {
  const std::string id = certificate('a');
  registry_->create_policy("p", allowing("*")).value();
  std::atomic<bool> stop = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        EXPECT_NE(registry_->policies_of(id, "lamp"), nullptr);
        registry_->certificate(id);
      }
    });
  }

  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(registry_->attach_policy("p", arn(id)));
    EXPECT_FALSE(registry_->policies_of(id)->empty());
    ASSERT_TRUE(registry_->detach_policy("p", arn(id)));
    EXPECT_TRUE(registry_->policies_of(id)->empty());
  }
  stop = true;
}

}  // namespace croft::things
