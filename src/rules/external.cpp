#include "rules/external.h"

#include "rules/limits.h"
#include "text/digest.h"
#include "types/timestamp.h"

namespace croft::rules {

namespace {

// What one evaluation was told so far. An evaluation is a pure function of its message and these answers, so the n-th
// question of every round is the same, and its place is all that finds its answer.
class Dialogue final : public sql::External {
 public:
  Result<sql::Value> invoke_lambda(const std::string& function_arn, const sql::Value& input) const override {
    auto event = sql::write_json(input, sql::SqlVersion::v2016_03_23, limits::external_input_bytes_max);
    if (!event) return Error{"RuleExecutionFailure", "the input of aws_lambda is too large"};
    return asked<sql::Value>([&] { return InvokeFunction{function_arn, std::move(*event)}; });
  }
  Result<sql::Value> dynamodb_item(const ItemKey& key, const std::string&) const override {
    return asked<sql::Value>([&] { return ReadItem{key}; });
  }
  Result<sql::Value> thing_shadow(const std::string& thing, const std::optional<std::string>& name,
                                  const std::string&) const override {
    return asked<sql::Value>([&] { return ReadShadow{thing, name.value_or("")}; });
  }
  Result<sql::Value> registry_data(const std::string& operation, const std::string& thing, const std::string&) const override {
    return asked<sql::Value>([&] { return ReadRegistry{operation, thing}; });
  }
  Result<Secret> secret(const std::string& id, const std::string&) const override {
    return asked<Secret>([&] { return ReadSecret{id}; });
  }
  Result<std::shared_ptr<const sql::ProtobufSchema>> protobuf_schema(const std::string& bucket,
                                                                     const std::string& key) const override {
    return asked<std::shared_ptr<const sql::ProtobufSchema>>([&] { return ReadSchema{bucket, key}; });
  }

  void begin_round() {
    next_answer_ = 0;
    next_random_ = 0;
    question_.reset();
  }
  std::optional<Question> take_question() { return std::exchange(question_, std::nullopt); }
  void add(Result<Answer> answer) { answers_.push_back(std::move(answer)); }
  std::size_t answered() const { return answers_.size(); }

  // The n-th random bytes of every round are the same.
  std::string random_bytes(std::size_t count) {
    if (next_random_ == randoms_.size()) randoms_.push_back(text::random_bytes(count));
    return randoms_[next_random_++];
  }

 private:
  template <class T, class Make>
  Result<T> asked(Make make_question) const {
    if (next_answer_ == answers_.size()) {
      question_ = make_question();
      return Error{std::string(sql::external_pending), "not answered yet", 500};
    }
    const Result<Answer>& answer = answers_[next_answer_++];
    if (!answer) return answer.error();
    const T* value = std::get_if<T>(&*answer);
    if (!value) return Error{"RuleExecutionFailure", "the answer is of another kind", 500};
    return *value;
  }

  std::vector<Result<Answer>> answers_;
  std::vector<std::string> randoms_;
  mutable std::size_t next_answer_ = 0;
  std::size_t next_random_ = 0;
  mutable std::optional<Question> question_;
};

// A fault of whoever answers must not cost the other clients their process.
Task<Result<Answer>> ask_caught(const ExternalServices& services, Question question, Asker asker) {
  try {
    Result<Answer> answer = co_await services.ask(std::move(question), std::move(asker));
    co_return answer;
  } catch (const ApiError& refusal) {
    co_return refusal.error();
  } catch (const std::exception& failure) {
    co_return Error{"InternalFailureException", failure.what(), 500};
  }
}

// `once` evaluates with a context, again and again until nothing is asked any more.
template <class T, class Once>
Task<Result<T>> converse(const Firing& firing, const ExternalServices& services, Once once) {
  Dialogue dialogue;
  sql::Context context = firing.context();
  context.external = &dialogue;
  context.random_bytes = [&dialogue](std::size_t count) { return dialogue.random_bytes(count); };
  const MonoTime deadline{MonoTime::now().ms + limits::external_time_max.count()};
  for (;;) {
    dialogue.begin_round();
    Result<T> result = once(context);
    std::optional<Question> question = dialogue.take_question();
    if (!question) co_return result;
    if (dialogue.answered() >= limits::external_calls_max)
      co_return Error{"RuleExecutionFailure", "more than " + std::to_string(limits::external_calls_max) +
                                                  " external functions are called for one message"};
    if (MonoTime::now() > deadline) co_return Error{"RuleExecutionFailure", "the external functions take too long"};
    Asker asker{firing.rule_name, firing.shard};
    Result<Answer> answer = co_await ask_caught(services, std::move(*question), std::move(asker));
    dialogue.add(std::move(answer));
  }
}

}  // namespace

Task<Result<std::optional<sql::Output>>> evaluate(const sql::Query& query, const Firing& firing,
                                                  const ExternalServices& services) {
  const auto once = [&](const sql::Context& context) { return query.evaluate(firing.original, context); };
  auto output = co_await converse<std::optional<sql::Output>>(firing, services, once);
  co_return output;
}

Task<RenderedTemplates> render_all(const std::vector<sql::Template>& templates, const Firing& firing,
                                   const ExternalServices& services) {
  RenderedTemplates rendered;
  for (const sql::Template& text : templates) {
    const auto once = [&](const sql::Context& context) {
      return text.render(firing.original, context, firing.output.variables());
    };
    auto result = co_await converse<std::string>(firing, services, once);
    rendered.emplace(&text.text(), std::move(result));
  }
  co_return rendered;
}

}  // namespace croft::rules
