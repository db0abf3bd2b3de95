#include "lambda/worker.h"

#include <gmock/gmock.h>

#include "lambda/test_host.h"

namespace croft::lambda {

using ::testing::HasSubstr;

namespace {

json::object document(const std::string& text) {
  return json::parse(text).value().as_object();
}

}  // namespace

TEST(NodeWorker, RunsAsyncCallbackAndModuleHandlers) {
  TestHost host;
  host.node("async",
            {{"handler.js", "exports.handler = async (e) => { console.log('two\\nlines'); return {n: e.n + 1}; }"}});
  host.node("callback",
            {{"handler.js", "exports.handler = (e, c, done) => setTimeout(() => done(null, c.functionName), 5)"}});
  host.node("module", {{"handler.mjs", "export const handler = async () => import.meta.url.length > 0"}});
  host.node("typed",
            {{"handler.js", "export const handler = async () => 5"}, {"package.json", R"({"type":"module"})"}});
  host.node("nothing", {{"handler.js", "exports.handler = () => {}"}});

  EXPECT_EQ(host.invoke("async", R"({"n":1})").payload, R"({"n":2})");
  EXPECT_EQ(host.invoke("async", R"({"n":2})").payload, R"({"n":3})");
  EXPECT_THAT(host.log("async"), HasSubstr("\tINFO\ttwo\rlines\n"));
  EXPECT_EQ(host.invoke("callback").payload, "\"callback\"");
  EXPECT_EQ(host.invoke("callback").payload, "\"callback\"");
  EXPECT_EQ(host.invoke("module").payload, "true");
  EXPECT_EQ(host.invoke("typed").payload, "5");
  EXPECT_EQ(host.invoke("nothing").payload, "null");
}

TEST(NodeWorker, TellsWhatWentWrong) {
  TestHost host;
  host.node("throws", {{"handler.js", "exports.handler = async () => { throw new TypeError('no') }"}});
  host.node("missing", {{"handler.js", "require('absent')"}});
  host.node("unnamed", {{"handler.js", "exports.other = 1"}});
  host.node("later",
            {{"handler.js", "exports.handler = (e, c, d) => { setTimeout(() => { throw new Error('late') }, 1) }"}});

  json::object thrown = document(host.invoke("throws").payload);
  EXPECT_EQ(thrown["errorType"], "TypeError");
  EXPECT_EQ(thrown["errorMessage"], "no");
  EXPECT_TRUE(thrown["trace"].is_array());
  EXPECT_EQ(document(host.invoke("missing").payload)["errorType"], "Runtime.ImportModuleError");
  EXPECT_EQ(document(host.invoke("unnamed").payload)["errorType"], "Runtime.HandlerNotFound");
  EXPECT_EQ(document(host.invoke("later").payload)["errorMessage"], "late");
}

TEST(ProvidedWorker, RunsTheBootstrapOfThePackage) {
  TestHost host;
  host.create(
      "f",
      {{"bootstrap",
        "#!/usr/bin/env python3\nimport json, os, urllib.request as u\n"
        "api = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/'\n"
        "while True:\n"
        "    n = u.urlopen(api + 'next')\n"
        "    u.urlopen(u.Request(api + n.headers['Lambda-Runtime-Aws-Request-Id'] + '/response', n.read()))\n",
        true}},
      {{"Runtime", "provided.al2023"}, {"Timeout", 20}});

  EXPECT_EQ(host.invoke("f", R"({"echo":[1]})").payload, R"({"echo":[1]})");
}

}  // namespace croft::lambda
