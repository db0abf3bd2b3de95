"""Topic rule destinations: their operations, their confirmation, and those that rules make."""

import json
import re
import socket
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from http_endpoint import Endpoint, signed

ROLE = "arn:aws:iam::000000000000:role/r"
VPC = {"subnetIds": ["subnet-0123456789abcdef0"], "securityGroups": ["sg-0123456789abcdef0"], "vpcId": "vpc-0123456789abcdef0",
       "roleArn": ROLE}


@pytest.fixture
def iot(croft):
    client = croft.client("iot")
    yield client
    for rule in client.list_topic_rules()["rules"]:
        client.delete_topic_rule(ruleName=rule["ruleName"])
    for destination in client.list_topic_rule_destinations()["destinationSummaries"]:
        client.delete_topic_rule_destination(arn=destination["arn"])


@pytest.fixture
def endpoint():
    server = Endpoint(confirms=False)
    yield server
    server.stop()


def create(iot, url):
    return iot.create_topic_rule_destination(
        destinationConfiguration={"httpUrlConfiguration": {"confirmationUrl": url}})["topicRuleDestination"]


def refusal(call, **given):
    with pytest.raises(ClientError) as refused:
        call(**given)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def status_of(iot, arn):
    return iot.get_topic_rule_destination(arn=arn)["topicRuleDestination"]["status"]


def wait_for(iot, arn, status):
    deadline = time.monotonic() + 10
    while status_of(iot, arn) != status:
        assert time.monotonic() < deadline, iot.get_topic_rule_destination(arn=arn)["topicRuleDestination"]
        time.sleep(0.02)
    return iot.get_topic_rule_destination(arn=arn)["topicRuleDestination"]


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# --- confirmation ---

def test_a_destination_is_confirmed_as_aws_asks_for_it(croft, iot, endpoint):
    made = create(iot, endpoint.url + "/iot")

    assert re.fullmatch(r"arn:aws:iot:us-east-1:000000000000:ruledestination/http/[0-9a-f-]{36}", made["arn"])
    assert made["status"] == "IN_PROGRESS"
    assert made["httpUrlProperties"] == {"confirmationUrl": endpoint.url + "/iot"}
    assert made["createdAt"] == made["lastUpdatedAt"]
    assert re.fullmatch(r"Awaiting confirmation\. Confirmation message sent on \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z; "
                        r"no response received from the endpoint\.", made["statusReason"])

    request = endpoint.wait_in("confirmations", 1)[0]
    body = request.json()
    assert request.method == "POST"
    assert request.target == f"/iot/?confirmationToken={body['confirmationToken']}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-amz-rules-engine-message-type"] == "DestinationConfirmation"
    assert request.headers["x-amz-rules-engine-destination-arn"] == made["arn"]
    assert body == {"arn": made["arn"], "confirmationToken": body["confirmationToken"], "messageType": "DestinationConfirmation",
                    "enableUrl": f"{croft.endpoints['gateway']}/confirmdestination/{body['confirmationToken']}"}

    iot.confirm_topic_rule_destination(confirmationToken=body["confirmationToken"])
    shown = iot.get_topic_rule_destination(arn=made["arn"])["topicRuleDestination"]
    assert shown["status"] == "ENABLED"
    assert "statusReason" not in shown


def test_enable_url_needs_no_signature_and_may_be_opened_twice(iot, endpoint):
    arn = create(iot, endpoint.url)["arn"]
    url = endpoint.wait_in("confirmations", 1)[0].json()["enableUrl"]

    assert urllib.request.urlopen(url, timeout=5).status == 200
    assert status_of(iot, arn) == "ENABLED"
    iot.update_topic_rule_destination(arn=arn, status="DISABLED")
    assert urllib.request.urlopen(url, timeout=5).status == 200
    assert status_of(iot, arn) == "DISABLED"  # a page that is loaded again must not send messages again


def test_what_the_endpoint_answered_is_told_while_the_confirmation_is_awaited(iot, endpoint):
    endpoint.answers = lambda request: (502, {}, b"")
    arn = create(iot, endpoint.url)["arn"]
    endpoint.wait_in("confirmations", 1)

    deadline = time.monotonic() + 10
    pattern = (r"Awaiting confirmation\. Confirmation message sent on \S+Z\. "
               r"The destination responded with HTTP status code - 502\.")
    while not re.fullmatch(pattern, iot.get_topic_rule_destination(arn=arn)["topicRuleDestination"]["statusReason"]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert status_of(iot, arn) == "IN_PROGRESS"


def test_an_endpoint_that_confirms_before_it_answers_stays_enabled(iot, endpoint):
    endpoint.confirms = True
    arn = create(iot, endpoint.url)["arn"]

    wait_for(iot, arn, "ENABLED")
    time.sleep(0.1)
    assert status_of(iot, arn) == "ENABLED"


def test_an_endpoint_that_is_not_there_is_awaited(iot):
    made = create(iot, f"http://127.0.0.1:{closed_port()}")
    time.sleep(0.2)

    shown = iot.get_topic_rule_destination(arn=made["arn"])["topicRuleDestination"]
    assert shown["status"] == "IN_PROGRESS"
    assert shown["statusReason"].endswith("; no response received from the endpoint.")


def test_in_progress_sends_another_token_and_voids_the_first(iot, endpoint):
    arn = create(iot, endpoint.url)["arn"]
    first = endpoint.wait_in("confirmations", 1)[0].json()["confirmationToken"]
    iot.confirm_topic_rule_destination(confirmationToken=first)
    iot.update_topic_rule_destination(arn=arn, status="IN_PROGRESS")
    assert status_of(iot, arn) == "IN_PROGRESS"
    second = endpoint.wait_in("confirmations", 2)[1].json()["confirmationToken"]

    assert refusal(iot.confirm_topic_rule_destination, confirmationToken=first) == (
        "InvalidRequestException", 400, "The confirmation token is invalid or has expired.")
    iot.confirm_topic_rule_destination(confirmationToken=second)
    assert status_of(iot, arn) == "ENABLED"


@pytest.mark.parametrize("token, status", [("nope", 400), ("x" * 2049, 400), ("%00", 400)])
def test_another_token_confirms_nothing(croft, iot, endpoint, token, status):
    arn = create(iot, endpoint.url)["arn"]
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{croft.endpoints['gateway']}/confirmdestination/{token}", timeout=5)

    assert refused.value.code == status
    assert refused.value.headers["x-amzn-errortype"] == "InvalidRequestException"
    assert status_of(iot, arn) == "IN_PROGRESS"


# --- operations ---

def test_enabled_and_disabled_turn_into_each_other(iot, endpoint):
    endpoint.confirms = True
    arn = create(iot, endpoint.url)["arn"]
    wait_for(iot, arn, "ENABLED")
    iot.update_topic_rule_destination(arn=arn, status="ENABLED")
    iot.update_topic_rule_destination(arn=arn, status="DISABLED")
    assert status_of(iot, arn) == "DISABLED"
    iot.update_topic_rule_destination(arn=arn, status="ENABLED")

    shown = iot.get_topic_rule_destination(arn=arn)["topicRuleDestination"]
    assert shown["status"] == "ENABLED"
    assert shown["lastUpdatedAt"] > shown["createdAt"]


def test_statuses_that_cannot_be_set(iot, endpoint):
    arn = create(iot, endpoint.url)["arn"]
    update = iot.update_topic_rule_destination

    assert refusal(update, arn=arn, status="ENABLED") == (
        "InvalidRequestException", 400,
        f"The status of the destination {arn} cannot be set to ENABLED before the destination is confirmed.")
    assert refusal(update, arn=arn, status="DELETING") == (
        "InvalidRequestException", 400, "The status of a destination cannot be set to DELETING.")
    assert refusal(update, arn=arn, status="Enabled") == (
        "InvalidRequestException", 400,
        "1 validation error detected: Value 'Enabled' at 'status' failed to satisfy constraint: "
        "Member must satisfy enum value set: [ENABLED, IN_PROGRESS, DISABLED, ERROR, DELETING]")


def test_what_is_not_there_is_denied(iot):
    arn = "arn:aws:iot:us-east-1:000000000000:ruledestination/http/00000000-0000-0000-0000-000000000000"
    denied = ("UnauthorizedException", 401, f"Access to TopicRuleDestination '{arn}' was denied")

    assert refusal(iot.get_topic_rule_destination, arn=arn) == denied
    assert refusal(iot.delete_topic_rule_destination, arn=arn) == denied
    assert refusal(iot.update_topic_rule_destination, arn=arn, status="ENABLED") == denied


def test_a_deleted_destination_is_gone(iot, endpoint):
    arn = create(iot, endpoint.url)["arn"]
    iot.delete_topic_rule_destination(arn=arn)

    assert refusal(iot.delete_topic_rule_destination, arn=arn) == (
        "UnauthorizedException", 401, f"Access to TopicRuleDestination '{arn}' was denied")
    assert iot.list_topic_rule_destinations()["destinationSummaries"] == []
    assert create(iot, endpoint.url)["arn"] != arn


def test_a_confirmation_url_has_one_destination(iot, endpoint):
    arn = create(iot, endpoint.url)["arn"]
    with pytest.raises(ClientError) as refused:
        create(iot, endpoint.url)

    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("ResourceAlreadyExistsException", 409)
    assert answer["resourceArn"] == arn


def test_destinations_are_listed_in_pages(iot, endpoint):
    arns = {create(iot, f"{endpoint.url}/{n}")["arn"] for n in range(5)}
    pages, token = [], None
    while True:
        page = iot.list_topic_rule_destinations(maxResults=2, **({"nextToken": token} if token else {}))
        pages.append(page["destinationSummaries"])
        token = page.get("nextToken")
        if not token:
            break

    assert [len(page) for page in pages] == [2, 2, 1]
    assert {summary["arn"] for page in pages for summary in page} == arns
    assert set(pages[0][0]) == {"arn", "status", "createdAt", "lastUpdatedAt", "statusReason", "httpUrlSummary"}
    assert refusal(iot.list_topic_rule_destinations, nextToken="!") == ("InvalidRequestException", 400, "Invalid nextToken")
    assert refusal(iot.list_topic_rule_destinations, maxResults=1001) == (
        "InvalidRequestException", 400, "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: "
        "Member must have value between 1 and 1000")


@pytest.mark.parametrize("url, why", [
    ("http://example.com", "the URL must start with https://"),
    ("ftp://127.0.0.1/x", "it is not an HTTPS URL"),
    ("https://user@example.com", "it is not an HTTPS URL"),
    ("https://example.com:8080/x", "the port 8080 is not supported"),
    ("https://[::1]:8443/x", "IPv6 addresses are not supported"),
    ("https://169.254.169.254/latest", "link-local addresses are not supported"),
    ("https://2130706433/x", "the host is neither a name nor an IPv4 address"),
    ("https://127.1/x", "the host is neither a name nor an IPv4 address"),
    ("http://127.0.0.1.example.com/x", "the URL must start with https://"),
    ("https://example.com/" + "x" * 1981, "a URL has at most 2000 characters"),
])
def test_urls_that_are_refused(iot, url, why):
    with pytest.raises(ClientError) as refused:
        create(iot, url)

    assert refused.value.response["Error"] == {
        "Code": "InvalidRequestException", "Message": f"The value of 'confirmationUrl' is not valid: {why}."}


def test_plain_http_to_this_machine_can_be_turned_off(fresh_croft):
    iot = fresh_croft("--plain-endpoints", "false").client("iot")

    assert refusal(create, iot=iot, url="http://127.0.0.1:9/x") == (
        "InvalidRequestException", 400, "The value of 'confirmationUrl' is not valid: the URL must start with https://.")


def test_a_vpc_destination_is_a_name(iot):
    made = iot.create_topic_rule_destination(destinationConfiguration={"vpcConfiguration": VPC})["topicRuleDestination"]

    assert re.fullmatch(r"arn:aws:iot:us-east-1:000000000000:ruledestination/vpc/[0-9a-f-]{36}", made["arn"])
    assert made["status"] == "ENABLED"
    assert made["vpcProperties"] == VPC
    listed = iot.list_topic_rule_destinations()["destinationSummaries"]
    assert [summary["vpcDestinationSummary"] for summary in listed] == [VPC]
    iot.update_topic_rule_destination(arn=made["arn"], status="DISABLED")
    assert status_of(iot, made["arn"]) == "DISABLED"


@pytest.mark.parametrize("change, message", [
    ({"subnetIds": []}, "A VPC destination must have 1 to 16 subnets."),
    ({"subnetIds": ["net-1"]}, "The value 'net-1' of 'subnetIds' is not valid."),
    ({"securityGroups": ["x"]}, "The value 'x' of 'securityGroups' is not valid."),
    ({"vpcId": "vpc-"}, "The value 'vpc-' of 'vpcId' is not valid."),
    ({"roleArn": "r"}, "The roleArn 'r' is not a valid role ARN."),
])
def test_vpc_parameters_are_checked(iot, change, message):
    given = {"destinationConfiguration": {"vpcConfiguration": {**VPC, **change}}}

    assert refusal(iot.create_topic_rule_destination, **given) == ("InvalidRequestException", 400, message)


def test_there_are_five_vpc_destinations(iot):
    given = {"destinationConfiguration": {"vpcConfiguration": VPC}}
    for _ in range(5):
        iot.create_topic_rule_destination(**given)

    assert refusal(iot.create_topic_rule_destination, **given) == (
        "LimitExceededException", 410, "The number of VPC destinations exceeds the limit of 5.")


@pytest.mark.parametrize("configuration, message", [
    ({}, "A destination must have exactly one configuration."),
    ({"vpcConfiguration": VPC, "httpUrlConfiguration": {"confirmationUrl": "https://example.com"}},
     "A destination must have exactly one configuration."),
])
def test_a_destination_has_one_configuration(iot, configuration, message):
    assert refusal(iot.create_topic_rule_destination, destinationConfiguration=configuration) == (
        "InvalidRequestException", 400, message)


@pytest.mark.parametrize("body, message", [
    (b"{}", "1 validation error detected: Value null at 'destinationConfiguration' failed to satisfy constraint: "
            "Member must not be null"),
    (b'{"destinationConfiguration": {"httpUrlConfiguration": {}}}',
     "1 validation error detected: Value null at 'destinationConfiguration.httpUrlConfiguration.confirmationUrl' failed to "
     "satisfy constraint: Member must not be null"),
    (b'{"destinationConfiguration": {"httpUrlConfiguration": {"confirmationUrl": 7}}}',
     "The value of 'destinationConfiguration.httpUrlConfiguration.confirmationUrl' is of the wrong type"),
    (b'{"destinationConfiguration": []}', "The value of 'destinationConfiguration' is of the wrong type"),
    (b'{"destinationConfiguration": {"influxDBConfiguration": {"endpoint": "https://example.com", "influxDBVersion": "V2", '
     b'"secretId": "s"}}}',
     "InfluxDB destinations are not supported by this endpoint: no endpoint of AWS Secrets Manager is configured."),
])
def test_what_no_client_would_send_is_refused(croft, body, message):
    assert signed(croft, "POST", "/destinations", body) == ("InvalidRequestException", 400, {"message": message})


# --- rules and restarts ---

def test_a_rule_makes_the_destination_of_its_url_once(iot, endpoint):
    endpoint.confirms = True
    actions = [{"http": {"url": endpoint.url + "/data/x"}},
               {"http": {"url": endpoint.url + "/b/x", "confirmationUrl": endpoint.url + "/b"}},
               {"http": {"url": endpoint.url + "/c/${topic()}", "confirmationUrl": endpoint.url + "/c/"}}]
    payload = {"sql": "SELECT * FROM 'a'", "actions": actions,
               "errorAction": {"http": {"url": endpoint.url + "/data/x"}}, "awsIotSqlVersion": "2016-03-23"}
    iot.create_topic_rule(ruleName="one", topicRulePayload=payload)
    endpoint.wait_in("confirmations", 3)
    iot.replace_topic_rule(ruleName="one", topicRulePayload=payload)
    iot.create_topic_rule(ruleName="two", topicRulePayload=payload)

    listed = iot.list_topic_rule_destinations()["destinationSummaries"]
    assert {summary["httpUrlSummary"]["confirmationUrl"] for summary in listed} == {
        endpoint.url + "/data/x", endpoint.url + "/b", endpoint.url + "/c/"}
    assert len(endpoint.confirmations) == 3


def test_a_refused_rule_makes_no_destination(iot, endpoint):
    payload = {"sql": "SELEKT", "actions": [{"http": {"url": endpoint.url}}]}

    assert refusal(iot.create_topic_rule, ruleName="bad", topicRulePayload=payload)[0] == "SqlParseException"
    assert iot.list_topic_rule_destinations()["destinationSummaries"] == []


def test_destinations_and_their_tokens_outlive_a_restart(fresh_croft, endpoint):
    croft = fresh_croft()
    iot = croft.client("iot")
    arn = create(iot, endpoint.url)["arn"]
    token = endpoint.wait_in("confirmations", 1)[0].json()["confirmationToken"]
    vpc = iot.create_topic_rule_destination(destinationConfiguration={"vpcConfiguration": VPC})["topicRuleDestination"]
    time.sleep(0.2)
    croft.kill()
    croft.start()
    iot = croft.client("iot")

    assert status_of(iot, arn) == "IN_PROGRESS"
    assert iot.get_topic_rule_destination(arn=vpc["arn"])["topicRuleDestination"] == vpc
    time.sleep(0.2)
    assert len(endpoint.confirmations) == 1
    iot.confirm_topic_rule_destination(confirmationToken=token)
    assert status_of(iot, arn) == "ENABLED"


# --- templates ---

def deploy(croft, name, resources, **more):
    cloudformation = croft.client("cloudformation")
    act = cloudformation.update_stack if name in [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]] \
        else cloudformation.create_stack
    act(StackName=name, TemplateBody=json.dumps({"Resources": resources, **more}))
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return stack["StackStatus"], {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def test_a_template_makes_changes_and_removes_destinations(croft, iot, endpoint):
    network = {"Type": "AWS::IoT::TopicRuleDestination", "Properties": {"VpcProperties": {
        "SubnetIds": VPC["subnetIds"], "SecurityGroups": VPC["securityGroups"], "VpcId": VPC["vpcId"], "RoleArn": ROLE}}}
    web = {"Type": "AWS::IoT::TopicRuleDestination", "Properties": {"HttpUrlProperties": {"ConfirmationUrl": endpoint.url},
                                                                    "Status": "IN_PROGRESS"}}
    rule = {"Type": "AWS::IoT::TopicRule", "DependsOn": "Web", "Properties": {"TopicRulePayload": {
        "Sql": "SELECT * FROM 'cfn'", "Actions": [
            {"Http": {"Url": endpoint.url + "/x", "ConfirmationUrl": endpoint.url, "EnableBatching": "true",
                      "BatchConfig": {"MaxBatchSize": "2"}, "Headers": [{"Key": "X-A", "Value": 1}]}},
            {"Kafka": {"DestinationArn": {"Fn::GetAtt": ["Network", "Arn"]}, "Topic": "t", "ClientProperties": {
                "bootstrap.servers": "127.0.0.1:9092", "security.protocol": "PLAINTEXT", "acks": 1}}}]}}}
    outputs = {"Ref": {"Value": {"Ref": "Network"}}, "Arn": {"Value": {"Fn::GetAtt": ["Network", "Arn"]}},
               "Web": {"Value": {"Ref": "Web"}}, "Rule": {"Value": {"Ref": "Rule"}},
               "Reason": {"Value": {"Fn::GetAtt": ["Web", "StatusReason"]}}}
    status, told = deploy(croft, "destinations", {"Network": network, "Web": web, "Rule": rule}, Outputs=outputs)
    assert status == "CREATE_COMPLETE"
    assert told["Ref"] == told["Arn"]
    assert told["Reason"].startswith("Awaiting confirmation.")
    assert iot.get_topic_rule_destination(arn=told["Arn"])["topicRuleDestination"]["vpcProperties"] == VPC
    assert endpoint.wait_in("confirmations", 1)[0].json()["arn"] == told["Web"]
    _, _, shown = signed(croft, "GET", "/rules/" + told["Rule"])
    assert shown["rule"]["actions"][0]["http"] == {
        "url": endpoint.url + "/x", "confirmationUrl": endpoint.url, "enableBatching": True, "batchConfig": {"maxBatchSize": 2},
        "headers": [{"key": "X-A", "value": "1"}]}
    assert shown["rule"]["actions"][1]["kafka"]["clientProperties"]["acks"] == "1"

    network["Properties"]["Status"] = "DISABLED"
    status, again = deploy(croft, "destinations", {"Network": network, "Web": web, "Rule": rule}, Outputs=outputs)
    assert (status, again["Arn"]) == ("UPDATE_COMPLETE", told["Arn"])
    assert status_of(iot, told["Arn"]) == "DISABLED"

    web["Properties"]["HttpUrlProperties"]["ConfirmationUrl"] = endpoint.url + "/other"
    del network["Properties"]["Status"]
    status, moved = deploy(croft, "destinations", {"Network": network, "Web": web}, Outputs={"Web": outputs["Web"]})
    assert status == "UPDATE_COMPLETE"
    assert moved["Web"] != told["Web"]

    croft.client("cloudformation").delete_stack(StackName="destinations")
    assert iot.list_topic_rule_destinations()["destinationSummaries"] == []
