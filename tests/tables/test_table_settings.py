"""What tables keep and tell: resource policies, Contributor Insights; and what croft does not have."""

import json

from table_calls import INVALID, ask, attribute, described, dynamodb, index, make, refusal

ABSENT = ("ResourceNotFoundException", "Requested resource not found: Table: absent-x not found")


# --- resource-based policies, which came after this botocore ---

def policy(action="dynamodb:GetItem", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": action, "Resource": "*", **more}]})


def test_resource_policies_are_kept_by_their_revision(croft, dynamodb):
    name = make(dynamodb)
    arn = described(dynamodb, name)["TableArn"]
    missing = "Resource-based policy not found for the provided ResourceArn: "

    def put(document, **more):
        return ask(croft, "PutResourcePolicy", {"ResourceArn": arn, "Policy": document, **more})

    def get():
        return ask(croft, "GetResourcePolicy", {"ResourceArn": arn})

    def delete(**more):
        return ask(croft, "DeleteResourcePolicy", {"ResourceArn": arn, **more})

    assert get() == ("PolicyNotFoundException", missing + arn)
    assert delete() == {}
    first = put(policy(), ExpectedRevisionId="NO_POLICY")["RevisionId"]
    assert get() == {"Policy": policy(), "RevisionId": first}
    assert put(json.dumps(json.loads(policy()), indent=2))["RevisionId"] == first  # says the same
    assert get()["Policy"] == policy()
    second = put(policy("dynamodb:PutItem"), ExpectedRevisionId=first)["RevisionId"]
    assert int(second) > int(first)
    stale = (f"Requested update for policy with revision id {first}, but the policy associated to target table {name} has "
             f"revision id {second}.")
    assert put(policy(), ExpectedRevisionId=first) == ("PolicyNotFoundException", missing + stale)
    assert delete(ExpectedRevisionId=first) == ("PolicyNotFoundException", missing + stale)
    assert put(policy(), ExpectedRevisionId="NO_POLICY") == (
        "PolicyNotFoundException",
        missing + f"Requested policy update expecting none to be present for table {name}, but a policy exists with revision id "
                  f"{second}.")
    assert get() == {"Policy": policy("dynamodb:PutItem"), "RevisionId": second}
    assert int(delete(ExpectedRevisionId=second)["RevisionId"]) > int(second)
    assert get() == ("PolicyNotFoundException", missing + arn)


def test_resource_policies_are_checked(croft, dynamodb):
    name = make(dynamodb)
    arn = described(dynamodb, name)["TableArn"]
    document = INVALID + "Invalid policy document: "
    cases = [("{", document + "This policy contains invalid Json"), ("[]", document + "This policy contains invalid Json"),
             ('{"Statement":[]}', document + "Could not parse the policy: Statement is empty!"),
             ('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"}]}', document + "Missing required field Resource"),
             (policy(Sid="x" * 20480), INVALID + "Maximum policy size of 20480 bytes exceeded")]
    for text, why in cases:
        assert ask(croft, "PutResourcePolicy", {"ResourceArn": arn, "Policy": text}) == ("ValidationException", why)
    arns = [(name, INVALID + "ARNs must start with 'arn:': " + name),
            ("arn:aws:s3:::b", INVALID + "Provided Arn is not a DynamoDB resource arn: arn:aws:s3:::b"),
            (arn + "/index/x", INVALID + f"Invalid resource arn provided, only table or stream is accepted. Provided resource "
                                         f"arn: {arn}/index/x"),
            (arn.replace("us-east-1", "eu-west-9"), INVALID + "Invalid resource Arn: " + arn.replace("us-east-1", "eu-west-9")),
            (arn.replace("000000000000", "111111111111"),
             "This action is only supported by accounts that match the resource owner\u2019s account.")]
    for wrong, why in arns:
        assert ask(croft, "GetResourcePolicy", {"ResourceArn": wrong}) == ("ValidationException", why)
    for operation, more in (("GetResourcePolicy", {}), ("DeleteResourcePolicy", {}), ("PutResourcePolicy", {"Policy": policy()})):
        assert ask(croft, operation, {"ResourceArn": arn + "_", **more}) == (
            "ResourceNotFoundException", f"Requested resource not found: Table: {name}_ not found")


def test_settings_survive_a_kill(fresh_croft):
    server = fresh_croft()
    client = server.client("dynamodb")
    name = make(client, "kept", SSESpecification={"Enabled": True})
    client.update_contributor_insights(TableName=name, ContributorInsightsAction="ENABLE")
    arn = described(client, name)["TableArn"]
    revision = ask(server, "PutResourcePolicy", {"ResourceArn": arn, "Policy": policy()})["RevisionId"]
    before = described(client, name)

    server.kill()
    server.start()

    client = server.client("dynamodb")
    assert described(client, name) == before
    assert ask(server, "GetResourcePolicy", {"ResourceArn": arn}) == {"Policy": policy(), "RevisionId": revision}
    assert client.describe_contributor_insights(TableName=name)["ContributorInsightsStatus"] == "ENABLED"


# --- Contributor Insights ---

def test_contributor_insights_are_kept(dynamodb):
    indexed = {"AttributeDefinitions": [attribute("id"), attribute("g")], "GlobalSecondaryIndexes": [index("byg", "g")]}
    names = sorted(make(dynamodb, **indexed) for _ in range(2))
    assert without_metadata(dynamodb.describe_contributor_insights(TableName=names[0])) == {
        "TableName": names[0], "ContributorInsightsStatus": "DISABLED"}
    assert dynamodb.list_contributor_insights(TableName=names[0])["ContributorInsightsSummaries"] == []

    def switch(name, action, **more):
        answer = dynamodb.update_contributor_insights(TableName=name, ContributorInsightsAction=action, **more)
        return answer["ContributorInsightsStatus"]

    assert switch(names[0], "ENABLE", IndexName="byg") == "ENABLING"
    assert switch(names[0], "ENABLE") == "ENABLING"
    assert switch(names[0], "ENABLE") == "ENABLED"
    assert switch(names[1], "ENABLE") == "ENABLING"
    told = dynamodb.describe_contributor_insights(TableName=names[0], IndexName="byg")
    assert (told["ContributorInsightsStatus"], told["IndexName"]) == ("ENABLED", "byg") and "LastUpdateDateTime" in told
    pages = dynamodb.list_contributor_insights(MaxResults=2)
    rest = dynamodb.list_contributor_insights(NextToken=pages["NextToken"])
    assert [(one["TableName"], one.get("IndexName"), one["ContributorInsightsStatus"])
            for one in pages["ContributorInsightsSummaries"] + rest["ContributorInsightsSummaries"]] == [
        (names[0], None, "ENABLED"), (names[0], "byg", "ENABLED"), (names[1], None, "ENABLED")]
    assert "NextToken" not in rest
    assert switch(names[0], "DISABLE", IndexName="byg") == "DISABLING"
    assert [switch(name, "DISABLE") for name in names] == ["DISABLING", "DISABLING"]
    assert switch(names[1], "DISABLE") == "DISABLED"
    assert dynamodb.list_contributor_insights()["ContributorInsightsSummaries"] == []
    change = dynamodb.update_contributor_insights
    for call in (dynamodb.describe_contributor_insights, lambda **m: change(ContributorInsightsAction="ENABLE", **m)):
        assert refusal(call, TableName=names[0], IndexName="ghost") == (
            "ResourceNotFoundException", f"Requested resource not found: Index: ghost not found for table: {names[0]}")
        assert refusal(call, TableName="absent-x") == ABSENT


def without_metadata(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


# --- what croft does not have ---

def test_global_tables(dynamodb):
    name = make(dynamodb)
    legacy = ("ValidationException", INVALID + "DynamoDB global tables version 2017.11.29 is not supported. We recommend using "
              "DynamoDB global tables version 2019.11.21, instead of version 2017.11.29 (Legacy).")
    not_there = f"Global table with name: '{name}' does not exist."
    not_found = ("GlobalTableNotFoundException", "Global table not found: " + not_there)
    assert without_metadata(dynamodb.list_global_tables()) == {"GlobalTables": []}
    assert refusal(dynamodb.create_global_table, GlobalTableName=name, ReplicationGroup=[{"RegionName": "us-east-1"}]) == legacy
    assert refusal(dynamodb.describe_global_table, GlobalTableName=name) == not_found
    change = dynamodb.update_global_table
    assert refusal(change, GlobalTableName=name, ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}]) == legacy
    assert refusal(change, GlobalTableName=name, ReplicaUpdates=[{"Delete": {"RegionName": "eu-west-1"}}]) == not_found
    assert refusal(change, GlobalTableName=name, ReplicaUpdates=[]) == ("ValidationException", INVALID[:-2])
    for settings in (dynamodb.describe_global_table_settings, dynamodb.update_global_table_settings):
        assert refusal(settings, GlobalTableName=name) == ("GlobalTableNotFoundException", not_there)
    for scaling in (dynamodb.describe_table_replica_auto_scaling, dynamodb.update_table_replica_auto_scaling):
        assert refusal(scaling, TableName=name) == ("ResourceNotFoundException", not_there)


def test_kinesis_destinations(croft, dynamodb):
    name = make(dynamodb)
    stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
    state = "Table is not in a valid state to enable Kinesis Streaming Destination: "
    assert without_metadata(dynamodb.describe_kinesis_streaming_destination(TableName=name)) == {
        "TableName": name, "KinesisDataStreamDestinations": []}
    assert refusal(dynamodb.enable_kinesis_streaming_destination, TableName=name, StreamArn=stream) == (
        "ValidationException", "Kinesis streaming destinations are not supported: " + stream)
    assert refusal(dynamodb.disable_kinesis_streaming_destination, TableName=name, StreamArn=stream) == (
        "ValidationException", state + "KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.")
    assert ask(croft, "UpdateKinesisStreamingDestination", {"TableName": name, "StreamArn": stream}) == (
        "ValidationException", state + "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. "
        f"TableName: {name}, kdsArn: {stream}")
    for call in (dynamodb.describe_kinesis_streaming_destination,
                 lambda **m: dynamodb.enable_kinesis_streaming_destination(StreamArn=stream, **m)):
        assert refusal(call, TableName="absent-x") == ABSENT
