"""Resource policies and Contributor Insights of tables in templates, and of their streams and indexes."""

import json
import re

import pytest
from signed_json import call, dynamodb, refused_by_dynamodb

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/"
STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Resource": "*"}


def policy(action="dynamodb:GetItem"):
    return {"Version": "2012-10-17", "Statement": [{**STATEMENT, "Action": action}]}


def template(**more):
    """A table with a stream and an index. JSON, so that every value is as it is written."""
    index = {"IndexName": "byg", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
             "Projection": {"ProjectionType": "ALL"}, **more.pop("Index", {})}
    properties = {"BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                  "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "g")],
                  "GlobalSecondaryIndexes": [index], "StreamSpecification": {"StreamViewType": "NEW_IMAGE"}, **more}
    return json.dumps({"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}},
                       "Outputs": {"Arn": {"Value": {"Fn::GetAtt": "Table.Arn"}},
                                   "StreamArn": {"Value": {"Fn::GetAtt": "Table.StreamArn"}}}})


class Deployed:
    """One stack with that table."""

    def __init__(self, croft, name):
        self.croft, self.name, self.stacks = croft, name, croft.client("cloudformation")

    def create(self, **more):
        self.stacks.create_stack(StackName=self.name, TemplateBody=template(**more))
        return self

    def update(self, status="UPDATE_COMPLETE", **more):
        self.stacks.update_stack(StackName=self.name, TemplateBody=template(**more))
        assert self.stacks.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"] == status

    @property
    def arns(self):
        outputs = self.stacks.describe_stacks(StackName=self.name)["Stacks"][0]["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def policy(self, of="Arn"):
        answer = dynamodb(self.croft, "GetResourcePolicy", ResourceArn=self.arns[of])
        return json.loads(answer["Policy"]), answer["RevisionId"]

    def has_policy(self, of="Arn"):
        arn = self.arns[of]
        status, answer = call(self.croft, "dynamodb", "DynamoDB_20120810.GetResourcePolicy", {"ResourceArn": arn})
        if status != 200:
            assert answer["message"] == f"Resource-based policy not found for the provided ResourceArn: {arn}"
        return status == 200

    def insights(self, **more):
        told = dynamodb(self.croft, "DescribeContributorInsights", TableName=self.arns["Arn"].removeprefix(ARN), **more)
        return told["ContributorInsightsStatus"], told.get("ContributorInsightsMode")

    def reasons(self):
        events = self.stacks.describe_stack_events(StackName=self.name)["StackEvents"]
        return [event.get("ResourceStatusReason", "") for event in events
                if event["LogicalResourceId"] == "Table" and event["ResourceStatus"].endswith("FAILED")]


@pytest.fixture
def deployed(croft, request):
    return Deployed(croft, re.sub("[^A-Za-z0-9]", "-", request.node.name))


def test_a_policy_of_a_table_is_made_changed_and_removed(deployed):
    deployed.create(ResourcePolicy={"PolicyDocument": policy()})
    document, first = deployed.policy()
    assert document == policy()

    deployed.update(ResourcePolicy={"PolicyDocument": policy()}, Tags=[{"Key": "a", "Value": "b"}])
    assert deployed.policy() == (policy(), first)  # not touched
    deployed.update(ResourcePolicy={"PolicyDocument": policy("dynamodb:PutItem")})
    document, second = deployed.policy()
    assert document == policy("dynamodb:PutItem") and int(second) > int(first)
    deployed.update()
    assert not deployed.has_policy()
    deployed.update(ResourcePolicy={"PolicyDocument": policy()})
    assert deployed.policy()[0] == policy()


def test_a_stream_has_a_policy_of_its_own(deployed):
    stream = {"StreamViewType": "NEW_IMAGE", "ResourcePolicy": {"PolicyDocument": policy("dynamodb:GetRecords")}}
    deployed.create(StreamSpecification=stream)
    assert deployed.policy("StreamArn")[0] == policy("dynamodb:GetRecords")
    assert not deployed.has_policy()

    changed = {**stream, "ResourcePolicy": {"PolicyDocument": policy("dynamodb:DescribeStream")}}
    deployed.update(StreamSpecification=changed, ResourcePolicy={"PolicyDocument": policy()})
    assert deployed.policy("StreamArn")[0] == policy("dynamodb:DescribeStream")
    assert deployed.policy()[0] == policy()
    old = deployed.arns["StreamArn"]
    deployed.update(StreamSpecification={**changed, "StreamViewType": "KEYS_ONLY"})
    assert deployed.arns["StreamArn"] != old
    assert deployed.policy("StreamArn")[0] == policy("dynamodb:DescribeStream")  # the new stream's
    assert refused_by_dynamodb(deployed.croft, "GetResourcePolicy", ResourceArn=old) == (
        "ResourceNotFoundException", f"Requested resource not found: Stream: {old} not found")
    deployed.update(StreamSpecification={"StreamViewType": "KEYS_ONLY"})
    assert not deployed.has_policy("StreamArn")


def test_policies_of_streams_survive_a_kill(fresh_croft):
    server = fresh_croft()
    stack = Deployed(server, "kept").create(StreamSpecification={"StreamViewType": "NEW_IMAGE",
                                                                 "ResourcePolicy": {"PolicyDocument": policy()}})
    before = stack.policy("StreamArn")
    server.kill()
    server.start()
    stack = Deployed(server, "kept")
    assert stack.policy("StreamArn") == before and not stack.has_policy()


def test_contributor_insights_are_switched_by_the_template(deployed):
    deployed.create(ContributorInsightsSpecification={"Enabled": False},
                    Index={"ContributorInsightsSpecification": {"Enabled": "true"}})
    assert deployed.insights() == ("DISABLED", None)
    assert deployed.insights(IndexName="byg") == ("ENABLED", "ACCESSED_AND_THROTTLED_KEYS")

    deployed.update(ContributorInsightsSpecification={"Enabled": True, "Mode": "THROTTLED_KEYS"})
    assert deployed.insights() == ("ENABLED", "THROTTLED_KEYS")
    assert deployed.insights(IndexName="byg") == ("DISABLED", None)
    deployed.update(ContributorInsightsSpecification={"Enabled": True, "Mode": "ACCESSED_AND_THROTTLED_KEYS"},
                    Index={"ContributorInsightsSpecification": {"Enabled": False}})
    assert deployed.insights() == ("ENABLED", "ACCESSED_AND_THROTTLED_KEYS")
    deployed.update(Index={"IndexName": "other", "ContributorInsightsSpecification": {"Enabled": True}})
    assert deployed.insights() == ("DISABLED", None)
    assert deployed.insights(IndexName="other")[0] == "ENABLED"
    deployed.update(GlobalSecondaryIndexes=[], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    assert deployed.croft.client("dynamodb").list_contributor_insights(
        TableName=deployed.arns["Arn"].removeprefix(ARN))["ContributorInsightsSummaries"] == []


@pytest.mark.parametrize("more, reason", [
    ({"ResourcePolicy": {"PolicyDocument": {"Version": "2012-10-17", "Statement": []}}},
     "One or more parameter values were invalid: Invalid policy document: Could not parse the policy: Statement is empty!"),
    ({"StreamSpecification": {"StreamViewType": "NEW_IMAGE", "ResourcePolicy": {"PolicyDocument": "{"}}},
     "One or more parameter values were invalid: Invalid policy document: This policy contains invalid Json"),
    ({"ResourcePolicy": {}}, "Model validation failed (#/ResourcePolicy: required key [PolicyDocument] not found)"),
    ({"StreamSpecification": {"StreamViewType": "NEW_IMAGE", "ResourcePolicy": {}}},
     "Model validation failed (#/StreamSpecification/ResourcePolicy: required key [PolicyDocument] not found)"),
    ({"ResourcePolicy": {"PolicyDocument": policy(), "Id": "x"}},
     "Model validation failed (#/ResourcePolicy: extraneous key [Id] is not permitted)"),
    ({"ContributorInsightsSpecification": {"Enabled": True, "Mode": "EVERYTHING"}},
     "Value 'EVERYTHING' at 'contributorInsightsMode' failed to satisfy constraint"),
    ({"ContributorInsightsSpecification": {}},
     "Model validation failed (#/ContributorInsightsSpecification: required key [Enabled] not found)"),
    ({"Index": {"ContributorInsightsSpecification": {"Mode": "THROTTLED_KEYS"}}},
     "Model validation failed (#/GlobalSecondaryIndexes/byg/ContributorInsightsSpecification: required key [Enabled] not found)"),
])
def test_what_is_wrong_rolls_the_stack_back(croft, request, more, reason):
    number = request.node.callspec.indices["more"]
    made = Deployed(croft, f"refused-{number}").create(**more)
    assert made.stacks.describe_stacks(StackName=made.name)["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
    assert [reason in one for one in made.reasons()] == [True], made.reasons()
    kept = Deployed(croft, f"kept-{number}").create(ResourcePolicy={"PolicyDocument": policy()})
    kept.update(status="UPDATE_ROLLBACK_COMPLETE", **more)
    assert [reason in one for one in kept.reasons()] == [True], kept.reasons()
    assert kept.policy()[0] == policy()
