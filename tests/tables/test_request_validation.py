"""What DynamoDB refuses of requests whose members are each well."""

from raw_tables import INVALID, KEY, NULL, SEVERAL, enum, problems, raw, refusal, send, tables


def test_return_values(refusal, tables, raw):
    for operation, body in (("PutItem", {"Item": KEY}), ("DeleteItem", {"Key": KEY})):
        for values in ("ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"):
            assert refusal(operation, {"TableName": "one", **body, "ReturnValues": values}) == (
                "ReturnValues can only be ALL_OLD or NONE")
    stored = {**KEY, "v": {"N": "1"}}
    tables.put_item(TableName="one", Item=stored)
    for operation, body in (("PutItem", {"Item": KEY}), ("DeleteItem", {"Key": KEY}),
                            ("UpdateItem", {"Key": KEY, "UpdateExpression": "REMOVE v"})):
        body = {"TableName": "one", **body, "ConditionExpression": "v > :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}
        for wanted, item in (("ALL_OLD", {"Item": stored}), ("NONE", {})):
            status, document = raw(operation, {**body, "ReturnValuesOnConditionCheckFailure": wanted})
            assert status == 400 and document == {
                "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
                "message": "The conditional request failed", **item}


def test_updated_attributes_are_told_by_their_paths(tables):
    tables.put_item(TableName="one", Item={**KEY, "a": {"M": {"b": {"S": "x"}, "c": {"L": [{"N": "1"}, {"N": "2"}]}}}})

    def told(values, expression, **bound):
        answer = tables.update_item(TableName="one", Key=KEY, UpdateExpression=expression, ReturnValues=values,
                                    **({"ExpressionAttributeValues": bound} if bound else {}))
        return answer.get("Attributes")

    def update(values, expression, number):
        return told(values, expression, **{":v": {"N": number}})
    assert update("UPDATED_OLD", "SET a.b = :v", "1") == {"a": {"M": {"b": {"S": "x"}}}}
    assert update("UPDATED_NEW", "SET a.c[1] = :v", "3") == {"a": {"M": {"c": {"L": [{"N": "3"}]}}}}
    assert update("UPDATED_OLD", "SET a.c[1] = :v, a.b = :v", "4") == {
        "a": {"M": {"b": {"N": "1"}, "c": {"L": [{"N": "3"}]}}}}
    assert update("UPDATED_OLD", "SET a.z = :v", "5") is None
    assert update("UPDATED_NEW", "SET a.y = :v", "6") == {"a": {"M": {"y": {"N": "6"}}}}
    assert update("UPDATED_NEW", "SET a.c[100] = :v", "7") is None  # it has become [2]
    assert told("UPDATED_OLD", "REMOVE a.c[0], a.c[9]") == {"a": {"M": {"c": {"L": [{"N": "1"}]}}}}
    assert told("UPDATED_NEW", "REMOVE a.b") is None
    assert set(told("ALL_NEW", "REMOVE a.z")) == {"p", "a"}


def test_expression_parameters(refusal):
    one = {"TableName": "one"}
    names = "ExpressionAttributeNames can only be specified when using expressions"
    values = "ExpressionAttributeValues can only be specified when using expressions"
    key_conditions = {"p": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}
    bodies = {"PutItem": {"Item": KEY}, "DeleteItem": {"Key": KEY}, "UpdateItem": {"Key": KEY}, "GetItem": {"Key": KEY},
              "Scan": {},
              "Query": {"KeyConditions": key_conditions}}
    tails = {"PutItem": ": ConditionExpression is null", "DeleteItem": ": ConditionExpression is null",
             "UpdateItem": ": UpdateExpression and ConditionExpression are null", "Scan": ": FilterExpression is null",
             "Query": ""}
    for operation, body in bodies.items():
        assert refusal(operation, {**one, **body, "ExpressionAttributeNames": {"#a": "b"}}) == names
        if operation in tails:
            assert refusal(operation, {**one, **body,
                                       "ExpressionAttributeValues": {":a": {"S": ""}}}) == values + tails[operation]
    assert refusal("Scan", {**one, "ProjectionExpression": "a", "ExpressionAttributeValues": {":a": {"S": ""}}}) == (
        values + ": FilterExpression is null")
    both = {"UpdateExpression": "", "ConditionExpression": ""}
    update = {**one, "Key": KEY, **both}
    assert refusal("UpdateItem", {**update, "ExpressionAttributeNames": {}, "ExpressionAttributeValues": {}}) == (
        "ExpressionAttributeNames must not be empty")
    assert refusal("UpdateItem", {**update, "ExpressionAttributeNames": {"a": "a"}, "ExpressionAttributeValues": {}}) == (
        'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"')
    assert refusal("UpdateItem", {**update, "ExpressionAttributeValues": {}}) == "ExpressionAttributeValues must not be empty"
    assert refusal("UpdateItem", {**update, "ExpressionAttributeValues": {":b": {"a": ""}, "b": {"S": "a"}}}) == (
        'ExpressionAttributeValues contains invalid key: Syntax error; key: "b"')
    assert refusal("UpdateItem", update) == "Invalid UpdateExpression: The expression can not be empty;"
    assert refusal("UpdateItem", {**one, "Key": KEY, "ConditionExpression": ""}) == (
        "Invalid ConditionExpression: The expression can not be empty;")
    query = {**one, "KeyConditionExpression": "", "FilterExpression": "", "ProjectionExpression": ""}
    assert refusal("Query", query) == "Invalid KeyConditionExpression: The expression can not be empty;"
    assert refusal("Scan", {**one, "FilterExpression": "", "ProjectionExpression": ""}) == (
        "Invalid FilterExpression: The expression can not be empty;")
    unused = {"ExpressionAttributeNames": {"#a": "a", "#b": "b"},
              "ExpressionAttributeValues": {":a": {"S": "a"}, ":b": {"S": "b"}, ":c": {"S": "c"}}}
    assert refusal("UpdateItem", {**one, "Key": KEY, "UpdateExpression": "REMOVE a", "ConditionExpression": "#b = :b",
                                  **unused}) == (
        "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}")
    assert refusal("UpdateItem", {**one, "Key": KEY, "UpdateExpression": "REMOVE #a", "ConditionExpression": "#b = :b",
                                  **unused}) == (
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a, :c}")
    # Expressions are looked at before the table is looked for.
    assert refusal("GetItem", {"TableName": "absent", "Key": KEY, "ProjectionExpression": "a, a.b"}) == (
        "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; "
        "path one: [a], path two: [a, b]")
    assert refusal("BatchGetItem", {"RequestItems": {"absent": {"Keys": [KEY], "ProjectionExpression": "a..b"}}}) == (
        'Invalid ProjectionExpression: Syntax error; token: ".", near: "..b"')


def test_select(refusal, tables):
    key = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "k"}}}
    for operation, head, body in (("Query", "1 validation error detected: ", key), ("Scan", "", {})):
        body = {"TableName": "one", **body}
        assert refusal(operation, {**body, "Select": "SPECIFIC_ATTRIBUTES"}) == (
            head + "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
        for select, shown in (("ALL_ATTRIBUTES", "ALL_ATTRIBUTES"), ("COUNT", "only the Count"),
                              ("ALL_PROJECTED_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")):
            assert refusal(operation, {**body, "Select": select, "ProjectionExpression": "a"}) == (
                head + "Cannot specify the ProjectionExpression when choosing to get " + shown)
        assert refusal(operation, {**body, "Select": "ALL_PROJECTED_ATTRIBUTES"}) == (
            head + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    indexed = {"TableName": "indexed", "IndexName": "inc", "ConsistentRead": True}
    g = {"KeyConditionExpression": "g = :p", "ExpressionAttributeValues": {":p": {"S": "k"}}}
    for operation, body in (("Query", g), ("Scan", {})):
        assert refusal(operation, {**indexed, **body}) == "Consistent reads are not supported on global secondary indexes"
        assert refusal(operation, {"TableName": "indexed", "IndexName": "inc", "Select": "ALL_ATTRIBUTES", **body}) == (
            INVALID + "Select type ALL_ATTRIBUTES is not supported for global secondary index inc because its projection type is "
            "not ALL")
        assert refusal(operation, {"TableName": "indexed", "IndexName": "none", **body}) == (
            "The table does not have the specified index: none")
    assert tables.query(TableName="indexed", IndexName="loc", Select="ALL_ATTRIBUTES", **key)["Count"] == 0
    assert tables.scan(TableName="indexed", IndexName="inc", Select="ALL_PROJECTED_ATTRIBUTES")["Count"] == 0


def test_segments(refusal, send):
    scan = {"TableName": "absent"}
    assert refusal("Scan", {**scan, "Segment": 0}) == (
        "The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
    assert refusal("Scan", {**scan, "TotalSegments": 4}) == (
        "The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
    assert refusal("Scan", {**scan, "Segment": 5, "TotalSegments": 5}) == (
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 5 is not less than "
        "TotalSegments: 5")
    assert send("Scan", {**scan, "Segment": 4, "TotalSegments": 5})[0] == "ResourceNotFoundException"


def test_starting_keys(refusal):
    p = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "k"}}}
    def query(start, expression="p = :p", table="two", **values):
        bound = {":p": {"S": "k"}, **{f":{name}": value for name, value in values.items()}}
        return refusal("Query", {"TableName": table, "KeyConditionExpression": expression, "ExpressionAttributeValues": bound,
                                 "ExclusiveStartKey": start})
    invalid = "The provided starting key is invalid"
    for start in ({}, KEY, {"p": {"S": "k"}, "x": {"N": "1"}}, {**KEY, "c": {"N": "1"}, "x": {"N": "1"}}):
        assert query(start) == invalid
        assert refusal("Scan", {"TableName": "two", "ExclusiveStartKey": start}) == (
            invalid + ": The provided key element does not match the schema")
    other = {"p": {"S": "other"}, "c": {"N": "1"}}
    assert query(other) == "The provided starting key is outside query boundaries based on provided conditions"
    assert query({**KEY, "c": {"N": "1"}}, "p = :p AND c > :c", c={"N": "1"}) == (
        "The provided starting key does not match the range key predicate")
    for table, index in (("indexed", "inc"), ("indexed", "loc")):
        assert refusal("Scan", {"TableName": table, "IndexName": index, "ExclusiveStartKey": KEY}).startswith(invalid)
    del p


def test_batches(refusal, problems, send):
    assert refusal("BatchGetItem", {"RequestItems": {}}) == "The requestItems parameter is required for BatchGetItem"
    assert refusal("BatchWriteItem", {"RequestItems": {}}) == "The requestItems parameter is required for BatchWriteItem"
    for operation in ("BatchGetItem", "BatchWriteItem"):
        assert problems(operation, {}) == [f"Value null at 'requestItems' {NULL}"]
        assert problems(operation, {"ReturnConsumedCapacity": "hi"}) == [
            enum("hi", "returnConsumedCapacity", "INDEXES, TOTAL, NONE"), f"Value null at 'requestItems' {NULL}"]
    keys = [{"p": {"S": f"k{n}"}} for n in range(101)]
    assert problems("BatchGetItem", {"RequestItems": {"one": {}}}) == [f"Value null at 'requestItems.one.member.keys' {NULL}"]
    assert problems("BatchGetItem", {"RequestItems": {"one": {"Keys": []}}}) == [
        "Value '[]' at 'requestItems.one.member.keys' failed to satisfy constraint: Member must have length greater than or "
        "equal to 1"]
    assert problems("BatchGetItem", {"RequestItems": {"one": {"Keys": keys}}})[0].endswith(
        "' at 'requestItems.one.member.keys' failed to satisfy constraint: Member must have length less than or equal to 100")
    assert refusal("BatchGetItem", {"RequestItems": {"one": {"Keys": keys[:60]}, "bin": {"Keys": keys[:60]}}}) == (
        "Too many items requested for the BatchGetItem call")
    for table in ("one", "absent"):
        assert refusal("BatchGetItem", {"RequestItems": {table: {"Keys": [KEY, KEY]}}}) == (
            "Provided list of item keys contains duplicates")
    assert refusal("BatchGetItem", {"RequestItems": {"one": {"Keys": [KEY], "ProjectionExpression": "a"},
                                                     "two": {"Keys": [KEY], "AttributesToGet": ["a"]}}}).startswith(
        "Can not use both expression and non-expression parameters in the same request: ")
    put, delete = {"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": KEY}}
    limits = ("' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length "
              "less than or equal to 25, Member must have length greater than or equal to 1]")
    many = [{"PutRequest": {"Item": key}} for key in keys[:26]]
    for requests in ([], many):
        found, = problems("BatchWriteItem", {"RequestItems": {"one": requests}})
        assert found.startswith("Value '{one=[") and found.endswith(limits)
    assert refusal("BatchWriteItem", {"RequestItems": {"one": many[:20], "two": many[:20]}}) == (
        "Too many items requested for the BatchWriteItem call")
    assert refusal("BatchWriteItem", {"RequestItems": {"one": [put, delete]}}) == "Provided list of item keys contains duplicates"
    for request in ({}, {**put, **delete}):
        assert refusal("BatchWriteItem", {"RequestItems": {"one": [request]}}) == SEVERAL
    assert problems("BatchWriteItem", {"RequestItems": {"one": [put, {"DeleteRequest": {}}, {"PutRequest": {}}]}}) == [
        f"Value null at 'requestItems.one.member.2.member.deleteRequest.key' {NULL}",
        f"Value null at 'requestItems.one.member.3.member.putRequest.item' {NULL}"]
    found, = problems("BatchWriteItem", {"RequestItems": {"a;": [put]}})
    assert "Map keys must satisfy constraint: [Member must have length less than or equal to 255, " in found
    assert send("BatchWriteItem", {"RequestItems": {"absent": [put]}}) == (
        "ResourceNotFoundException", "Requested resource not found")


def test_a_batch_answers_16_mb(tables):
    big = {"S": "x" * (390 * 1024)}
    keys = [{"p": {"S": f"big{n}"}} for n in range(45)]
    for key in keys:
        tables.put_item(TableName="one", Item={**key, "b": big})
    answer = tables.batch_get_item(RequestItems={"one": {"Keys": keys}})
    got, left = len(answer["Responses"]["one"]), answer["UnprocessedKeys"]["one"]["Keys"]
    assert 40 <= got <= 43 and got + len(left) == 45
    rest = tables.batch_get_item(RequestItems=answer["UnprocessedKeys"])
    assert len(rest["Responses"]["one"]) == len(left) and rest["UnprocessedKeys"] == {}
    for key in keys:
        tables.delete_item(TableName="one", Key=key)


def test_table_arns_are_names(tables, refusal):
    arn = tables.describe_table(TableName="one")["Table"]["TableArn"]
    tables.put_item(TableName="one", Item={**KEY, "v": {"S": "x"}})
    assert tables.get_item(TableName=arn, Key=KEY)["Item"]["v"] == {"S": "x"}
    tables.batch_write_item(RequestItems={arn: [{"PutRequest": {"Item": {"p": {"S": "by-arn"}}}}]})
    assert "Item" in tables.get_item(TableName="one", Key={"p": {"S": "by-arn"}})
    assert "at 'tableName' failed to satisfy constraint" in refusal("GetItem", {"TableName": arn + "/index/x", "Key": KEY})
