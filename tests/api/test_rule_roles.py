"""A rule's role, where IAM knows it, must let AWS IoT assume it."""

import json

import pytest
from botocore.exceptions import ClientError


def trust(*services):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}]})


def payload(role, as_error_action=False):
    action = {"republish": {"topic": "out", "roleArn": role}}
    fine = {"republish": {"topic": "out", "roleArn": "arn:aws:iam::000000000000:role/nobody-knows"}}
    more = {"errorAction": action} if as_error_action else {}
    return {"sql": "SELECT * FROM 'in'", "actions": [fine if as_error_action else action], **more}


@pytest.fixture(scope="module")
def role(croft):
    return croft.client("iam").create_role(RoleName="rule", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))["Role"]["Arn"]


@pytest.mark.parametrize("as_error_action", [False, True])
def test_a_role_that_trusts_others_is_refused_until_it_trusts_iot(croft, role, as_error_action):
    iot, iam, name = croft.client("iot"), croft.client("iam"), f"roles{as_error_action}"
    iam.update_assume_role_policy(RoleName="rule", PolicyDocument=trust("lambda.amazonaws.com"))
    with pytest.raises(ClientError) as refused:
        iot.create_topic_rule(ruleName=name, topicRulePayload=payload(role, as_error_action))
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"
    assert role in refused.value.response["Error"]["Message"]

    iam.update_assume_role_policy(RoleName="rule", PolicyDocument=trust("lambda.amazonaws.com", "iot.amazonaws.com"))
    iot.create_topic_rule(ruleName=name, topicRulePayload=payload(role, as_error_action))

    iam.update_assume_role_policy(RoleName="rule", PolicyDocument=trust("ec2.amazonaws.com"))
    with pytest.raises(ClientError):
        iot.replace_topic_rule(ruleName=name, topicRulePayload=payload(role, as_error_action))
    assert iot.get_topic_rule(ruleName=name)["rule"]["ruleDisabled"] is False


def test_a_role_that_iam_does_not_know_is_a_name(croft):
    croft.client("iot").create_topic_rule(ruleName="unknown", topicRulePayload=payload("arn:aws:iam::000000000000:role/unknown"))
