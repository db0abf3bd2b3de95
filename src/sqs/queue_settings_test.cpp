#include "sqs/queue_settings.h"

#include <gmock/gmock.h>

namespace croft::sqs {

namespace {

const Instance instance;

struct Settings : testing::Test {
  Settings() {
    source.name = "q";
    ordered.name = "q.fifo";
    dead.name = "dead";
  }
  Result<void> set(QueueDefinition& queue, Attributes changes, bool is_creation = false) {
    return set_attributes(queue, changes, {instance, find, is_creation});
  }
  std::string refusal(QueueDefinition& queue, Attributes changes, bool is_creation = false) {
    const auto done = set(queue, std::move(changes), is_creation);
    return done ? "" : done.error().code + ": " + done.error().message;
  }
  static std::string policy(const std::string& target, const std::string& receives) {
    return R"({"deadLetterTargetArn":")" + target + R"(","maxReceiveCount":)" + receives + "}";
  }

  QueueDefinition source, ordered, dead;
  const FindQueue find = [this](std::string_view name) -> const QueueDefinition* {
    return name == dead.name ? &dead : name == ordered.name ? &ordered : nullptr;
  };
  const std::string dead_arn = "arn:aws:sqs:us-east-1:000000000000:dead";
};

TEST_F(Settings, NumbersHaveBounds) {
  for (const auto& [name, good, bad] : {std::tuple{"VisibilityTimeout", "43200", "43201"},
                                        {"DelaySeconds", "900", "901"},
                                        {"MaximumMessageSize", "1024", "1023"},
                                        {"MaximumMessageSize", "1048576", "1048577"},
                                        {"MessageRetentionPeriod", "60", "59"},
                                        {"MessageRetentionPeriod", "1209600", "1209601"},
                                        {"ReceiveMessageWaitTimeSeconds", "20", "21"},
                                        {"VisibilityTimeout", "0", "-1"},
                                        {"DelaySeconds", "0", "x"},
                                        {"DelaySeconds", "1", ""}}) {
    EXPECT_TRUE(set(source, {{name, good}})) << name << good;
    EXPECT_EQ(refusal(source, {{name, bad}}),
              std::string("InvalidAttributeValue: Invalid value for the parameter ") + name + ".");
  }
}

TEST_F(Settings, UnknownAndReadOnlyNamesAreRefusedAndNothingChanges) {
  EXPECT_EQ(refusal(source, {{"Nope", "1"}}), "InvalidAttributeName: Unknown Attribute Nope.");
  EXPECT_EQ(refusal(source, {{"DelaySeconds", "5"}, {"QueueArn", "x"}}),
            "InvalidAttributeName: Unknown Attribute QueueArn.");
  EXPECT_EQ(source.attribute("DelaySeconds"), "0");
}

TEST_F(Settings, TheKindOfAQueueStays) {
  EXPECT_EQ(refusal(source, {{"FifoQueue", "true"}}), "InvalidAttributeName: Unknown Attribute FifoQueue.");
  EXPECT_EQ(refusal(ordered, {{"FifoQueue", "false"}}),
            "InvalidAttributeValue: Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not "
            "supported.");
  EXPECT_EQ(refusal(source, {{"FifoQueue", "false"}}, true), "InvalidAttributeName: Unknown Attribute FifoQueue.");
  EXPECT_EQ(refusal(source, {{"ContentBasedDeduplication", "true"}}),
            "InvalidAttributeName: Unknown Attribute ContentBasedDeduplication.");
  EXPECT_EQ(refusal(source, {{"DeduplicationScope", "queue"}}),
            "InvalidAttributeName: You can specify the DeduplicationScope only when FifoQueue is set to true.");
}

TEST_F(Settings, HighThroughputNeedsItsScope) {
  EXPECT_EQ(refusal(ordered, {{"FifoThroughputLimit", "perMessageGroupId"}}),
            "InvalidAttributeValue: Invalid value for the parameter FifoThroughputLimit. Reason: The "
            "perMessageGroupId value is allowed "
            "only when the value for DeduplicationScope is messageGroup.");
  EXPECT_TRUE(set(ordered, {{"FifoThroughputLimit", "perMessageGroupId"}, {"DeduplicationScope", "messageGroup"}}));
  EXPECT_TRUE(ordered.settings().deduplicates_in_group);
}

TEST_F(Settings, OneKindOfEncryptionAtATime) {
  EXPECT_EQ(refusal(source, {{"KmsMasterKeyId", "key"}, {"SqsManagedSseEnabled", "true"}}),
            "InvalidAttributeName: You can use one type of server-side encryption (SSE) at one time. You can either "
            "enable KMS SSE or "
            "SQS SSE.");
  EXPECT_TRUE(set(source, {{"SqsManagedSseEnabled", "true"}}));
  EXPECT_TRUE(set(source, {{"KmsMasterKeyId", "key"}}));
  EXPECT_EQ(source.attribute("SqsManagedSseEnabled"), "false");
  EXPECT_EQ(source.attribute("KmsDataKeyReusePeriodSeconds"), "300");
  EXPECT_TRUE(set(source, {{"KmsMasterKeyId", ""}}));
  EXPECT_EQ(source.attribute("SqsManagedSseEnabled"), "true");
}

TEST_F(Settings, RedriveIsKeptInOneForm) {
  EXPECT_TRUE(
      set(source, {{"RedrivePolicy", R"({"maxReceiveCount": "5", "deadLetterTargetArn": ")" + dead_arn + R"("})"}}));
  EXPECT_EQ(source.attribute("RedrivePolicy"), policy(dead_arn, "5"));
  EXPECT_EQ(source.settings().redrive, (Redrive{"dead", 5}));
  EXPECT_TRUE(set(source, {{"RedrivePolicy", ""}}));
  EXPECT_EQ(source.settings().redrive, std::nullopt);
}

TEST_F(Settings, RedriveIsChecked) {
  const auto reason = [&](const std::string& text) {
    const std::string start =
        "InvalidParameterValueException: Value " + text + " for parameter RedrivePolicy is invalid. Reason: ";
    const std::string whole = refusal(source, {{"RedrivePolicy", text}});
    return whole.starts_with(start) ? whole.substr(start.size()) : whole;
  };
  EXPECT_EQ(reason("[]"), "Redrive policy is not a valid JSON map.");
  EXPECT_EQ(reason("{}"), "Redrive policy does not contain mandatory attribute: maxReceiveCount.");
  EXPECT_EQ(reason(R"({"maxReceiveCount":1})"),
            "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
  EXPECT_EQ(reason(policy("dummy", "42")), "Invalid value for deadLetterTargetArn.");
  EXPECT_EQ(reason(policy(dead_arn, "0")),
            "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.");
  EXPECT_EQ(reason(policy(dead_arn, "1001")),
            "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.");
  EXPECT_EQ(reason(policy("arn:aws:sqs:us-east-1:000000000000:none", "1")), "Dead letter target does not exist.");
  EXPECT_EQ(reason(policy("arn:aws:sqs:us-east-1:111111111111:dead", "1")),
            "Dead-letter target owner should be same as the source.");
  EXPECT_EQ(reason(policy("arn:aws:sqs:us-east-1:000000000000:q.fifo", "1")),
            "Dead-letter queue must be same type of queue as the source.");
}

TEST_F(Settings, ADeadLetterQueueChoosesItsSources) {
  const Attributes wanted{{"RedrivePolicy", policy(dead_arn, "1")}};
  ASSERT_TRUE(set(dead, {{"RedriveAllowPolicy", R"({"redrivePermission":"denyAll"})"}}));
  EXPECT_FALSE(set(source, wanted));
  ASSERT_TRUE(
      set(dead, {{"RedriveAllowPolicy",
                  R"({"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:x"]})"}}));
  EXPECT_FALSE(set(source, wanted));
  ASSERT_TRUE(
      set(dead, {{"RedriveAllowPolicy",
                  R"({"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:q"]})"}}));
  EXPECT_TRUE(set(source, wanted));
  EXPECT_FALSE(set(dead, {{"RedriveAllowPolicy", R"({"redrivePermission":"byQueue"})"}}));
  EXPECT_FALSE(set(dead, {{"RedriveAllowPolicy", R"({"redrivePermission":"allowAll","sourceQueueArns":["a"]})"}}));
  EXPECT_FALSE(set(dead, {{"RedriveAllowPolicy", R"({"redrivePermission":"some"})"}}));
}

TEST_F(Settings, TheSameNameNeedsTheSameAttributes) {
  ASSERT_TRUE(set(source, {{"DelaySeconds", "5"}}));
  const AttributeChange change{instance, find, true};

  EXPECT_TRUE(check_same(source, {}, change));
  EXPECT_TRUE(check_same(source, {{"DelaySeconds", "5"}, {"VisibilityTimeout", "30"}}, change));
  EXPECT_EQ(check_same(source, {{"DelaySeconds", "6"}}, change).error(),
            Error("QueueNameExists",
                  "A queue already exists with the same name and a different value for attribute DelaySeconds", 400));
}

TEST_F(Settings, Names) {
  for (const std::string& name : {std::string("a"), std::string(80, 'x'), std::string("A-b_9")})
    EXPECT_TRUE(check_queue_name(name, false));
  for (const std::string& name :
       {std::string(), std::string(81, 'x'), std::string("a.fifo"), std::string("a b"), std::string("\xc3\xa9")})
    EXPECT_FALSE(check_queue_name(name, false)) << name;
  EXPECT_TRUE(check_queue_name(std::string(75, 'x') + ".fifo", true));
  for (const std::string& name :
       {std::string(".fifo"), std::string("a"), std::string(76, 'x') + ".fifo", std::string("a.b.fifo")})
    EXPECT_FALSE(check_queue_name(name, true)) << name;
}

TEST_F(Settings, ADefinitionReadsBackFromItsRow) {
  ASSERT_TRUE(set(source, {{"RedrivePolicy", policy(dead_arn, "5")}, {"Policy", R"({"Version":"2012-10-17"})"}}));
  source.number = 4'000'000'000;
  source.id = "0011223344556677";
  source.created_ms = 1;
  source.modified_ms = 2;
  source.tags = {{"k", "v"}};

  const auto back = QueueDefinition::from_row("q", source.to_row());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->to_row(), source.to_row());
  EXPECT_EQ(back->number, 4'000'000'000u);
  EXPECT_FALSE(QueueDefinition::from_row("q", "{}"));
}

}  // namespace

}  // namespace croft::sqs
