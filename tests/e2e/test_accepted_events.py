"""What an asynchronous invocation was promised is kept over a crash."""

import io
import zipfile

import pytest
from conftest import wait_until

CODE = """
import time, boto3
def handler(event, context):
    time.sleep(event["seconds"])
    boto3.resource("dynamodb").Table("done").put_item(Item={"id": event["id"]})
"""


def package():
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("f.py", CODE)
    return memory.getvalue()


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_accepted_events_are_run_after_the_next_start(fresh_croft, end):
    croft = fresh_croft()
    croft.client("dynamodb").create_table(TableName="done", BillingMode="PAY_PER_REQUEST",
                                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    functions = croft.client("lambda")
    functions.create_function(FunctionName="f", Runtime="python3.11", Role="arn:aws:iam::000000000000:role/r", Handler="f.handler",
                              Timeout=30, Code={"ZipFile": package()})
    functions.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"id": "finished", "seconds": 0}')
    wait_until(lambda: croft.client("dynamodb").scan(TableName="done")["Items"])
    for n in range(5):
        answer = functions.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"id": "%d", "seconds": 2}' % n)
        assert answer["StatusCode"] == 202

    getattr(croft, end)()
    croft.start()

    wait_until(lambda: len(croft.client("dynamodb").scan(TableName="done")["Items"]) == 6, timeout=40)
