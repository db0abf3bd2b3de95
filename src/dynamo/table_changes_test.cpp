#include "dynamo/table_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dynamo/tables_testing.h"

namespace croft::dynamo {

using namespace testing;
using ::testing::StartsWith;

namespace {

const std::string invalid = "One or more parameter values were invalid: ";
constexpr Timestamp noon{20'000 * 86'400'000LL + 43'200'000};

IndexDefinition by(const std::string& name, const char* attribute) {
  return index(name, true, {{attribute, Type::string}, std::nullopt});
}

TableDefinition provisioned() {
  TableDefinition table = definition("t");
  table.on_demand = false;
  table.throughput = {5, 5};
  table.indexes = {by("g1", "g")};
  table.indexes[0].throughput = {2, 2};
  table.indexes[0].number = table.last_index = 1;
  table.attributes.push_back({"g", Type::string});
  return table;
}

TableDefinition read_back(const json::object& row) { return table_from_json(parsed(json::dump(row)).as_object()); }

std::string refusal(const TableDefinition& table, const UpdateTable& request) {
  const Result<void> checked = check_change(table, request);
  return checked ? "" : checked.error().message;
}

}  // namespace

TEST(TableChanges, SomethingHasToChange) {
  EXPECT_THAT(refusal(definition("t"), {.table = "t"}), StartsWith("At least one of ProvisionedThroughput, BillingMode,"));
  EXPECT_EQ(refusal(definition("t"), {.table = "t", .on_demand = true}), "");
}

TEST(TableChanges, SomeSettingsGoByThemselvesOnly) {
  const TableDefinition table = definition("t");
  const std::string only = " must be the only operation in the request";
  UpdateTable request{.table = "t", .deletion_protection = true, .table_class = "STANDARD"};
  EXPECT_EQ(refusal(table, request), invalid + "TableClass modification" + only);
  request.encryption_key = "arn";
  EXPECT_EQ(refusal(table, request), invalid + "Server-Side Encryption modification" + only);
  EXPECT_EQ(refusal(table, {.table = "t", .warm = Throughput{13000, 0}, .deletion_protection = true}),
            invalid + "DeletionProtection modification" + only);
  EXPECT_EQ(refusal(table, {.table = "t", .warm = Throughput{13000, 0}, .stream = StreamWanted{}}),
            invalid + "WarmThroughput" + only);
  EXPECT_EQ(refusal(table, {.table = "t", .on_demand_max = Throughput{9, 9}, .stream = StreamWanted{}}),
            invalid + "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
  EXPECT_EQ(refusal(table, {.table = "t", .on_demand = true, .on_demand_max = Throughput{9, 9}}), "");
  EXPECT_EQ(refusal(provisioned(), {.table = "t", .throughput = Throughput{6, 6}, .erase_index = "g1"}),
            invalid + "You cannot create or delete index while updating table IOPS");
}

TEST(TableChanges, UnitsHaveToChangeAndToFitTheBilling) {
  EXPECT_THAT(refusal(provisioned(), {.table = "t", .throughput = Throughput{5, 5}}),
              StartsWith("The provisioned throughput for the table will not change. The requested value equals the current "
                         "value. Current ReadCapacityUnits provisioned for the table: 5."));
  EXPECT_THAT(refusal(provisioned(), {.table = "t", .index_throughput = {{"g1", {2, 2}}}}),
              StartsWith("The provisioned throughput for the index g1 will not change."));
  EXPECT_EQ(refusal(definition("t"), {.table = "t", .throughput = Throughput{5, 5}}),
            invalid + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
  EXPECT_EQ(refusal(definition("t"), {.table = "t", .on_demand = false}),
            invalid + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  TableDefinition on_demand = provisioned();
  on_demand.on_demand = true;
  EXPECT_EQ(refusal(on_demand, {.table = "t", .on_demand = false, .throughput = Throughput{5, 5}}),
            invalid + "ProvisionedThroughput must be specified for index: g1");
  EXPECT_EQ(refusal(on_demand, {.table = "t", .index_throughput = {{"g1", {3, 3}}}}),
            invalid + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: g1 when BillingMode is "
                      "PAY_PER_REQUEST");
}

TEST(TableChanges, OneIndexIsMadeAtATime) {
  TableDefinition table = provisioned();
  table.indexes[0].backfilling = true;
  UpdateTable request{.table = "t", .create_index = by("g2", "g")};
  request.create_index->throughput = {1, 1};

  EXPECT_EQ(check_change(table, request).error().code, "LimitExceededException");
  EXPECT_EQ(refusal(table, request),
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");
  EXPECT_EQ(refusal(table, {.table = "t", .erase_index = "g1"}), "");
  EXPECT_EQ(refusal(table, {.table = "t", .deletion_protection = true}), "");
  request.create_index->name = "g1";
  EXPECT_EQ(refusal(table, request), "Attempting to create an index which already exists");
  EXPECT_EQ(refusal(table, {.table = "t", .erase_index = "none"}), "Requested resource not found: Index none for table t");
  table.indexes[0].backfilling = false;
  for (int n = 0; n < 19; ++n) table.indexes.push_back(by("more" + std::to_string(n), "g"));
  request.create_index->name = "g2";
  EXPECT_EQ(refusal(table, request),
            "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of 20");
}

TEST(TableChanges, LocalIndexesStayAsTheyAre) {
  TableDefinition table = definition("t");
  table.indexes = {index("local", false, {{"pk", Type::string}, KeyAttribute{"l", Type::string}})};

  EXPECT_EQ(refusal(table, {.table = "t", .erase_index = "local"}),
            "Cannot delete an index that is not a GlobalSecondaryIndex: local");
  EXPECT_EQ(refusal(table, {.table = "t", .index_throughput = {{"local", {1, 1}}}}),
            "Cannot update an index that is not a GlobalSecondaryIndex: local");
}

TEST(TableChanges, MaximaAndWarmthHaveTheirRanges) {
  const TableDefinition table = definition("t");
  EXPECT_EQ(refusal(table, {.table = "t", .on_demand_max = Throughput{0, 5}}),
            invalid + "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range");
  EXPECT_EQ(refusal(table, {.table = "t", .on_demand_max = Throughput{5, -1}}), "");
  EXPECT_EQ(refusal(provisioned(), {.table = "t", .on_demand_max = Throughput{-1, 5}}),
            invalid + "MaxWriteRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is "
                      "PROVISIONED");
  EXPECT_EQ(refusal(table, {.table = "t", .warm = Throughput{12000, 3999}}),
            invalid + "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than current WarmThroughput, "
                      "decreasing WarmThroughput is not supported");
  EXPECT_EQ(refusal(table, {.table = "t", .warm = Throughput{12001, 0}}), "");
}

TEST(TableChanges, EncryptionHasToChangeWhenItsKeyIsNamed) {
  TableDefinition table = definition("t");
  EXPECT_EQ(refusal(table, {.table = "t", .encryption_key = ""}), invalid + "Table is already encrypted by default");
  table.encryption_key = "arn";
  EXPECT_EQ(refusal(table, {.table = "t", .encryption_key = "arn"}), "");
  EXPECT_EQ(refusal(table, {.table = "t", .encryption_key = "arn", .encryption_key_named = true}),
            invalid + "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change "
                      "Master Key");
}

TEST(TableChanges, BillingTakesItsSettingsAlong) {
  TableDefinition table = provisioned();
  table = changed(table, {.table = "t", .on_demand = true}, noon);
  EXPECT_TRUE(table.was_on_demand);
  EXPECT_EQ(table.on_demand_since, noon);
  EXPECT_EQ(table.throughput, Throughput());
  EXPECT_EQ(table.indexes[0].throughput, Throughput());
  table = changed(table, {.table = "t", .on_demand_max = Throughput{9, -1}}, noon);
  EXPECT_EQ(table.notes.on_demand_max, (Throughput{9, -1}));
  const UpdateTable back{
      .table = "t", .on_demand = false, .throughput = Throughput{1, 2}, .index_throughput = {{"g1", {3, 4}}}};
  table = changed(table, back, noon);
  EXPECT_FALSE(table.on_demand);
  EXPECT_TRUE(table.was_on_demand);
  EXPECT_EQ(table.notes.on_demand_max, (Throughput{-1, -1}));
  EXPECT_EQ(table.indexes[0].throughput, (Throughput{3, 4}));
}

TEST(TableChanges, IncreasesAndDecreasesAreNoted) {
  TableDefinition table = changed(provisioned(), {.table = "t", .throughput = Throughput{6, 5}}, noon);
  EXPECT_EQ(table.notes.increased, noon);
  EXPECT_EQ(table.notes.decreases_on_the_day_of(noon), 0);
  table = changed(table, {.table = "t", .throughput = Throughput{4, 5}}, noon);
  table = changed(table, {.table = "t", .throughput = Throughput{5, 4}}, {noon.ms + 1});
  EXPECT_EQ(table.notes.decreases_on_the_day_of(noon), 2);
  EXPECT_EQ(table.notes.decreased.ms, noon.ms + 1);
  EXPECT_EQ(table.notes.increased.ms, noon.ms + 1);
  EXPECT_EQ(table.notes.decreases_on_the_day_of({noon.ms + 86'400'000}), 0);
}

TEST(TableChanges, NoIndexGetsTheNumberOfAnother) {
  TableDefinition table = provisioned();
  UpdateTable request{.table = "t", .attributes = {{"h", Type::string}}, .create_index = by("g2", "h")};
  table = changed(table, request, noon);
  EXPECT_EQ(table.indexes[1].number, 2);
  EXPECT_TRUE(table.indexes[1].backfilling);
  table = changed(table, {.table = "t", .erase_index = "g2"}, noon);
  EXPECT_EQ(table.attributes.size(), 3u);  // pk, sk, g
  table = changed(table, request, noon);
  EXPECT_EQ(table.indexes[1].number, 3);
}

TEST(TableChanges, WhatIsKeptOfATableIsInItsRow) {
  TableDefinition table = provisioned();
  table.number = 7;
  table.was_on_demand = true;
  table.encryption_key = "arn:key";
  table.policy = ResourcePolicy{"{}", "12"};
  table.insights = {{"g1", "THROTTLED_KEYS", noon}};
  table.notes.on_demand_max = {-1, 8};
  table.indexes[0].notes.warm = {1, 2};
  const TableDefinition read = read_back(to_json(table));
  EXPECT_EQ(read.notes, table.notes);
  EXPECT_EQ(read.indexes[0].notes, table.indexes[0].notes);
  EXPECT_EQ(read.last_index, 1);
  EXPECT_TRUE(read.was_on_demand);
  EXPECT_EQ(read.encryption_key, "arn:key");
  EXPECT_EQ(read.policy->revision, "12");
  EXPECT_EQ(read.insights.at(0).since, noon);

  json::object old = to_json(table);  // of a croft before there were these members
  for (const char* name : {"was_on_demand", "encryption_key", "policy", "insights", "notes", "last_index"}) old.erase(name);
  const TableDefinition older = read_back(old);
  EXPECT_EQ(older.last_index, 1);
  EXPECT_FALSE(older.was_on_demand);
  EXPECT_FALSE(older.policy.has_value());
  EXPECT_EQ(older.notes, ThroughputNotes());
}

}  // namespace croft::dynamo
