"""Queues in templates."""

import json

import botocore.exceptions
import pytest

ARN = "arn:aws:sqs:us-east-1:000000000000:"

QUEUES = """
Parameters:
  Seconds: {Type: String, Default: '45'}
Resources:
  Dead:
    Type: AWS::SQS::Queue
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !Ref Seconds
      DelaySeconds: 3
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 4}
      Tags: [{Key: team, Value: a}, {Key: gone, Value: b}]
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {Service: iot.amazonaws.com}, Action: sqs:SendMessage, Resource: !GetAtt Queue.Arn}
Outputs:
  Url: {Value: !Ref Queue}
  Arn: {Value: !GetAtt Queue.Arn}
  Name: {Value: !GetAtt Queue.QueueName}
  UrlToo: {Value: !GetAtt Queue.QueueUrl}
  DeadUrl: {Value: !Ref Dead}
"""


def outputs(cloudformation, name):
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def attributes(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_queues_are_made_changed_and_removed(client, croft):
    cloudformation, sqs = client("cloudformation"), client("sqs")
    cloudformation.create_stack(StackName="queues", TemplateBody=QUEUES)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="queues")

    out = outputs(cloudformation, "queues")
    assert out["Url"] == out["UrlToo"] == f"{croft.endpoints['gateway']}/000000000000/{out['Name']}"
    assert out["Name"].startswith("queues-Queue-") and out["Arn"] == ARN + out["Name"]
    found = attributes(sqs, out["Url"])
    assert (found["VisibilityTimeout"], found["DelaySeconds"]) == ("45", "3")
    assert json.loads(found["RedrivePolicy"]) == {"deadLetterTargetArn": ARN + out["DeadUrl"].rsplit("/", 1)[1],
                                                  "maxReceiveCount": 4}
    assert json.loads(found["Policy"])["Statement"][0]["Resource"] == out["Arn"]
    assert sqs.list_queue_tags(QueueUrl=out["Url"])["Tags"]["team"] == "a"

    changed = QUEUES.replace("      DelaySeconds: 3\n", "").replace(", {Key: gone, Value: b}", "").replace("maxReceiveCount: 4",
                                                                                                           "maxReceiveCount: 5")
    changed = changed.split("  Policy:\n")[0] + "Outputs:\n" + changed.split("Outputs:\n")[1]
    cloudformation.update_stack(StackName="queues", TemplateBody=changed, Parameters=[{"ParameterKey": "Seconds",
                                                                                       "ParameterValue": "50"}])
    cloudformation.get_waiter("stack_update_complete").wait(StackName="queues")
    assert outputs(cloudformation, "queues")["Url"] == out["Url"]
    found = attributes(sqs, out["Url"])
    assert (found["VisibilityTimeout"], found["DelaySeconds"]) == ("50", "0")
    assert json.loads(found["RedrivePolicy"])["maxReceiveCount"] == 5
    assert "Policy" not in found
    assert "gone" not in sqs.list_queue_tags(QueueUrl=out["Url"])["Tags"]

    cloudformation.delete_stack(StackName="queues")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="queues")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName=out["Name"])


def test_fifo_queues_get_their_ending_and_another_kind_is_another_queue(client):
    cloudformation, sqs = client("cloudformation"), client("sqs")

    def template(**properties):
        return json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": properties}},
                           "Outputs": {"Url": {"Value": {"Ref": "Q"}}}})

    cloudformation.create_stack(StackName="fifo", TemplateBody=template(FifoQueue=True, ContentBasedDeduplication="true"))
    before = outputs(cloudformation, "fifo")["Url"]
    assert before.endswith(".fifo")
    assert attributes(sqs, before)["ContentBasedDeduplication"] == "true"

    cloudformation.update_stack(StackName="fifo", TemplateBody=template(QueueName="now-named"))
    assert outputs(cloudformation, "fifo")["Url"].endswith("/now-named")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        attributes(sqs, before)


def test_a_refused_attribute_fails_the_stack(client):
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="refused", TemplateBody=json.dumps(
        {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 43201}}}}))

    assert cloudformation.describe_stacks(StackName="refused")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
    reasons = [event.get("ResourceStatusReason", "")
               for event in cloudformation.describe_stack_events(StackName="refused")["StackEvents"]]
    assert any("Invalid value for the parameter VisibilityTimeout." in reason for reason in reasons)


def test_a_name_that_is_taken_fails(client):
    cloudformation, sqs = client("cloudformation"), client("sqs")
    sqs.create_queue(QueueName="taken")
    try:
        cloudformation.create_stack(StackName="taken", TemplateBody=json.dumps(
            {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "taken"}}}}))
    except botocore.exceptions.ClientError:
        pass
    assert cloudformation.describe_stacks(StackName="taken")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
    assert sqs.get_queue_url(QueueName="taken")["QueueUrl"]
