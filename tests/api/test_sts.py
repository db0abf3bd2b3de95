"""STS and IAM through boto3: who signs, roles and their policies."""
import json
import re
import uuid

import pytest
from botocore.exceptions import ClientError

TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture
def role(iam):
    name = "role-" + uuid.uuid4().hex[:12]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Description="d",
                           Tags=[{"Key": "a", "Value": "1"}])["Role"]
    yield role
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def refused(call, **arguments):
    with pytest.raises(ClientError) as failure:
        call(**arguments)
    error = failure.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]


def test_the_account_is_told(client):
    identity = client("sts").get_caller_identity()
    assert re.fullmatch(r"\d{12}", identity["Account"])
    assert identity["Arn"] == f"arn:aws:iam::{identity['Account']}:root"
    assert identity["UserId"] == identity["Account"]


def test_an_assumed_role_signs_for_itself(client, role):
    sts = client("sts")
    assumed = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session", DurationSeconds=900)
    credentials = assumed["Credentials"]
    assert assumed["AssumedRoleUser"]["AssumedRoleId"] == role["RoleId"] + ":session"
    as_role = client(
        "sts", key=credentials["AccessKeyId"], secret=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"])
    account = sts.get_caller_identity()["Account"]
    assert as_role.get_caller_identity()["Arn"] == f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/session"


def test_roles_that_cannot_be_assumed(client, role):
    sts = client("sts")
    missing = role["Arn"] + "-not"
    assert refused(sts.assume_role, RoleArn=missing, RoleSessionName="session") == ("AccessDenied", 403)
    assert refused(sts.assume_role, RoleArn=role["Arn"], RoleSessionName="a b") == ("ValidationError", 400)
    assert refused(sts.assume_role, RoleArn=role["Arn"], RoleSessionName="session",
                   DurationSeconds=7200) == ("ValidationError", 400)


def test_a_role_comes_back_whole(iam, role):
    found = iam.get_role(RoleName=role["RoleName"])["Role"]
    assert found == role
    assert found["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert (found["Path"], found["Description"], found["MaxSessionDuration"]) == ("/", "d", 3600)
    assert found["Tags"] == [{"Key": "a", "Value": "1"}]
    assert re.fullmatch(r"AROA[A-Z2-7]{16}", found["RoleId"])
    assert role["RoleName"] in [r["RoleName"] for r in iam.list_roles()["Roles"]]


def test_roles_are_told_page_by_page(iam, role):
    pages = list(iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1}))
    assert all(len(page["Roles"]) == 1 for page in pages)
    assert [role["RoleName"]] in [[r["RoleName"] for r in page["Roles"]] for page in pages]


def test_role_names_are_unique_and_checked(iam, role):
    assert refused(iam.create_role, RoleName=role["RoleName"],
                   AssumeRolePolicyDocument=TRUST) == ("EntityAlreadyExists", 409)
    assert refused(iam.create_role, RoleName="a b", AssumeRolePolicyDocument=TRUST) == ("ValidationError", 400)
    assert refused(iam.create_role, RoleName="other",
                   AssumeRolePolicyDocument="{") == ("MalformedPolicyDocument", 400)
    assert refused(iam.get_role, RoleName="none") == ("NoSuchEntity", 404)


def test_policies_of_a_role(iam, role):
    name = role["RoleName"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=TRUST)
    iam.attach_role_policy(RoleName=name, PolicyArn=BASIC)
    assert iam.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"] == json.loads(TRUST)
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["p"]
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == [
        {"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}]
    assert refused(iam.delete_role, RoleName=name) == ("DeleteConflict", 409)
    assert refused(iam.get_role_policy, RoleName=name, PolicyName="q") == ("NoSuchEntity", 404)


@pytest.fixture
def policy(iam):
    """make(**more) -> a managed policy; all of them are gone after the test."""
    made = []

    def make(**more):
        named = {"PolicyName": "policy-" + uuid.uuid4().hex[:12], "PolicyDocument": ALLOW, **more}
        made.append(iam.create_policy(**named)["Policy"])
        return made[-1]

    yield make
    for one in made:
        for version in iam.list_policy_versions(PolicyArn=one["Arn"])["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=one["Arn"], VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=one["Arn"])


def said(call, **arguments):
    with pytest.raises(ClientError) as failure:
        call(**arguments)
    return failure.value.response["Error"]["Message"]


def test_a_managed_policy_comes_back_whole(client, iam, policy):
    made = policy(Path="/team/", Description="d", Tags=[{"Key": "a", "Value": "1"}])

    found = iam.get_policy(PolicyArn=made["Arn"])["Policy"]

    account = client("sts").get_caller_identity()["Account"]
    assert found == made
    assert made["Arn"] == f"arn:aws:iam::{account}:policy/team/{made['PolicyName']}"
    assert re.fullmatch(r"ANPA[A-Z2-7]{16}", made["PolicyId"])
    assert (made["Path"], made["Description"], made["DefaultVersionId"]) == ("/team/", "d", "v1")
    assert (made["AttachmentCount"], made["IsAttachable"], made["Tags"]) == (0, True, [{"Key": "a", "Value": "1"}])
    version = iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v1")["PolicyVersion"]
    assert (version["Document"], version["IsDefaultVersion"]) == (json.loads(ALLOW), True)


def test_managed_policies_are_checked(iam, policy):
    made = policy()
    name, arn = made["PolicyName"], made["Arn"]
    assert refused(iam.create_policy, PolicyName=name, PolicyDocument=ALLOW) == ("EntityAlreadyExists", 409)
    assert said(iam.create_policy, PolicyName=name, PolicyDocument=ALLOW) == (
        f"A policy called {name} already exists. Duplicate names are not allowed.")
    assert refused(iam.create_policy, PolicyName="a b", PolicyDocument=ALLOW) == ("ValidationError", 400)
    assert refused(iam.create_policy, PolicyName="p", PolicyDocument="{") == ("MalformedPolicyDocument", 400)
    large = json.dumps({"Statement": "x" * 6144})
    assert refused(iam.create_policy, PolicyName="p", PolicyDocument=large) == ("LimitExceeded", 409)
    spaced = policy(PolicyDocument=ALLOW + " " * 6144)  # white space does not count
    assert iam.get_policy(PolicyArn=spaced["Arn"])["Policy"] == spaced
    missing = arn + "-not"
    assert refused(iam.get_policy, PolicyArn=missing) == ("NoSuchEntity", 404)
    assert said(iam.get_policy, PolicyArn=missing) == f"Policy {missing} was not found."
    assert refused(iam.delete_policy, PolicyArn=missing) == ("NoSuchEntity", 404)
    assert refused(iam.get_policy, PolicyArn=arn.replace("policy/", "policy/other/")) == ("NoSuchEntity", 404)


def test_a_managed_policy_has_up_to_five_versions(iam, policy):
    arn = policy()["Arn"]
    for number in range(2, 6):
        version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=TRUST, SetAsDefault=number == 2)["PolicyVersion"]
        assert (version["VersionId"], version["IsDefaultVersion"]) == (f"v{number}", number == 2)
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(v["VersionId"], v["IsDefaultVersion"]) for v in versions] == [
        ("v5", False), ("v4", False), ("v3", False), ("v2", True), ("v1", False)]
    assert refused(iam.create_policy_version, PolicyArn=arn, PolicyDocument=TRUST) == ("LimitExceeded", 409)
    assert refused(iam.delete_policy_version, PolicyArn=arn, VersionId="v2") == ("DeleteConflict", 409)
    assert refused(iam.delete_policy, PolicyArn=arn) == ("DeleteConflict", 409)

    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v5")

    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v1"
    assert iam.create_policy_version(PolicyArn=arn, PolicyDocument=TRUST)["PolicyVersion"]["VersionId"] == "v6"
    assert refused(iam.get_policy_version, PolicyArn=arn, VersionId="v5") == ("NoSuchEntity", 404)


def test_an_attached_policy_stays(iam, role, policy):
    made = policy()
    name, arn = role["RoleName"], made["Arn"]
    assert refused(iam.attach_role_policy, RoleName=name, PolicyArn=arn + "-not") == ("NoSuchEntity", 404)
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    iam.attach_role_policy(RoleName=name, PolicyArn=BASIC)

    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert refused(iam.delete_policy, PolicyArn=arn) == ("DeleteConflict", 409)
    assert said(iam.delete_policy, PolicyArn=arn) == "Cannot delete a policy attached to entities."
    iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0


def test_managed_policies_are_told_page_by_page(iam, role, policy):
    made = sorted([policy(Path="/list/"), policy(Path="/list/"), policy()], key=lambda one: one["PolicyName"])
    iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=made[1]["Arn"])

    def names(**more):
        pages = list(iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 1}, **more))
        assert all(len(page["Policies"]) <= 1 for page in pages)
        return [one["PolicyName"] for page in pages for one in page["Policies"]]

    assert names(Scope="Local") == [one["PolicyName"] for one in made]
    assert names(PathPrefix="/list/") == [one["PolicyName"] for one in made if one["Path"] == "/list/"]
    assert names(OnlyAttached=True) == [made[1]["PolicyName"]]
    assert names(Scope="AWS") == names(PolicyUsageFilter="PermissionsBoundary") == []
    assert refused(iam.list_policies, Scope="x") == ("ValidationError", 400)
    iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=made[1]["Arn"])


def test_managed_policies_outlive_croft(fresh_croft):
    croft = fresh_croft()
    made = croft.client("iam").create_policy(PolicyName="kept", PolicyDocument=ALLOW)["Policy"]
    croft.kill()

    iam = fresh_croft(data=croft.data).client("iam")

    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"] == made
    assert iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v1")["PolicyVersion"]["Document"] == json.loads(ALLOW)


def test_an_unknown_action_is_refused(client):
    assert refused(client("sts").get_session_token) == ("InvalidAction", 400)
