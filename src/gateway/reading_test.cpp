#include "gateway/reading.h"

#include <gtest/gtest.h>

namespace croft::gateway {
namespace {

TEST(Reading, WhatLooksReads) {
  for (const char* operation :
       {"GetItem", "ListTables", "DescribeTable", "BatchGetItem", "TransactGetItems", "Query", "Scan", "HeadObject",
        "SelectObjectContent", "GetCallerIdentity", "GetObject", "ListObjectsV2", "GetQueueUrl"})
    EXPECT_TRUE(only_reads(operation, {})) << operation;
}

TEST(Reading, EverythingElseChanges) {
  for (const char* operation : {"PutItem",
                                "DeleteTable",
                                "UpdateThing",
                                "ReceiveMessage",
                                "PurgeQueue",
                                "Invoke",
                                "Publish",
                                "AssumeRole",
                                "TransactWriteItems",
                                "BatchWriteItem",
                                "BatchExecuteStatement",
                                "ExecuteTransaction",
                                "TestInvokeAuthorizer",
                                "CreateKeysAndCertificate",
                                "BeginBackup",
                                "",
                                "get",
                                "Getaway",
                                "Scanner",
                                "GetSessionToken",
                                "GetFederationToken"})
    EXPECT_FALSE(only_reads(operation, {})) << operation;
}

TEST(Reading, AStatementReadsWhenItSelects) {
  for (const char* statement : {"SELECT * FROM t", "  \n select a from t", "Select\t*"})
    EXPECT_TRUE(only_reads("ExecuteStatement", {{"Statement", statement}})) << statement;
  for (const char* statement :
       {"", "SELECT", "SELECTED", "INSERT INTO t VALUE {}", "UPDATE t SET a=1", "DELETE FROM t", "/* SELECT */ DELETE"})
    EXPECT_FALSE(only_reads("ExecuteStatement", {{"Statement", statement}})) << statement;
  EXPECT_FALSE(only_reads("ExecuteStatement", {{"Statement", 1}}));
  EXPECT_FALSE(only_reads("ExecuteStatement", {}));
}

}  // namespace
}  // namespace croft::gateway
