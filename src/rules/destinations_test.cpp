#include "rules/destinations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/destination_limits.h"

namespace croft::rules {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DestinationsTest : public testing::Test {
 protected:
  DestinationsTest() { reopen(); }
  void reopen() {
    destinations = std::make_unique<Destinations>(*store, Instance{.account_id = "123456789012"}, [this] { return now; });
  }
  std::string create(std::string url = "https://example.com") {
    return destinations->create(Destination::Http{std::move(url)}).value().arn;
  }
  Destination::Status status(const std::string& arn) { return destinations->get(arn).value().status; }

  Timestamp now{1'000'000};
  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  std::unique_ptr<Destinations> destinations;
};

}  // namespace

TEST_F(DestinationsTest, ATokenIsGoodForThreeDays) {
  const std::string arn = create();
  const std::string token = destinations->issue_token(arn).value();

  now.ms += limits::confirmation_token_life.count();
  EXPECT_EQ(status(arn), Destination::Status::in_progress);
  now.ms += 1;
  EXPECT_EQ(status(arn), Destination::Status::error);
  EXPECT_EQ(destinations->get(arn).value().status_reason, "Confirmation timed out.");
  EXPECT_EQ(destinations->confirm(token).error().code, "InvalidRequestException");
  EXPECT_EQ(status(arn), Destination::Status::error);

  EXPECT_TRUE(destinations->set_status(arn, "IN_PROGRESS").value());
  EXPECT_EQ(status(arn), Destination::Status::in_progress);
  EXPECT_TRUE(destinations->confirm(destinations->issue_token(arn).value()));
  EXPECT_EQ(status(arn), Destination::Status::enabled);
}

TEST_F(DestinationsTest, AConfirmedDestinationDoesNotTimeOut) {
  const std::string arn = create();
  EXPECT_TRUE(destinations->confirm(destinations->issue_token(arn).value()));

  now.ms += 2 * limits::confirmation_token_life.count();

  EXPECT_EQ(status(arn), Destination::Status::enabled);
}

TEST_F(DestinationsTest, TheStoreHoldsNoToken) {
  const std::string arn = create();
  const std::string token = destinations->issue_token(arn).value();

  for (const Row& row : store->scan(Family::registry, "", "", 100)) EXPECT_EQ(row.value.find(token), std::string::npos);
  reopen();
  EXPECT_TRUE(destinations->confirm(token));
  EXPECT_EQ(status(arn), Destination::Status::enabled);
}

TEST_F(DestinationsTest, WhatWasNotAskedYetIsAskedAfterARestart) {
  const std::string asked = create("https://a.example"), cut_off = create("https://b.example");
  destinations->was_asked(asked, destinations->issue_token(asked).value(), 200);
  ASSERT_TRUE(destinations->issue_token(cut_off));

  reopen();

  EXPECT_THAT(destinations->unasked(), ElementsAre(cut_off));
}

TEST_F(DestinationsTest, AnAnswerToAnEarlierRequestSaysNothing) {
  const std::string arn = create();
  const std::string first = destinations->issue_token(arn).value(), second = destinations->issue_token(arn).value();

  destinations->was_asked(arn, first, 404);
  EXPECT_THAT(destinations->get(arn).value().status_reason, testing::EndsWith("no response received from the endpoint."));
  destinations->was_asked(arn, second, 404);
  EXPECT_THAT(destinations->get(arn).value().status_reason, testing::EndsWith("HTTP status code - 404."));
}

TEST_F(DestinationsTest, AllKindsAreKept) {
  const Destination::Vpc vpc{
      .subnet_ids = {"subnet-1", "subnet-2"}, .security_groups = {"sg-1"}, .vpc_id = "vpc-1", .role_arn = "r"};
  const Destination::InfluxDb influx{"https://i.example:8086", "V3", "s", "SecretString", "k"};
  const std::string network = destinations->create(vpc).value().arn, base = destinations->create(influx).value().arn;

  reopen();

  const auto kept = std::get<Destination::Vpc>(destinations->get(network).value().target);
  EXPECT_THAT(kept.subnet_ids, ElementsAre("subnet-1", "subnet-2"));
  EXPECT_THAT(kept.security_groups, ElementsAre("sg-1"));
  EXPECT_EQ(status(network), Destination::Status::enabled);
  EXPECT_EQ(std::get<Destination::InfluxDb>(destinations->get(base).value().target).secret_key, "k");
  EXPECT_EQ(base.substr(0, base.rfind('/') + 1), "arn:aws:iot:us-east-1:123456789012:ruledestination/influxdb/");
}

TEST_F(DestinationsTest, ARowThatIsNoneIsLeftAlone) {
  Batch batch;
  batch.put(Family::registry, "ruledestination/http/x", "{\"kind\":\"http\",\"status\":\"?\"}");
  batch.put(Family::registry, "ruledestination/http/y", "nothing");
  store->write(std::move(batch));

  reopen();

  EXPECT_THAT(destinations->list(), IsEmpty());
}

TEST_F(DestinationsTest, ThereAreAThousandAtMost) {
  for (std::size_t n = 0; n < limits::destinations_max; ++n) create("https://example.com/" + std::to_string(n));

  EXPECT_TRUE(destinations->is_full());
  EXPECT_EQ(destinations->create(Destination::Http{"https://example.com/more"}).error().code, "LimitExceededException");
}

}  // namespace croft::rules
