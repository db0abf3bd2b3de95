"""The AWS CLI against croft's tables, as one would work at a prompt."""

import json
import subprocess

import pytest


@pytest.fixture(scope="module")
def aws(croft):
    def run(*arguments, fails=False):
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", croft.endpoints["gateway"], "--output", "json", "dynamodb",
                               *arguments],
                              env=croft.environment, capture_output=True, text=True, timeout=60)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        if fails:
            return done.stderr.strip()
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_a_session(aws, tmp_path):
    made = aws("create-table", "--table-name", "Music", "--billing-mode", "PAY_PER_REQUEST",
               "--attribute-definitions", "AttributeName=Artist,AttributeType=S", "AttributeName=Song,AttributeType=S",
               "AttributeName=Year,AttributeType=N", "--key-schema", "AttributeName=Artist,KeyType=HASH",
               "AttributeName=Song,KeyType=RANGE",
               "--global-secondary-indexes", json.dumps([{
                   "IndexName": "ByYear", "KeySchema": [{"AttributeName": "Year", "KeyType": "HASH"}],
                   "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["Awards"]}}]))
    assert made["TableDescription"]["TableArn"].endswith(":table/Music")
    aws("wait", "table-exists", "--table-name", "Music")

    aws("put-item", "--table-name", "Music", "--item",
        '{"Artist": {"S": "Acme"}, "Song": {"S": "Happy Day"}, "Year": {"N": "1999"}, "Awards": {"N": "10"}, '
        '"Cover": {"B": "AP8="}}')
    put = aws("put-item", "--table-name", "Music", "--item",
              '{"Artist": {"S": "Acme"}, "Song": {"S": "Sad Day"}, "Year": {"N": "1999"}}',
              "--condition-expression", "attribute_not_exists(Song)", "--return-consumed-capacity", "INDEXES")
    assert put["ConsumedCapacity"] == {"TableName": "Music", "CapacityUnits": 2.0, "Table": {"CapacityUnits": 1.0},
                                       "GlobalSecondaryIndexes": {"ByYear": {"CapacityUnits": 1.0}}}
    error = aws("put-item", "--table-name", "Music", "--item", '{"Artist": {"S": "Acme"}, "Song": {"S": "Sad Day"}}',
                "--condition-expression", "attribute_not_exists(Song)", fails=True)
    assert error.endswith("An error occurred (ConditionalCheckFailedException) when calling the PutItem operation: "
                          "The conditional request failed")

    got = aws("get-item", "--consistent-read", "--table-name", "Music", "--key",
              '{"Artist": {"S": "Acme"}, "Song": {"S": "Happy Day"}}')
    assert got["Item"]["Cover"] == {"B": "AP8="} and got["Item"]["Awards"] == {"N": "10"}
    updated = aws("update-item", "--table-name", "Music", "--key", '{"Artist": {"S": "Acme"}, "Song": {"S": "Happy Day"}}',
                  "--update-expression", "SET Awards = Awards + :n", "--expression-attribute-values", '{":n": {"N": "1"}}',
                  "--return-values", "UPDATED_NEW")
    assert updated["Attributes"] == {"Awards": {"N": "11"}}

    found = aws("query", "--table-name", "Music", "--index-name", "ByYear", "--key-condition-expression", "#y = :y",
                "--expression-attribute-names", '{"#y": "Year"}', "--expression-attribute-values", '{":y": {"N": "1999"}}')
    assert found["Count"] == 2 and {frozenset(item) for item in found["Items"]} == {
        frozenset({"Artist", "Song", "Year", "Awards"}), frozenset({"Artist", "Song", "Year"})}
    gone = aws("delete-item", "--table-name", "Music", "--key", '{"Artist": {"S": "Acme"}, "Song": {"S": "Sad Day"}}',
               "--return-values", "ALL_OLD")
    assert gone["Attributes"]["Year"] == {"N": "1999"}


def test_batches_and_pages(aws, tmp_path):
    aws("create-table", "--table-name", "Pages", "--key-schema", "AttributeName=id,KeyType=HASH",
        "--attribute-definitions", "AttributeName=id,AttributeType=N", "--provisioned-throughput",
        "ReadCapacityUnits=5,WriteCapacityUnits=5")
    requests = tmp_path / "requests.json"
    requests.write_text(json.dumps({"Pages": [{"PutRequest": {"Item": {"id": {"N": str(n)},
                                                                       "odd": {"BOOL": n % 2 == 1}}}} for n in range(25)]}))
    assert aws("batch-write-item", "--request-items", f"file://{requests}") == {"UnprocessedItems": {}}
    # The CLI reads all pages by itself.
    whole = aws("scan", "--table-name", "Pages", "--page-size", "4", "--filter-expression", "odd = :t",
                "--expression-attribute-values", '{":t": {"BOOL": true}}')
    assert sorted(int(item["id"]["N"]) for item in whole["Items"]) == list(range(1, 25, 2)) and whole["Count"] == 12
    some = aws("scan", "--table-name", "Pages", "--max-items", "10")
    rest = aws("scan", "--table-name", "Pages", "--starting-token", some["NextToken"])
    assert sorted(int(item["id"]["N"]) for item in some["Items"] + rest["Items"]) == list(range(25))
    got = aws("batch-get-item", "--request-items", '{"Pages": {"Keys": [{"id": {"N": "3"}}, {"id": {"N": "99"}}]}}')
    assert got == {"Responses": {"Pages": [{"id": {"N": "3"}, "odd": {"BOOL": True}}]}, "UnprocessedKeys": {}}
    aws("delete-table", "--table-name", "Pages")
    aws("wait", "table-not-exists", "--table-name", "Pages")
    assert aws("describe-table", "--table-name", "Pages", fails=True).endswith(
        "An error occurred (ResourceNotFoundException) when calling the DescribeTable operation: "
        "Requested resource not found: Table: Pages not found")


def test_what_croft_exports_is_what_the_cli_reads(aws, croft, tmp_path):
    aws("create-table", "--table-name", "Shared", "--billing-mode", "PAY_PER_REQUEST", "--key-schema",
        "AttributeName=id,KeyType=HASH",
        "--attribute-definitions", "AttributeName=id,AttributeType=S")
    croft.run("tables", "put", "Shared", '{"id": "a", "list": [1, true, null]}')
    item = json.loads(croft.run("tables", "get", "Shared", "id=a", "--json").stdout)
    assert aws("get-item", "--table-name", "Shared", "--key", '{"id": {"S": "a"}}')["Item"] == item == \
        {"id": {"S": "a"}, "list": {"L": [{"N": "1"}, {"BOOL": True}, {"NULL": True}]}}
