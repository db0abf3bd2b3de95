import assert from "node:assert/strict";
import {test} from "node:test";
import {namesInSub, readTemplate, usesIn} from "./references";

test("each function that names a resource is a use", () => {
  const uses = usesIn({
    Resources: {
      Table: {Type: "AWS::DynamoDB::Table"},
      Role: {Type: "AWS::IAM::Role"},
      Function: {
        Type: "AWS::Lambda::Function",
        Properties: {Role: {"Fn::GetAtt": ["Role", "Arn"]}, Environment: {Variables: {TABLE: {Ref: "Table"}}}},
      },
      Rule: {
        DependsOn: ["Role"],
        Properties: {Actions: [{Lambda: {FunctionArn: {"Fn::GetAtt": "Function.Arn"}}}],
          Note: {"Fn::Sub": "${Table} ${Table.Arn} ${AWS::Region}"}},
      },
    },
  });
  assert.deepEqual(uses, [
    {from: "Function", to: "Role", how: ["GetAtt Arn"]},
    {from: "Function", to: "Table", how: ["Ref"]},
    {from: "Rule", to: "Role", how: ["DependsOn"]},
    {from: "Rule", to: "Function", how: ["GetAtt Arn"]},
    {from: "Rule", to: "Table", how: ["Sub", "GetAtt Arn"]},
  ]);
});

test("parameters, itself and what Sub is given are no resources", () => {
  const uses = usesIn({
    Resources: {
      A: {Properties: {Own: {Ref: "A"}, Parameter: {Ref: "Env"}, Text: {"Fn::Sub": ["${B} ${C}", {B: "given", X: {Ref: "C"}}]}}},
      B: {},
      C: {Properties: {Text: {"Fn::Sub": "${!B}"}, Strange: {Ref: "toString"}}},
    },
  });
  assert.deepEqual(uses, [{from: "A", to: "C", how: ["Sub", "Ref"]}]);
});

test("names in a text of Sub", () => {
  assert.deepEqual(namesInSub("arn:${AWS::Region}:${Queue.Arn}/${!Not}/${ Name }"), [
    {name: "AWS::Region", attribute: ""},
    {name: "Queue", attribute: "Arn"},
    {name: "Name", attribute: ""},
  ]);
});

test("a template that is none, and one that is odd, have no uses", () => {
  assert.equal(readTemplate("Resources:\n  A: 1"), undefined);
  assert.equal(readTemplate("7"), undefined);
  assert.deepEqual(usesIn({}), []);
  assert.deepEqual(usesIn(JSON.parse('{"Resources":{"A":null,"B":{"Properties":{"Ref":1,"Fn::GetAtt":{},"Fn::Sub":5}}}}')), []);
});
