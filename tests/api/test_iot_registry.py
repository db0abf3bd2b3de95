"""Things, certificates and policies through boto3, as a provisioning tool calls them.

Expectations come from the IoT API reference; sentences of errors from what AWS answered to users of the same calls.
"""

import json
import uuid

import pytest
from botocore.exceptions import ClientError

ALLOW_ALL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
)


@pytest.fixture
def iot(client):
    return client("iot")


@pytest.fixture
def name():
    """A name that no other test uses."""
    return "t-" + uuid.uuid4().hex


def refused(code, status, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    return response


def test_a_device_is_provisioned_and_removed(iot, name):
    iot.create_policy(policyName=name, policyDocument=ALLOW_ALL)
    keys = iot.create_keys_and_certificate(setAsActive=True)
    arn, certificate = keys["certificateArn"], keys["certificateId"]
    iot.attach_policy(policyName=name, target=arn)
    thing = iot.create_thing(thingName=name)
    iot.attach_thing_principal(thingName=name, principal=arn)

    assert arn.endswith(":cert/" + certificate)
    assert keys["certificatePem"].startswith("-----BEGIN CERTIFICATE-----")
    assert keys["keyPair"]["PrivateKey"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert keys["keyPair"]["PublicKey"].startswith("-----BEGIN PUBLIC KEY-----")
    assert thing["thingArn"].endswith(":thing/" + name)
    assert iot.list_thing_principals(thingName=name)["principals"] == [arn]
    assert iot.list_principal_things(principal=arn)["things"] == [name]
    assert [p["policyName"] for p in iot.list_attached_policies(target=arn)["policies"]] == [name]
    assert iot.list_targets_for_policy(policyName=name)["targets"] == [arn]

    refused("InvalidRequestException", 400, iot.delete_thing, thingName=name)
    iot.detach_thing_principal(thingName=name, principal=arn)
    iot.delete_thing(thingName=name)
    refused("CertificateStateException", 406, iot.delete_certificate, certificateId=certificate)
    iot.update_certificate(certificateId=certificate, newStatus="INACTIVE")
    refused("DeleteConflictException", 409, iot.delete_certificate, certificateId=certificate)
    refused("DeleteConflictException", 409, iot.delete_policy, policyName=name)
    iot.detach_policy(policyName=name, target=arn)
    iot.delete_certificate(certificateId=certificate)
    iot.delete_policy(policyName=name)
    refused("ResourceNotFoundException", 404, iot.get_policy, policyName=name)
    refused("ResourceNotFoundException", 404, iot.describe_thing, thingName=name)


def test_things_are_described_updated_and_compared(iot, name):
    created = iot.create_thing(thingName=name, attributePayload={"attributes": {"room": "hall"}})
    again = iot.create_thing(thingName=name, attributePayload={"attributes": {"room": "hall"}})
    assert again["thingId"] == created["thingId"]

    conflict = refused("ResourceAlreadyExistsException", 409, iot.create_thing, thingName=name)
    assert conflict["resourceArn"] == created["thingArn"]

    iot.update_thing(thingName=name, attributePayload={"attributes": {"floor": "2"}, "merge": True})
    thing = iot.describe_thing(thingName=name)
    assert thing["attributes"] == {"room": "hall", "floor": "2"}
    assert thing["version"] == 2
    assert thing["defaultClientId"] == name
    refused("VersionConflictException", 409, iot.update_thing, thingName=name, expectedVersion=1)
    refused("VersionConflictException", 409, iot.delete_thing, thingName=name, expectedVersion=1)
    iot.delete_thing(thingName=name, expectedVersion=2)


def test_things_are_listed_in_pages(iot, name):
    names = [f"{name}-{i}" for i in range(5)]
    for each in names:
        iot.create_thing(thingName=each, attributePayload={"attributes": {"set": name}})

    pages = iot.get_paginator("list_things").paginate(
        attributeName="set", attributeValue=name, PaginationConfig={"PageSize": 2}
    )
    assert [[t["thingName"] for t in page["things"]] for page in pages] == [names[0:2], names[2:4], names[4:]]
    for each in names:
        iot.delete_thing(thingName=each)


def test_policies_have_versions(iot, name):
    iot.create_policy(policyName=name, policyDocument=ALLOW_ALL)
    again = refused(
        "ResourceAlreadyExistsException", 409, iot.create_policy, policyName=name, policyDocument=ALLOW_ALL
    )
    assert again["Error"]["Message"] == f"Policy cannot be created - name already exists (name={name})"
    for _ in range(4):
        iot.create_policy_version(policyName=name, policyDocument=ALLOW_ALL, setAsDefault=True)
    full = refused(
        "VersionsLimitExceededException",
        409,
        iot.create_policy_version,
        policyName=name,
        policyDocument=ALLOW_ALL,
    )
    assert full["Error"]["Message"] == f"The policy {name} already has the maximum number of versions (5)"

    versions = iot.list_policy_versions(policyName=name)["policyVersions"]
    assert [v["versionId"] for v in versions if v["isDefaultVersion"]] == ["5"]
    refused("DeleteConflictException", 409, iot.delete_policy_version, policyName=name, policyVersionId="5")
    iot.set_default_policy_version(policyName=name, policyVersionId="1")
    for version in ("2", "3", "4", "5"):
        iot.delete_policy_version(policyName=name, policyVersionId=version)
    iot.delete_policy(policyName=name)


@pytest.mark.parametrize("document", ["./policy.json", "{}", "[]", ALLOW_ALL.replace("Allow", "allow")])
def test_malformed_policies_are_refused(iot, name, document):
    response = refused(
        "MalformedPolicyException", 400, iot.create_policy, policyName=name, policyDocument=document
    )
    assert response["Error"]["Message"].startswith("Policy document is Malformed")


def test_the_deprecated_principal_operations_still_work(iot, name):
    iot.create_policy(policyName=name, policyDocument=ALLOW_ALL)
    arn = iot.create_keys_and_certificate()["certificateArn"]

    iot.attach_principal_policy(policyName=name, principal=arn)
    assert [p["policyName"] for p in iot.list_principal_policies(principal=arn)["policies"]] == [name]
    assert iot.list_policy_principals(policyName=name)["principals"] == [arn]
    iot.detach_principal_policy(policyName=name, principal=arn)

    iot.delete_certificate(certificateId=arn.split("/")[-1])
    iot.delete_policy(policyName=name)


def test_certificates_are_described_and_expire_with_awss(iot):
    keys = iot.create_keys_and_certificate(setAsActive=True)
    description = iot.describe_certificate(certificateId=keys["certificateId"])["certificateDescription"]

    assert description["status"] == "ACTIVE"
    assert description["certificatePem"] == keys["certificatePem"]
    assert description["validity"]["notAfter"].timestamp() == 2524607999
    refused(
        "ResourceAlreadyExistsException",
        409,
        iot.register_certificate_without_ca,
        certificatePem=keys["certificatePem"],
    )
    listed = [c for page in iot.get_paginator("list_certificates").paginate() for c in page["certificates"]]
    assert keys["certificateId"] in [c["certificateId"] for c in listed]
    iot.update_certificate(certificateId=keys["certificateId"], newStatus="REVOKED")
    iot.delete_certificate(certificateId=keys["certificateId"])
    refused("ResourceNotFoundException", 404, iot.describe_certificate, certificateId=keys["certificateId"])


def test_the_endpoint_is_a_host_without_scheme_or_port(iot):
    address = iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]

    assert address and "/" not in address and ":" not in address
    assert iot.describe_endpoint(endpointType="iot:CredentialProvider")["endpointAddress"]
    refused("InvalidRequestException", 400, iot.describe_endpoint, endpointType="iot:Nothing")


def test_event_configurations_are_kept(iot):
    iot.update_event_configurations(eventConfigurations={"THING": {"Enabled": True}})
    assert iot.describe_event_configurations()["eventConfigurations"]["THING"] == {"Enabled": True}
    iot.update_event_configurations(eventConfigurations={"THING": {"Enabled": False}})
    assert iot.describe_event_configurations()["eventConfigurations"]["THING"] == {"Enabled": False}


def test_authorization_is_tested_with_policy_variables(iot, name):
    document = ALLOW_ALL.replace('"*"', '"arn:aws:iot:*:*:client/${iot:ClientId}"')
    iot.create_policy(policyName=name, policyDocument=document)
    arn = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
    iot.attach_policy(policyName=name, target=arn)
    account = arn.rsplit(":", 1)[0]

    def decision(client_id, resource):
        result = iot.test_authorization(
            principal=arn,
            clientId=client_id,
            authInfos=[{"actionType": "CONNECT", "resources": [f"{account}:client/{resource}"]}],
        )
        return result["authResults"][0]["authDecision"]

    assert decision("lamp", "lamp") == "ALLOWED"
    assert decision("lamp", "other") == "IMPLICIT_DENY"
    assert decision("*", "other") == "IMPLICIT_DENY"


def test_groups_and_types(iot, name):
    iot.create_thing_type(thingTypeName=name, thingTypeProperties={"thingTypeDescription": "d"})
    iot.create_thing_group(thingGroupName=name)
    iot.create_thing(thingName=name, thingTypeName=name)
    iot.add_thing_to_thing_group(thingGroupName=name, thingName=name)

    assert iot.list_things_in_thing_group(thingGroupName=name)["things"] == [name]
    assert iot.list_thing_groups_for_thing(thingName=name)["thingGroups"][0]["groupName"] == name
    iot.remove_thing_from_thing_group(thingGroupName=name, thingName=name)
    iot.delete_thing_group(thingGroupName=name)
    refused("ResourceNotFoundException", 404, iot.describe_thing_group, thingGroupName=name)
    refused("InvalidRequestException", 400, iot.delete_thing_type, thingTypeName=name)
    iot.delete_thing(thingName=name)
    iot.deprecate_thing_type(thingTypeName=name)
    iot.delete_thing_type(thingTypeName=name)
