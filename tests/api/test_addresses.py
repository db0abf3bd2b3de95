"""The addresses in answers are those by which the caller reached croft: over TLS, by another name, and never what is no host."""

import http.client
import io
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree
import zipfile

import boto3
import botocore.config
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCOUNT = "000000000000"
CODE = "def handler(event, context):\n    return event\n"

STACK = """
Resources:
  Queue: {Type: AWS::SQS::Queue}
Outputs:
  Url: {Value: !Ref Queue, Export: {Name: the-url}}
  UrlToo: {Value: !GetAtt Queue.QueueUrl}
  Inside: {Value: !Sub '{"first":"${Queue}","second":"${Queue}/"}'}
  Arn: {Value: !GetAtt Queue.Arn}
"""
IMPORTING = """
Resources:
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
Outputs:
  Url: {Value: !ImportValue the-url}
"""


@pytest.fixture(scope="module")
def croft(tmp_path_factory):
    from conftest import Croft
    server = Croft(tmp_path_factory.mktemp("croft") / "data", "--gateway-tls-port", "0")
    yield server
    assert server.stop() == 0, server.output()


def origins(croft):
    """Every way in, as a caller spells it."""
    plain, tls = croft.port("gateway"), croft.port("gatewayTls")
    return [f"{scheme}://{name}:{port}" for scheme, port in (("http", plain), ("https", tls))
            for name in ("127.0.0.1", "localhost")]


def client(croft, service, origin):
    return boto3.client(service, endpoint_url=origin, region_name=croft.credentials["region"], verify=croft.endpoints["ca"],
                        aws_access_key_id=croft.credentials["aws_access_key_id"],
                        aws_secret_access_key=croft.credentials["aws_secret_access_key"],
                        config=botocore.config.Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))


def sent_with_host(croft, host, service, headers, body, method="POST", path="/"):
    """The answer to a request whose Host header, as it was signed, is `host`."""
    request = AWSRequest(method, f"http://x{path}", data=body, headers={**headers, "Host": host})
    keys = Credentials(croft.credentials["aws_access_key_id"], croft.credentials["aws_secret_access_key"])
    SigV4Auth(keys, service, croft.credentials["region"]).add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", croft.port("gateway"), timeout=20)
    connection.putrequest(method, path, skip_host=True)
    for name, value in request.headers.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def queue_url_by_json(croft, host):
    headers = {"X-Amz-Target": "AmazonSQS.GetQueueUrl", "Content-Type": "application/x-amz-json-1.0"}
    status, text = sent_with_host(croft, host, "sqs", headers, b'{"QueueName":"addresses"}')
    assert status == 200, text
    return json.loads(text)["QueueUrl"]


def queue_url_by_form(croft, host):
    status, text = sent_with_host(croft, host, "sqs", {"Content-Type": "application/x-www-form-urlencoded"},
                                  b"Action=GetQueueUrl&Version=2012-11-05&QueueName=addresses")
    assert status == 200, text
    return next(element.text for element in xml.etree.ElementTree.fromstring(text).iter() if element.tag.endswith("QueueUrl"))


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("handler.py", CODE)
    return buffer.getvalue()


def test_urls_of_queues_are_those_of_the_way_in(croft):
    for origin in origins(croft):
        sqs = client(croft, "sqs", origin)
        url = sqs.create_queue(QueueName="addresses")["QueueUrl"]
        assert url == f"{origin}/{ACCOUNT}/addresses"
        assert sqs.get_queue_url(QueueName="addresses")["QueueUrl"] == url
        assert sqs.list_queues(QueueNamePrefix="addresses")["QueueUrls"] == [url]
        sqs.send_message(QueueUrl=url, MessageBody=origin)  # Debian's boto3 sends to the URL itself
        received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]
        assert received["Body"] == origin
        sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])


@pytest.mark.parametrize("asked", [queue_url_by_json, queue_url_by_form])
def test_a_host_is_taken_as_it_was_sent_in_both_protocols(croft, asked):
    client(croft, "sqs", croft.endpoints["gateway"]).create_queue(QueueName="addresses")
    for host in ("croft.factory", "Croft_1:80", "10.0.0.7:4566", "[::1]:4566", "a" * 261):
        assert asked(croft, host) == f"http://{host}/{ACCOUNT}/addresses"


@pytest.mark.parametrize("asked", [queue_url_by_json, queue_url_by_form])
@pytest.mark.parametrize("host", ["evil.example/path", "user@evil.example", "evil.example?a", "evil.example#a", 'a"b', "<b>",
                                  "a%62", "a:0", "a:65536", "a:b", "::1", "[::1", "[x]", "-a", ".", "a" * 262])
def test_what_is_no_host_goes_into_no_url(croft, asked, host):
    client(croft, "sqs", croft.endpoints["gateway"]).create_queue(QueueName="addresses")
    assert asked(croft, host) == f"{croft.endpoints['gateway']}/{ACCOUNT}/addresses"


def test_a_queue_is_found_whatever_host_its_url_names(croft):
    sqs = client(croft, "sqs", croft.endpoints["gateway"])
    sqs.create_queue(QueueName="elsewhere")
    # Not by Debian's boto3, which would send there.
    status, text = sent_with_host(croft, "127.0.0.1", "sqs", {"X-Amz-Target": "AmazonSQS.SendMessage",
                                                              "Content-Type": "application/x-amz-json-1.0"},
                                  json.dumps({"QueueUrl": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/elsewhere",
                                              "MessageBody": "a"}).encode())
    assert status == 200, text


def test_the_code_of_a_function_is_downloaded_by_its_location(croft):
    functions = client(croft, "lambda", croft.endpoints["gateway"])
    functions.create_function(FunctionName="addresses", Runtime="python3.11", Handler="handler.handler",
                              Role=f"arn:aws:iam::{ACCOUNT}:role/r", Code={"ZipFile": zipped()})
    context = ssl.create_default_context(cafile=croft.endpoints["ca"])
    def download(url):
        return urllib.request.urlopen(url, timeout=20, context=context if url.startswith("https") else None)

    for origin in origins(croft):
        code = client(croft, "lambda", origin).get_function(FunctionName="addresses")["Code"]
        assert code["RepositoryType"] == "S3"
        assert code["Location"].startswith(f"{origin}/2015-03-31/functions/addresses/code?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(code["Location"]).query))
        assert query["X-Amz-Expires"] == "600"  # AWS's link is good for ten minutes
        with download(code["Location"]) as answer:
            assert zipfile.ZipFile(io.BytesIO(answer.read())).read("handler.py").decode() == CODE
        for other in (code["Location"].replace("/functions/addresses/", "/functions/other/"), code["Location"].split("?")[0]):
            with pytest.raises(urllib.error.HTTPError) as refused:
                download(other)
            assert refused.value.code == 403


def test_a_stack_tells_its_queues_as_the_caller_reaches_them(croft):
    maker = client(croft, "cloudformation", croft.endpoints["gateway"])
    for name, template in (("addresses", STACK), ("importing", IMPORTING)):
        maker.create_stack(StackName=name, TemplateBody=template)
        maker.get_waiter("stack_create_complete").wait(StackName=name)
    maker.create_change_set(StackName="addresses", ChangeSetName="change", TemplateBody=STACK.replace(
        "{Type: AWS::SQS::Queue}", "{Type: AWS::SQS::Queue, Properties: {DelaySeconds: 1}}"))
    detail = maker.describe_stack_resource(StackName="addresses", LogicalResourceId="Queue")["StackResourceDetail"]
    own = detail["PhysicalResourceId"]
    name = own.rsplit("/", 1)[1]
    assert own == f"{croft.endpoints['gateway']}/{ACCOUNT}/{name}"

    for origin in origins(croft):
        url = f"{origin}/{ACCOUNT}/{name}"
        stacks = client(croft, "cloudformation", origin)
        told = {output["OutputKey"]: output["OutputValue"]
                for output in stacks.describe_stacks(StackName="addresses")["Stacks"][0]["Outputs"]}
        assert told == {"Url": url, "UrlToo": url, "Inside": f'{{"first":"{url}","second":"{url}/"}}',
                        "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"}
        assert stacks.describe_stacks(StackName="importing")["Stacks"][0]["Outputs"][0]["OutputValue"] == url
        assert [one["Value"] for one in stacks.list_exports()["Exports"]] == [url]
        resource = stacks.describe_stack_resource(StackName="addresses", LogicalResourceId="Queue")["StackResourceDetail"]
        assert resource["PhysicalResourceId"] == url
        listed = stacks.list_stack_resources(StackName="addresses")["StackResourceSummaries"]
        assert [one["PhysicalResourceId"] for one in listed] == [url]
        found = stacks.describe_stack_resources(PhysicalResourceId=url)["StackResources"]
        assert [(one["StackName"], one["PhysicalResourceId"]) for one in found] == [("addresses", url)]
        events = stacks.describe_stack_events(StackName="addresses")["StackEvents"]
        ids = {event["PhysicalResourceId"] for event in events if event["LogicalResourceId"] == "Queue"}
        assert ids <= {url, ""} and url in ids
        changes = stacks.describe_change_set(StackName="addresses", ChangeSetName="change")["Changes"]
        assert [change["ResourceChange"]["PhysicalResourceId"] for change in changes] == [url]


def test_what_croft_runs_itself_keeps_its_own_address(croft):
    """A function's environment is made once, for every caller."""
    over_tls = f"https://localhost:{croft.port('gatewayTls')}"
    stacks = client(croft, "cloudformation", over_tls)
    stacks.create_stack(StackName="inside", Capabilities=["CAPABILITY_IAM"], TemplateBody=f"""
Resources:
  Queue: {{Type: AWS::SQS::Queue}}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Role: arn:aws:iam::{ACCOUNT}:role/r
      Environment: {{Variables: {{QUEUE: !Ref Queue}}}}
      Code:
        ZipFile: |
          import os
          def handler(event, context):
              return [os.environ["QUEUE"], os.environ["AWS_ENDPOINT_URL"]]
Outputs:
  Name: {{Value: !Ref Function}}
""")
    stacks.get_waiter("stack_create_complete").wait(StackName="inside")
    name = stacks.describe_stacks(StackName="inside")["Stacks"][0]["Outputs"][0]["OutputValue"]

    queue, endpoint = json.load(client(croft, "lambda", over_tls).invoke(FunctionName=name)["Payload"])

    assert endpoint == croft.endpoints["gateway"]
    assert queue.startswith(f"{endpoint}/{ACCOUNT}/inside-Queue-")


def test_the_location_of_an_object_made_of_parts(croft):
    client(croft, "s3", croft.endpoints["gateway"]).create_bucket(Bucket="addresses")
    for origin in origins(croft):
        s3 = client(croft, "s3", origin)
        upload = s3.create_multipart_upload(Bucket="addresses", Key="a b")["UploadId"]
        part = s3.upload_part(Bucket="addresses", Key="a b", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
        done = s3.complete_multipart_upload(Bucket="addresses", Key="a b", UploadId=upload,
                                            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
        assert done["Location"] == f"{origin}/addresses/a%20b"


def test_the_endpoint_that_dynamodb_tells(croft):
    headers = {"X-Amz-Target": "DynamoDB_20120810.DescribeEndpoints", "Content-Type": "application/x-amz-json-1.0"}
    for host, told in (("croft.factory:80", "croft.factory:80"), ("evil.example/path", "dynamodb.us-east-1.amazonaws.com")):
        status, text = sent_with_host(croft, host, "dynamodb", headers, b"{}")
        assert (status, json.loads(text)["Endpoints"][0]["Address"]) == (200, told)


def test_a_stack_tells_the_address_of_now(fresh_croft):
    """A croft that is started again may have another port; whoever asks is told where the queue is reached."""
    server = fresh_croft()
    stacks = server.client("cloudformation")
    stacks.create_stack(StackName="again", TemplateBody=STACK)
    before = server.endpoints["gateway"]
    assert server.stop() == 0
    server.start()
    assert server.endpoints["gateway"] != before

    url = server.client("cloudformation").describe_stacks(StackName="again")["Stacks"][0]["Outputs"][0]["OutputValue"]

    assert url.startswith(f"{server.endpoints['gateway']}/{ACCOUNT}/again-Queue-")
    server.client("sqs").send_message(QueueUrl=url, MessageBody="a")


def test_a_gateway_over_tls_alone(fresh_croft):
    server = fresh_croft("--gateway-port", "off", "--gateway-tls-port", "0")
    origin = f"https://localhost:{server.port('gatewayTls')}"
    stacks = client(server, "cloudformation", origin)
    stacks.create_stack(StackName="secure", TemplateBody=STACK)
    outputs = stacks.describe_stacks(StackName="secure")["Stacks"][0]["Outputs"]
    told = {output["OutputKey"]: output["OutputValue"] for output in outputs}
    assert told["Url"] == told["UrlToo"] and told["Url"].startswith(f"{origin}/{ACCOUNT}/secure-Queue-")
    client(server, "sqs", origin).send_message(QueueUrl=told["Url"], MessageBody="a")
    found = stacks.describe_stack_resources(PhysicalResourceId=told["Url"])["StackResources"]
    assert [one["PhysicalResourceId"] for one in found] == [told["Url"]]


FUNCTION = """
import boto3, os

def handler(event, context):
    return [os.environ["AWS_ENDPOINT_URL"], boto3.client("dynamodb").list_tables()["TableNames"]]
"""


def test_functions_reach_a_gateway_that_others_reach_over_tls_alone(fresh_croft):
    server = fresh_croft("--gateway-port", "off", "--gateway-tls-port", "0")
    origin = f"https://localhost:{server.port('gatewayTls')}"
    assert server.endpoints["gateway"].startswith("https://")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("f.py", FUNCTION)
    functions = client(server, "lambda", origin)
    functions.create_function(FunctionName="f", Runtime="python3.11", Handler="f.handler", Role=f"arn:aws:iam::{ACCOUNT}:role/r",
                              Code={"ZipFile": package.getvalue()}, Timeout=30)
    functions.get_waiter("function_active_v2").wait(FunctionName="f")
    address, tables = json.load(functions.invoke(FunctionName="f")["Payload"])
    assert address.startswith("http://127.0.0.1:") and tables == []
