#include "dynamo/throughput.h"

#include <gtest/gtest.h>

namespace croft::dynamo {

namespace {

using Kind = ThroughputLimits::Kind;

class ThroughputLimitsTest : public testing::Test {
 protected:
  ThroughputLimitsTest() {
    table.number = 7;
    table.throughput = {.read = 2, .write = 1};
    IndexDefinition global, local;
    global.name = "global";
    global.throughput = {.read = 1, .write = 1};
    global.number = 1;
    local.name = "local";
    local.global = false;
    local.number = 2;
    table.indexes = {global, local};
  }
  // "" when let in and paid for; otherwise the refusal.
  std::string write(double units, double in_global = 0, double in_local = 0) {
    Capacity capacity{units, {}, {}};
    if (in_global > 0) capacity.global_indexes.emplace_back("global", in_global);
    if (in_local > 0) capacity.local_indexes.emplace_back("local", in_local);
    Result<void> admitted = limits.admit(table, Kind::write);
    if (admitted) admitted = limits.admit_indexes(table, capacity);
    if (!admitted) return admitted.error().message;
    limits.charge(table, Kind::write, capacity);
    return "";
  }
  int writes_let_in(int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += write(1).empty() ? 1 : 0;
    return count;
  }

  MonoTime now{1'000'000};
  ThroughputLimits limits{[this] { return now; }};
  TableDefinition table;
  const std::string table_text =
      "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level "
      "with the UpdateTable API.";
  const std::string index_text =
      "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. "
      "Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API";
};

}  // namespace

TEST_F(ThroughputLimitsTest, ATableStartsWithTheUnitsOfOneSecond) {
  EXPECT_EQ(write(1), "");
  EXPECT_EQ(write(1), table_text);
  now.ms += 999;
  EXPECT_EQ(write(1), table_text);
  now.ms += 1;
  EXPECT_EQ(write(1), "");
}

TEST_F(ThroughputLimitsTest, TheErrorIsDynamoDbs) {
  limits.charge(table, Kind::write, {5, {}, {}});
  const Result<void> refused = limits.admit(table, Kind::write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "ProvisionedThroughputExceededException");
  EXPECT_EQ(refused.error().http_status, 400);
}

TEST_F(ThroughputLimitsTest, FiveMinutesOfUnusedUnitsAreKept) {
  EXPECT_EQ(write(1), "");
  now.ms += 24 * 60 * 60 * 1000;
  EXPECT_EQ(writes_let_in(1'000), 300);
  now.ms += 10'000;
  EXPECT_EQ(writes_let_in(1'000), 10);
}

TEST_F(ThroughputLimitsTest, ALargeWriteIsPaidForByLaterOnes) {
  EXPECT_EQ(write(10), "");
  now.ms += 9'999;
  EXPECT_EQ(write(1), table_text);
  now.ms += 1;
  EXPECT_EQ(write(1), "");
}

TEST_F(ThroughputLimitsTest, ReadsAndWritesAreCountedApartAndHalfUnitsAreEnough) {
  EXPECT_EQ(write(1), "");
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(limits.admit(table, Kind::read));
    limits.charge(table, Kind::read, {0.5, {}, {}});
  }
  EXPECT_FALSE(limits.admit(table, Kind::read));
}

TEST_F(ThroughputLimitsTest, AGlobalIndexThrottlesWritesThatTouchItAndALocalOneUsesItsTablesUnits) {
  now.ms += 1;
  table.throughput.write = 100;
  EXPECT_EQ(write(1, 2), "");
  EXPECT_EQ(write(1, 1), index_text);
  EXPECT_EQ(write(1), "") << "it does not touch the index";
  EXPECT_EQ(write(95, 0, 3), "");
  EXPECT_EQ(write(1), table_text) << "1 + 1 + 95 + 3 are used";
}

TEST_F(ThroughputLimitsTest, AnIndexIsReadWithItsOwnUnits) {
  limits.charge(table, Kind::read, {0, {{"global", 3}}, {}});
  const Result<void> of_global = limits.admit(table, Kind::read, "global");
  ASSERT_FALSE(of_global);
  EXPECT_EQ(of_global.error().message, index_text);
  EXPECT_TRUE(limits.admit(table, Kind::read));
  EXPECT_TRUE(limits.admit(table, Kind::read, "local"));
  limits.charge(table, Kind::read, {0, {}, {{"local", 2}}});
  const Result<void> of_local = limits.admit(table, Kind::read, "local");
  ASSERT_FALSE(of_local);
  EXPECT_EQ(of_local.error().message, table_text);
}

TEST_F(ThroughputLimitsTest, ANewRateHoldsFromThen) {
  EXPECT_EQ(write(1), "");
  table.throughput.write = 50;
  now.ms += 100;
  EXPECT_EQ(writes_let_in(100), 5);
}

TEST_F(ThroughputLimitsTest, TablesOnDemandAreNotLimitedAndOthersAreNotTouched) {
  TableDefinition other = table;
  other.number = 8;
  TableDefinition on_demand = table;
  on_demand.number = 9;
  on_demand.on_demand = true;
  on_demand.throughput = {};
  EXPECT_EQ(write(1), "");
  EXPECT_TRUE(limits.admit(other, Kind::write));
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(limits.admit(on_demand, Kind::write));
    limits.charge(on_demand, Kind::write, {1, {{"global", 1}}, {}});
  }
  EXPECT_TRUE(limits.admit_indexes(on_demand, {1, {{"global", 1}}, {}}));
}

TEST_F(ThroughputLimitsTest, AMaximumOnDemandIsKeptInItsOwnWords) {
  table.on_demand = true;
  table.throughput = {};
  table.notes.on_demand_max = {.read = -1, .write = 1};

  EXPECT_EQ(write(1), "");
  const Result<void> refused = limits.admit(table, Kind::write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "ThrottlingException");
  EXPECT_EQ(refused.error().message, "Throughput exceeds the maximum OnDemandThroughput configured on table or index");
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(limits.admit(table, Kind::read));
    limits.charge(table, Kind::read, {1, {}, {}});
  }
  now.ms += 1'000;
  table.indexes[0].notes.on_demand_max = {.read = -1, .write = 1};
  EXPECT_EQ(write(1, 1), "");
  now.ms += 500;
  EXPECT_EQ(write(1, 1), refused.error().message);
}

TEST_F(ThroughputLimitsTest, ARemovedTableIsForgotten) {
  EXPECT_EQ(write(5, 5), "");
  limits.forget(table);
  EXPECT_EQ(write(1, 1), "");
}

}  // namespace croft::dynamo
