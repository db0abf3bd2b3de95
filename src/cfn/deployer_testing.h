// What the tests of deployments share: AWS's APIs as a set of names, and a deployer that can be cut off and restarted.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cfn/deployer.h"
#include "cfn/json_view.h"
#include "cfn/testing.h"
#include "shard/promise.h"

namespace croft::cfn {

// Remembers every call, keeps what was created until it is deleted, and fails or hangs where it is told to.
class FakeApi final : public Api {
 public:
  enum class Trouble { none, fail, hang_before, hang_after };

  std::set<std::string> existing;                 // "CreateTable orders"
  std::map<std::string, json::object> inputs;     // the last input for each of them
  std::vector<std::string> calls;                 // "CreateTable orders", reads left out
  std::map<std::string, std::string> objects;     // "bucket/key" to bytes
  std::set<std::string> failing;                  // operations that always fail
  // The n-th change (from 1) is in trouble. Failing, only that one; hanging, it is the last that is heard of.
  int troubled_change = 0;
  Trouble trouble = Trouble::none;
  OneShot hung;

  Task<Result<json::object>> call(std::string, std::string operation, json::object input) override {
    if (is_read(operation)) co_return read(operation, input);
    const std::string name = name_of(input);
    calls.push_back(operation + " " + name);
    const bool is_troubled = ++changes_ == troubled_change;
    if (is_troubled && trouble == Trouble::hang_before) co_await hang();
    if ((is_troubled && trouble == Trouble::fail) || failing.contains(operation)) {
      co_return Error{"ServiceException", "told to fail", 500};
    }
    auto done = change(operation, name, std::move(input));
    if (is_troubled && trouble == Trouble::hang_after) co_await hang();
    co_return done;
  }

  Task<Result<std::string>> object(std::string bucket, std::string key) override {
    auto it = objects.find(bucket + "/" + key);
    if (it == objects.end()) co_return Error{"NoSuchKey", "The specified key does not exist.", 404};
    co_return it->second;
  }

  int changes() const { return changes_; }

 private:
  Task<void> hang() {
    hung.raise();
    co_await sleep_for(std::chrono::hours(24));  // never over: the shard ends before
  }

  static bool is_read(const std::string& operation) {
    return operation.starts_with("Get") || operation.starts_with("Describe") || operation.starts_with("Head") ||
           operation.starts_with("List");
  }

  static std::string name_of(const json::object& input) {
    for (std::string_view member : {"StatementId", "PolicyName", "TableName", "RoleName", "FunctionName", "ruleName",
                                    "Bucket", "policyName", "thingName", "PolicyArn"}) {
      if (const json::value* v = json::find(input, member)) return str(v->as_string());
    }
    return "";
  }

  // "CreateTable", "DeleteTable" and "DescribeTable" speak of "Table".
  static std::string noun(std::string operation) {
    for (std::string_view verb : {"Create", "Delete", "Describe", "Get", "Head", "Put", "Add", "Remove"}) {
      if (operation.starts_with(verb)) operation = operation.substr(verb.size());
    }
    return operation == "FunctionConfiguration" ? "Function" : operation;
  }

  Result<json::object> read(const std::string& operation, const json::object& input) const {
    const std::string name = name_of(input);
    const std::string key = noun(operation) + " " + name;
    if (!existing.contains(key)) return Error{"ResourceNotFoundException", "not found: " + key, 404};
    json::object table{{"TableArn", "arn:table/" + name}, {"TableStatus", "ACTIVE"}};
    json::object role{{"Arn", "arn:role/" + name}, {"RoleId", "AROA"}};
    return json::object{{"Table", std::move(table)},
                        {"Role", std::move(role)},
                        {"FunctionArn", "arn:function:" + name},
                        {"State", "Active"},
                        {"thingArn", "arn:thing/" + name},
                        {"thingId", "id"}};
  }

  Result<json::object> change(const std::string& operation, const std::string& name, json::object input) {
    const std::string key = noun(operation) + " " + name;
    const bool is_creation = operation.starts_with("Create") || operation == "AddPermission";
    if (is_creation && !existing.insert(key).second) return taken(operation, key);
    if (operation == "PutRolePolicy" || operation == "PutBucketPolicy") existing.insert(key);
    if (operation.starts_with("Delete") || operation == "RemovePermission") {
      if (!existing.erase(key)) return Error{not_found(operation), "not found: " + key, 404};
      inputs.erase(key);
      return json::object();
    }
    inputs[key] = std::move(input);
    return json::object();
  }

  static Error taken(const std::string& operation, const std::string& key) {
    const char* code = "ResourceAlreadyExistsException";
    if (operation == "CreateTable") code = "ResourceInUseException";
    if (operation == "CreateRole") code = "EntityAlreadyExists";
    if (operation == "CreateFunction" || operation == "AddPermission") code = "ResourceConflictException";
    if (operation == "CreateBucket") code = "BucketAlreadyOwnedByYou";
    return {code, "taken: " + key, 409};
  }

  static std::string not_found(const std::string& operation) {
    if (operation.find("Role") != std::string::npos) return "NoSuchEntity";
    return operation == "DeleteBucket" ? "NoSuchBucket" : "ResourceNotFoundException";
  }

  int changes_ = 0;
};

// One life of croft after the other, on the same store and with the same services.
class Deployment {
 public:
  Deployment() : store_(Store::open("", Store::Durability::os).value()) { restart(); }
  ~Deployment() { stop(); }

  // Ends this life where it stands and begins the next.
  void restart(std::unique_ptr<FakeApi> next = nullptr) {
    stop();
    if (next) {
      next->existing = api_->existing;
      next->inputs = api_->inputs;
      next->objects = api_->objects;
      api_ = std::move(next);
    }
    shard_ = std::make_unique<Shard>(0, "api");
    deployer_ = std::make_unique<Deployer>(*shard_, *store_, *api_, Instance{.region = "eu-west-1"});
    deployer_->start();
    shard_->start();
  }

  FakeApi& api() { return *api_; }
  Store& store() { return *store_; }
  Deployer& deployer() { return *deployer_; }

  // The value of a task that ran on the shard.
  template <class T>
  T wait(Task<T> task) {
    std::promise<T> promise;
    auto future = promise.get_future();
    shard_->spawn(fulfil<T>(std::move(task), promise));
    return future.get();
  }

  // Starts a task and comes back when it waits for something.
  template <class T>
  void begin(Task<T> task) {
    shard_->spawn(forget<T>(std::move(task)));
    status("");
  }

  // Starts a task and comes back when a call hangs.
  template <class T>
  void until_hung(Task<T> task) {
    shard_->spawn(forget<T>(std::move(task)));
    wait(hung());
  }

  void until_at_rest(std::string_view stack) {
    while (wait(status_of(std::string(stack))).ends_with("_IN_PROGRESS")) std::this_thread::yield();
  }

  std::string status(std::string_view stack) { return wait(status_of(std::string(stack))); }
  Stack stack(std::string_view name) { return wait(stack_of_name(std::string(name))); }
  std::vector<StackEvent> events(std::string_view name) { return wait(events_of(std::string(name))); }

  // "Table CREATE_COMPLETE" and so on, oldest first.
  std::vector<std::string> told(std::string_view name) {
    std::vector<std::string> lines;
    for (const StackEvent& event : events(name)) lines.push_back(event.logical_id + " " + event.status);
    return {lines.rbegin(), lines.rend()};
  }

 private:
  void stop() {
    if (shard_) shard_->stop();
    shard_.reset();
    deployer_.reset();
  }

  template <class T>
  static Task<void> fulfil(Task<T> task, std::promise<T>& promise) {
    T value = co_await std::move(task);
    promise.set_value(std::move(value));
  }
  template <class T>
  static Task<void> forget(Task<T> task) {
    co_await std::move(task);
  }
  Task<bool> hung() {
    co_await api_->hung.wait();
    co_return true;
  }
  Task<std::string> status_of(std::string name) {
    auto found = deployer_->find_stack(name);
    co_return found ? std::string(to_text((*found)->status)) : "gone";
  }
  Task<Stack> stack_of_name(std::string name) { co_return Stack(*deployer_->find_stack(name).value()); }
  Task<std::vector<StackEvent>> events_of(std::string name) {
    auto page = deployer_->events(*deployer_->find_stack(name).value(), ~0ULL);
    co_return page.events;
  }

  std::unique_ptr<Store> store_;
  std::unique_ptr<FakeApi> api_ = std::make_unique<FakeApi>();
  std::unique_ptr<Shard> shard_;
  std::unique_ptr<Deployer> deployer_;
};

inline StackRequest request(std::string_view name, std::string_view body) {
  StackRequest request{.stack_name = std::string(name), .choice = {}};
  request.choice.body = std::string(body);
  request.capabilities = {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"};
  return request;
}

inline ChangeSetRequest change_set(std::string_view stack, std::string_view body, bool is_creation) {
  return {.stack = request(stack, body), .name = "changes", .description = {}, .is_creation = is_creation};
}

inline constexpr std::string_view three = R"(
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: b, S3Key: one.zip}
      Role: !GetAtt Role.Arn
      Handler: a.b
      Runtime: python3.12
      Environment: {Variables: {TABLE: !Ref Table, SIZE: 5}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}
      Policies: [{PolicyName: inline, PolicyDocument: {Version: '2012-10-17'}}]
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      BillingMode: PAY_PER_REQUEST
Outputs:
  Name: {Value: !Ref Table, Description: the table}
  Arn: {Value: !GetAtt Function.Arn}
)";

// `three` with a table of another key, another timeout, and a rule instead of the output.
inline constexpr std::string_view three_changed = R"(
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: b, S3Key: two.zip}
      Role: !GetAtt Role.Arn
      Handler: a.b
      Runtime: python3.12
      Timeout: 10
      Environment: {Variables: {TABLE: !Ref Table}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: other, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: other, AttributeType: S}]
      BillingMode: PAY_PER_REQUEST
  Rule:
    Type: AWS::IoT::TopicRule
    Properties: {TopicRulePayload: {Sql: "SELECT * FROM 'a'", Actions: [{Lambda: {FunctionArn: !GetAtt Function.Arn}}]}}
)";

// The kinds of what exists, without the random parts of the names.
inline std::vector<std::string> kinds(const FakeApi& api) {
  std::vector<std::string> out;
  for (const std::string& key : api.existing) out.push_back(key.substr(0, key.find(' ')));
  return out;
}

}  // namespace croft::cfn
