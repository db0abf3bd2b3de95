#include "gateway/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "text/digest.h"

namespace croft::gateway {

namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

// Gives its input back, so that decoding shows.
Task<Reply> echo(Call& call) {
  Reply reply;
  reply.output = call.input;
  co_return reply;
}
Task<Reply> refuse(Call&) {
  throw ApiError({"ResourceNotFoundException", "no <such> thing", 404, R"({"resourceId":"t"})"});
  co_return Reply();
}
Task<Reply> fail(Call&) {
  throw std::runtime_error("a bug");
  co_return Reply();
}
Task<Reply> who(Call& call) {
  Reply reply;
  reply.output = {{"Arn", call.caller.arn}, {"List", json::array{"a", 1, true}}, {"Nothing", nullptr}};
  co_return reply;
}
Task<Reply> raw(Call& call) {
  Reply reply;
  reply.body = call.http.body;
  reply.content_type = "application/octet-stream";
  reply.status = 202;
  co_return reply;
}
Task<net::HttpResponse> page(net::HttpRequest) {
  co_return net::HttpResponse{200, {}, "page"};
}

Task<void> hand_over(const Gateway& gateway, net::HttpRequest request, std::promise<net::HttpResponse>& result) {
  net::HttpResponse response = co_await gateway.handle(std::move(request));
  result.set_value(std::move(response));
}

Task<void> hand_over_as(const Gateway& gateway, Caller caller, std::string service, net::HttpRequest request,
                        std::promise<net::HttpResponse>& result) {
  net::HttpResponse response = co_await gateway.answer_as(std::move(caller), std::move(service), std::move(request));
  result.set_value(std::move(response));
}

class GatewayTest : public testing::Test {
 protected:
  void SetUp() override {
    gateway.add({"dynamodb",
                 {"dynamodb"},
                 Protocol::json_1_0,
                 "DynamoDB_20120810",
                 "",
                 {{"Echo", "", echo}, {"Refuse", "", refuse}, {"Fail", "", fail}}});
    gateway.add({"sts",
                 {"sts"},
                 Protocol::query,
                 "2011-06-15",
                 "https://sts.amazonaws.com/doc/2011-06-15/",
                 {{"Who", "", who}, {"Refuse", "", refuse}, {"Fail", "", fail}}});
    gateway.add(
        {"iot",
         {"iot", "execute-api"},
         Protocol::rest_json,
         "",
         "",
         {{"CreateThing", "POST /things/{thingName}", echo}, {"DeleteThing", "DELETE /things/{thingName}", refuse}}});
    gateway.add({"iotdata",
                 {"iotdata"},
                 Protocol::rest_json,
                 "",
                 "",
                 {{"UpdateThingShadow", "POST /things/{thingName}/shadow", raw, true}}});
    gateway.add({"lambda",
                 {"lambda"},
                 Protocol::rest_json,
                 "",
                 "",
                 {{"Create", "POST /2015-03-31/functions", echo}, {"Get", "GET /2015-03-31/functions/{f}", refuse}}});
    gateway.add({"s3",
                 {"s3"},
                 Protocol::rest_xml,
                 "",
                 "",
                 {{"Put", "PUT /{Bucket}/{Key+}", raw},
                  {"Get", "GET /{Bucket}/{Key+}", refuse},
                  {"Head", "HEAD /{Bucket}/{Key+}", refuse}}});
    gateway.add_page("/health", page, PageKind::open);
    gateway.add_websocket({"/mqtt", {"iotdevicegateway"}, {"mqtt"}, [](net::Transport) {}});
    shard.start();
  }

  net::HttpResponse ask(const Gateway& asked, net::HttpRequest request) {
    std::promise<net::HttpResponse> result;
    shard.spawn(hand_over(asked, std::move(request), result));
    return result.get_future().get();
  }
  net::HttpResponse ask(net::HttpRequest request) { return ask(gateway, std::move(request)); }
  net::HttpResponse dynamodb(const char* operation, std::string body) {
    return ask({"POST", "/", "", {{"x-amz-target", std::string("DynamoDB_20120810.") + operation}}, body, {}});
  }
  net::HttpResponse form(std::string body) {
    return ask({"POST", "/", "", {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}}, body, {}});
  }
  // Signed without proof, as for a croft that does not ask: only the scope matters.
  net::HttpResponse scoped(const char* service, net::HttpRequest request) {
    request.headers.emplace_back("host", "localhost");
    const identity::Signing signing{{"AKIATEST", "secret"}, "us-east-1", service, Timestamp::now()};
    for (auto& header : identity::sign(request, signing)) request.headers.push_back(header);
    return ask(std::move(request));
  }

  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  identity::AccessKeys keys{*store, Instance()};
  Gateway gateway{Instance(), keys, {.require_signature = false}};
  Shard shard{0, "api"};
};

std::string header_of(const net::HttpResponse& response, std::string_view name) {
  const std::string* value = response.header(name);
  return value ? *value : "(none)";
}

}  // namespace

TEST_F(GatewayTest, JsonAnswersCarryTypeRequestIdAndChecksum) {
  const net::HttpResponse response = dynamodb("Echo", R"({"TableName":"t"})");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"TableName":"t"})");
  EXPECT_EQ(header_of(response, "content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(header_of(response, "x-amz-crc32"), std::to_string(text::crc32(response.body)));
  EXPECT_THAT(header_of(response, "x-amzn-requestid"), MatchesRegex("[0-9a-f-]{36}"));
}

TEST_F(GatewayTest, JsonErrorsNameTheirNamespace) {
  EXPECT_EQ(dynamodb("Refuse", "{}").body,
            R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",)"
            R"("message":"no <such> thing","resourceId":"t"})");
  EXPECT_EQ(dynamodb("Refuse", "{}").status, 404);
  EXPECT_EQ(dynamodb("Nope", "{}").body, R"({"__type":"com.amazon.coral.service#UnknownOperationException"})");
  EXPECT_EQ(dynamodb("Nope", "{}").status, 400);
  EXPECT_THAT(dynamodb("Echo", "{").body,
              testing::StartsWith(R"({"__type":"com.amazon.coral.service#SerializationException","Message":)"));
  EXPECT_THAT(dynamodb("Echo", "[]").body, HasSubstr("SerializationException"));
  EXPECT_EQ(
      dynamodb("Fail", "{}").body,
      R"({"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"An internal error occurred."})");
  EXPECT_EQ(dynamodb("Fail", "{}").status, 500);
}

TEST_F(GatewayTest, QueryAnswersAreWrappedInTheirOperation) {
  const net::HttpResponse response = form("Action=Who&Version=2011-06-15");

  EXPECT_EQ(header_of(response, "content-type"), "text/xml");
  EXPECT_EQ(response.body,
            "<WhoResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><WhoResult>"
            "<Arn>arn:aws:iam::000000000000:root</Arn>"
            "<List><member>a</member><member>1</member><member>true</member></List></WhoResult>"
            "<ResponseMetadata><RequestId>" +
                header_of(response, "x-amzn-requestid") + "</RequestId></ResponseMetadata></WhoResponse>");
}

TEST_F(GatewayTest, QueryErrorsAreErrorResponses) {
  const net::HttpResponse response = form("Action=Refuse&Version=2011-06-15");

  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body,
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
            "<Code>ResourceNotFoundException</Code><Message>no &lt;such&gt; thing</Message>"
            "<resourceId>t</resourceId></Error><RequestId>" +
                header_of(response, "x-amzn-requestid") + "</RequestId></ErrorResponse>");
  EXPECT_THAT(form("Action=Nope&Version=2011-06-15").body,
              HasSubstr("<Code>InvalidAction</Code><Message>Could not find operation Nope for version 2011-06-15"));
  EXPECT_THAT(form("Version=2011-06-15").body, HasSubstr("<Code>MissingAction</Code>"));
  EXPECT_THAT(form("Action=Fail&Version=2011-06-15").body,
              HasSubstr("<Type>Receiver</Type><Code>InternalFailure</Code>"));
}

TEST_F(GatewayTest, APresignedQueryActionIsAGet) {
  const net::HttpResponse response = ask({"GET", "/", "Action=Who&Version=2011-06-15", {}, "", {}});

  EXPECT_THAT(response.body, HasSubstr("<WhoResult>"));
}

TEST_F(GatewayTest, RestJsonMergesBodyQueryAndLabels) {
  const net::HttpResponse response =
      ask({"POST", "/things/a%2Fb", "q=1&q=2&r=3", {}, R"({"thingName":"other","attributes":{}})", {}});

  EXPECT_EQ(response.body, R"({"thingName":"a/b","attributes":{},"q":["1","2"],"r":"3"})");
  EXPECT_EQ(header_of(response, "content-type"), "application/json");
}

TEST_F(GatewayTest, RestJsonErrorsAreNamedByAHeader) {
  const net::HttpResponse iot = ask({"DELETE", "/things/t", "", {}, "", {}});
  const net::HttpResponse lambda = ask({"GET", "/2015-03-31/functions/f", "", {}, "", {}});

  EXPECT_EQ(iot.body, R"({"message":"no <such> thing","resourceId":"t"})");
  EXPECT_EQ(header_of(iot, "x-amzn-errortype"), "ResourceNotFoundException");
  EXPECT_EQ(lambda.body, R"({"Type":"User","Message":"no <such> thing","resourceId":"t"})");
  EXPECT_EQ(header_of(ask({"POST", "/things/t", "", {}, "{", {}}), "x-amzn-errortype"), "SerializationException");
  EXPECT_EQ(header_of(ask({"POST", "/2015-03-31/functions/", "", {}, "{", {}}), "x-amzn-errortype"),
            "InvalidRequestContentException");
}

TEST_F(GatewayTest, ARawBodyIsNotParsed) {
  const net::HttpResponse response = scoped("iotdata", {"POST", "/things/t/shadow", "", {}, "{not json", {}});

  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, "{not json");
  EXPECT_EQ(header_of(response, "content-type"), "application/octet-stream");
}

TEST_F(GatewayTest, ThePathDecidesBetweenIotAndItsDataPlane) {
  EXPECT_EQ(scoped("execute-api", {"POST", "/things/t", "", {}, "{}", {}}).status, 200);
  EXPECT_EQ(scoped("execute-api", {"POST", "/things/t/shadow", "", {}, "{}", {}}).status, 202);
  EXPECT_EQ(scoped("iot", {"POST", "/things/t/shadow", "", {}, "{}", {}}).status, 202);
}

TEST_F(GatewayTest, AnUnknownPathIsRefusedByTheServiceThatWasMeant) {
  const net::HttpResponse response = scoped("lambda", {"GET", "/2020-01-01/nothing", "", {}, "", {}});

  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(header_of(response, "x-amzn-errortype"), "UnknownOperationException");
}

TEST_F(GatewayTest, EverythingElseIsS3) {
  EXPECT_EQ(ask({"PUT", "/bucket/key", "", {}, "bytes", {}}).body, "bytes");
  EXPECT_EQ(scoped("s3", {"PUT", "/things/t", "", {}, "bytes", {}}).body, "bytes");
  EXPECT_EQ(scoped("s3", {"PUT", "/health/t", "", {}, "bytes", {}}).body, "bytes");
}

TEST_F(GatewayTest, S3ErrorsNameTheirResource) {
  const net::HttpResponse response = ask({"GET", "/bucket/a%20b", "", {}, "", {}});

  EXPECT_EQ(response.body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>ResourceNotFoundException</Code>"
            "<Message>no &lt;such&gt; thing</Message><resourceId>t</resourceId><Resource>/bucket/a b</Resource>"
            "<RequestId>" +
                header_of(response, "x-amz-request-id") + "</RequestId></Error>");
  EXPECT_EQ(ask({"HEAD", "/bucket/key", "", {}, "", {}}).body, "");
  EXPECT_EQ(ask({"HEAD", "/bucket/key", "", {}, "", {}}).status, 404);
  EXPECT_THAT(ask({"PATCH", "/bucket/key", "", {}, "", {}}).body, HasSubstr("<Code>MethodNotAllowed</Code>"));
}

TEST_F(GatewayTest, PathsThatAreNotUtf8AreRefused) {
  EXPECT_EQ(header_of(ask({"POST", "/things/%FF", "", {}, "{}", {}}), "x-amzn-errortype"), "SerializationException");
  EXPECT_THAT(ask({"PUT", "/bucket/%FF", "", {}, "", {}}).body, HasSubstr("<Code>InvalidURI</Code>"));
  EXPECT_THAT(ask({"PUT", "/bucket/%FF", "", {}, "", {}}).body, HasSubstr("<Resource>/bucket/%FF</Resource>"));
}

TEST_F(GatewayTest, PagesAnswerUnsignedRequestsOfTheirPrefix) {
  EXPECT_EQ(ask({"GET", "/health", "", {}, "", {}}).body, "page");
  EXPECT_EQ(ask({"GET", "/health/x", "", {}, "", {}}).body, "page");
  EXPECT_NE(ask({"GET", "/healthy/x", "", {}, "", {}}).body, "page");
}

TEST_F(GatewayTest, TooLargeABodyIsRefused) {
  const std::string body(17u << 20, ' ');

  EXPECT_EQ(dynamodb("Echo", body).status, 413);
}

TEST_F(GatewayTest, SignaturesAreAskedForWhenTheyAreRequired) {
  Gateway strict{Instance(), keys, {.require_signature = true}};
  strict.add({"sts", {"sts"}, Protocol::query, "2011-06-15", "", {{"Who", "", who}}});
  net::HttpRequest request{"POST",
                           "/",
                           "",
                           {{"content-type", "application/x-www-form-urlencoded"}, {"host", "h"}},
                           "Action=Who&Version=2011-06-15",
                           {}};
  net::HttpRequest is_signed = request;
  const identity::Signing signing{keys.root(), "us-east-1", "sts", Timestamp::now()};
  for (auto& header : identity::sign(request, signing)) is_signed.headers.push_back(header);

  std::promise<net::HttpResponse> anonymous, proven;
  shard.spawn(hand_over(strict, request, anonymous));
  shard.spawn(hand_over(strict, is_signed, proven));

  const net::HttpResponse refused = anonymous.get_future().get();
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("<Code>MissingAuthenticationToken</Code>"));
  EXPECT_EQ(proven.get_future().get().status, 200);
}

TEST_F(GatewayTest, AWebSocketIsOpenedAtItsPathOnly) {
  const net::HttpRequest request{"GET",
                                 "/mqtt",
                                 "",
                                 {{"upgrade", "websocket"},
                                  {"connection", "Upgrade"},
                                  {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                                  {"sec-websocket-version", "13"},
                                  {"sec-websocket-protocol", "mqtt"}},
                                 "",
                                 {}};
  net::HttpRequest elsewhere = request, plain = request;
  elsewhere.path = "/health";
  plain.headers.erase(plain.headers.begin());

  const net::HttpResponse opened = ask(request);
  EXPECT_EQ(opened.status, 101);
  EXPECT_TRUE(opened.take_over);
  EXPECT_EQ(ask(elsewhere).body, "page");
  EXPECT_NE(ask(plain).status, 101);
}

TEST_F(GatewayTest, AGuardedPageIsForWhomTheGuardLetsInOrTheAccountSigned) {
  Gateway guarded(Instance(), keys, {.require_signature = false});
  guarded.add_page("/_croft/devices", page);
  net::HttpRequest request{"GET", "/_croft/devices", "", {{"host", "localhost"}}, "", {}};
  const auto with_signature = [&](const char* service, identity::Credentials credentials) {
    net::HttpRequest out = request;
    for (auto& header : identity::sign(out, {std::move(credentials), "us-east-1", service, Timestamp::now()}))
      out.headers.push_back(header);
    return out;
  };

  EXPECT_EQ(ask(guarded, request).status, 403) << "there is no guard";
  guarded.guard_pages([](const net::HttpRequest& asked, PageKind) -> std::optional<net::HttpResponse> {
    if (asked.header("x-friend")) return std::nullopt;
    return net::HttpResponse{401, {}, "who?"};
  });
  EXPECT_EQ(ask(guarded, request).status, 401);
  EXPECT_EQ(ask(guarded, with_signature("croft", keys.root())).body, "page");
  const net::HttpResponse forged = ask(guarded, with_signature("croft", {keys.root().access_key_id, "guessed"}));
  EXPECT_EQ(forged.status, 403);
  EXPECT_THAT(forged.body, testing::HasSubstr("InvalidSignatureException"));
  EXPECT_EQ(ask(guarded, with_signature("s3", keys.root())).body.find("page"), std::string::npos);
  request.headers.emplace_back("x-friend", "1");
  const net::HttpResponse friendly = ask(guarded, request);
  EXPECT_EQ(friendly.body, "page");
  EXPECT_EQ(header_of(friendly, "cross-origin-resource-policy"), "same-origin");
  EXPECT_EQ(ask(guarded, with_signature("croft", {"AKIANOBODY", "guessed"})).body, "page")
      << "a wrong signature is worth as much as none";
}

TEST_F(GatewayTest, WhoMayOnlyReadIsRefusedWhatChanges) {
  const auto as_reader = [&](const char* operation) {
    std::promise<net::HttpResponse> result;
    net::HttpRequest request{"POST", "/", "", {{"x-amz-target", std::string("DynamoDB_20120810.") + operation}}, "{}", {}};
    shard.spawn(hand_over_as(gateway, {.arn = "arn:aws:iam::000000000000:root", .only_reads = true}, "dynamodb",
                             std::move(request), result));
    return result.get_future().get();
  };

  const net::HttpResponse refused = as_reader("Echo");

  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, testing::HasSubstr("AccessDeniedException"));
  EXPECT_THAT(refused.body,
              testing::HasSubstr("User: arn:aws:iam::000000000000:root is not authorized to perform: dynamodb:Echo because the "
                                 "role read-only does not allow it"));
}

TEST_F(GatewayTest, AWebSocketNeedsASignatureWhereOneIsAskedFor) {
  Gateway strict(Instance(), keys, {.require_signature = true});
  strict.add_websocket({"/mqtt", {"iotdevicegateway"}, {"mqtt"}, [](net::Transport) {}});
  std::promise<net::HttpResponse> result;
  shard.spawn(hand_over(strict, {"GET", "/mqtt", "", {{"upgrade", "websocket"}}, "", {}}, result));

  const net::HttpResponse refused = result.get_future().get();

  EXPECT_EQ(refused.status, 403);
  EXPECT_FALSE(refused.take_over);
  EXPECT_EQ(header_of(refused, "x-amzn-errortype"), "ForbiddenException");
  EXPECT_THAT(refused.body, HasSubstr(R"({"message":"Forbidden","traceId":")"));
}

TEST_F(GatewayTest, AnUnsignedWebSocketIsLetInWithoutPrincipalWhereTheEntrySaysSo) {
  Gateway strict(Instance(), keys, {.require_signature = true});
  strict.add_websocket({"/mqtt", {"iotdevicegateway"}, {"mqtt"}, [](net::Transport) {}, true});
  net::HttpRequest request{"GET",
                           "/mqtt",
                           "token=t",
                           {{"upgrade", "websocket"},
                            {"connection", "Upgrade"},
                            {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                            {"sec-websocket-version", "13"},
                            {"sec-websocket-protocol", "mqtt"}},
                           "",
                           {}};
  net::HttpRequest bearer = request, badly_signed = request, badly_presigned = request;
  bearer.headers.emplace_back("authorization", "Bearer abc");
  badly_signed.headers.emplace_back("authorization", "AWS4-HMAC-SHA256 Credential=x");
  badly_presigned.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256";

  EXPECT_EQ(ask(strict, request).status, 101);
  EXPECT_EQ(ask(strict, bearer).status, 101) << "may be for a custom authorizer";
  EXPECT_EQ(ask(strict, badly_signed).status, 403);
  EXPECT_EQ(ask(strict, badly_presigned).status, 403);
}

Task<Reply> certificate_of(Call& call) {
  co_return Reply{.output = {{"certificate", call.caller.certificate_id}, {"user", call.caller.user_id}}};
}

TEST_F(GatewayTest, ACertificateStandsForASignatureOnlyWhereTheServiceTakesIt) {
  Gateway strict(Instance(), keys, {.require_signature = true});
  strict.add({"iotdata", {"iotdata"}, Protocol::rest_json, "", "", {{"Publish", "POST /topics/{topic}", certificate_of}}, true});
  strict.add({"iot", {"iot"}, Protocol::rest_json, "", "", {{"CreateThing", "POST /things/{thing}", certificate_of}}});
  net::Peer device{.address = "127.0.0.1", .tls = true, .certificate = net::ClientCertificate{"c0ffee", ""}};
  const net::HttpRequest publish{"POST", "/topics/a", "", {}, "", device};
  net::HttpRequest badly_signed = publish, nobody = publish;
  badly_signed.headers.emplace_back("authorization", "AWS4-HMAC-SHA256 Credential=x");
  nobody.peer.certificate.reset();

  EXPECT_EQ(ask(strict, publish).body, R"({"certificate":"c0ffee","user":""})");
  EXPECT_EQ(ask(strict, badly_signed).status, 403);
  EXPECT_EQ(ask(strict, {"POST", "/things/a", "", {}, "", device}).status, 403);
  const net::HttpResponse refused = ask(strict, nobody);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(header_of(refused, "x-amzn-errortype"), "ForbiddenException");
  const std::string id = header_of(refused, "x-amzn-requestid");
  EXPECT_EQ(refused.body, R"({"message":"Missing Authentication Token","traceId":")" + id + R"("})");
}

TEST_F(GatewayTest, CallsThatFunctionsMakeOnTheWayOfAnEventAreStepsOfItsTrace) {
  trace::Traces traces;
  gateway.trace_to(traces);
  const trace::Context event = traces.begin({.client_id = "alice", .event = "connected", .step = "connected"});
  const trace::Context invocation = event.open(trace::Kind::invocation, "f");
  const auto call = [&](const char* operation, Caller caller) {
    const net::Headers headers{{"x-amz-target", std::string("DynamoDB_20120810.") + operation},
                               {"x-amzn-trace-id", invocation.header()}};
    std::promise<net::HttpResponse> result;
    shard.spawn(hand_over_as(gateway, std::move(caller), "dynamodb", {"POST", "/", "", headers, "{}", {}}, result));
    return result.get_future().get();
  };

  call("Echo", {.arn = "arn:aws:sts::1:assumed-role/r/f", .is_function = true});
  call("Refuse", {.is_function = true});
  call("Fail", {.is_function = true});
  call("Echo", {.arn = "arn:aws:iam::1:root"});  // believed of functions alone

  const trace::Trace trace = *traces.find(event.id());
  ASSERT_EQ(trace.steps.size(), 5u);
  for (std::size_t n = 2; n < 5; ++n) {
    EXPECT_EQ(trace.steps[n].kind, trace::Kind::call);
    EXPECT_EQ(trace.steps[n].parent, invocation.step());
  }
  EXPECT_EQ(trace.steps[2].name, "Echo");
  EXPECT_EQ(trace.steps[2].outcome, trace::Outcome::ok);
  EXPECT_THAT(trace.steps[2].detail, HasSubstr(R"("service":"dynamodb","requestId":")"));
  EXPECT_EQ(trace.steps[3].outcome, trace::Outcome::failed);
  EXPECT_THAT(trace.steps[3].detail, HasSubstr(R"("error":{"code":"ResourceNotFoundException","message":"no <such> thing"})"));
  EXPECT_THAT(trace.steps[4].detail, HasSubstr(R"("code":"InternalServerError")"));
}

}  // namespace croft::gateway
