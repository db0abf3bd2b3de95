#include "remote/answer.h"

#include <gtest/gtest.h>

namespace croft::remote {

TEST(Answer, TellsTheErrorOfEachProtocol) {
  const std::pair<net::HttpResponse, Error> cases[] = {
      {{400, {}, R"({"__type":"com.amazonaws.kinesis.v20131202#ResourceNotFoundException","message":"no stream"})"},
       {"ResourceNotFoundException", "no stream", 400}},
      {{400, {}, R"({"__type":"ValidationException:http://internal/","Message":"bad"})"}, {"ValidationException", "bad", 400}},
      {{404, {{"x-amzn-errortype", "ResourceNotFoundException:"}}, R"({"message":"no input"})"},
       {"ResourceNotFoundException", "no input", 404}},
      {{403,
        {},
        "<ErrorResponse xmlns=\"http://sns\"><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>a &lt;b&gt; "
        "&amp;amp;"
        "</Message></Error></ErrorResponse>"},
       {"AuthorizationError", "a <b> &amp;", 403}},
      {{404, {}, "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchBucket</Code><Message>gone</Message></Error>"},
       {"NoSuchBucket", "gone", 404}},
      {{502, {}, "<html><body>bad gateway</body></html>"}, {"HttpError", "HTTP status 502", 502}},
      {{500, {}, ""}, {"HttpError", "HTTP status 500", 500}},
      {{400, {}, R"({"__type":7,"message":[]})"}, {"HttpError", "HTTP status 400", 400}},
      {{400, {}, "<Error><Code>Unfinished"}, {"HttpError", "HTTP status 400", 400}}};

  for (const auto& [answer, expected] : cases) EXPECT_EQ(error_of(answer), expected) << answer.body;
}

TEST(Answer, MakesNothingPrintableOfWhatIsNot) {
  const Error error = error_of({400, {}, "{\"code\":\"A\",\"message\":\"\\u001b[31m" + std::string(5'000, 'x') + "\"}"});

  EXPECT_TRUE(error.message.starts_with("\\x1b[31m"));
  EXPECT_LT(error.message.size(), 1'100u);
}

TEST(Answer, KnowsWhatMayPass) {
  EXPECT_EQ(verdict_on({"ThrottlingException", "", 400}), Verdict::throttled);
  EXPECT_EQ(verdict_on({"SlowDown", "", 503}), Verdict::throttled);
  EXPECT_EQ(verdict_on({"HttpError", "", 429}), Verdict::throttled);
  EXPECT_EQ(verdict_on({"InternalFailure", "", 500}), Verdict::transient);
  EXPECT_EQ(verdict_on({"HttpError", "", 503}), Verdict::transient);
  EXPECT_EQ(verdict_on({"RequestTimeout", "", 400}), Verdict::transient);
  EXPECT_EQ(verdict_on({"NotImplemented", "", 501}), Verdict::refused);
  EXPECT_EQ(verdict_on({"AccessDeniedException", "", 403}), Verdict::refused);

  EXPECT_TRUE(is_transient_connection_error({"ConnectionLost", "", 503}));
  EXPECT_FALSE(is_transient_connection_error({"TlsFailure", "", 503}));
}

}  // namespace croft::remote
