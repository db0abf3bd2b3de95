"""docs/compatibility.md and the two pages behind it, held against AWS's API models, the source and the running server."""

import io
import json
import pathlib
import re
import zipfile

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.httpsession
import botocore.session
import pytest
from botocore.exceptions import ClientError

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "compatibility.md"
OPERATIONS = ROOT / "docs" / "compatibility" / "operations.md"
TEMPLATES = ROOT / "docs" / "compatibility" / "templates.md"
MODELS = botocore.session.get_session()
BUCKET = "compat-bucket"
FUNCTION = "compat-function"
ROLE = "arn:aws:iam::000000000000:role/compat"
SAM = "AWS::Serverless-2016-10-31"

# What a service answers for an operation that it does not have.
UNKNOWN_CODES = {"UnknownOperationException", "InvalidAction", "MissingAction", "NotImplemented", "MethodNotAllowed"}

# Inputs that the note of a partly supported operation asks for.
INPUTS = {("s3", "PutBucketVersioning"): {"VersioningConfiguration": {"Status": "Suspended"}}}


# --- reading the pages ---

def sections(page, mark="## "):
    """Heading -> text of the section."""
    parts = re.split(rf"^{mark}(.+)$", page.read_text(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def paragraphs(text):
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text)]


def rows(text):
    """First cell -> second cell of the tables of a section, without their heads."""
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines() if line.startswith("| ")]
    return {cell[0]: cell[1] for cell in cells if cell[1] in ("supported", "partly")}


def refusals(text):
    """Name -> (code, status) of the paragraphs "Refused with `Code`, 400 (...): A, B."."""
    found = {}
    for paragraph in paragraphs(text):
        match = re.fullmatch(r"Refused with `(\w+)`, (\d+)[^:]*: (.*)\.", paragraph)
        if match:
            found.update({name: (match[1], int(match[2])) for name in match[3].split(", ")})
    return found


def names_after(text, label):
    """The names of the paragraph "Label: A, B."."""
    for paragraph in paragraphs(text):
        if paragraph.startswith(label + ": "):
            return paragraph[len(label) + 2:].rstrip(".").split(", ")
    return []


SERVICES = {name: (rows(text), refusals(text)) for name, text in sections(OPERATIONS).items()}
PAGE_SECTIONS = sections(PAGE, "### ")
TYPES = {name: {label: names_after(text.split("\n## ")[0], label) for label in ("Works", "No effect", "Refused", "GetAtt")}
         for name, text in sections(TEMPLATES, "### ").items()}


# --- calling the server ---

def value_for(shape):
    """The least that serializes: required members only."""
    if shape.type_name == "structure":
        return {name: value_for(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "absent-x"
    return {"list": [], "map": {}, "blob": b"x", "boolean": False, "timestamp": 0, "float": 1.0, "double": 1.0}.get(
        shape.type_name, 1)


@pytest.fixture(scope="module")
def call(croft):
    """call(service, operation, **input) -> (code, status, message); code "" when it was not refused."""
    settings = botocore.config.Config(retries={"max_attempts": 0}, parameter_validation=False, inject_host_prefix=False,
                                      s3={"addressing_style": "path"})
    clients = {}

    def perform(service, operation, **given):
        if service not in clients:
            clients[service] = boto3.client(
                service, endpoint_url=croft.endpoints["gateway"], region_name=croft.credentials["region"], config=settings,
                aws_access_key_id=croft.credentials["aws_access_key_id"],
                aws_secret_access_key=croft.credentials["aws_secret_access_key"])
        client = clients[service]
        shape = client.meta.service_model.operation_model(operation).input_shape
        given = {**(value_for(shape) if shape else {}), **given}
        method = next(name for name, wire in client.meta.method_to_api_mapping.items() if wire == operation)
        try:
            answer = getattr(client, method)(**given)
            return "", answer["ResponseMetadata"]["HTTPStatusCode"], ""
        except ClientError as refused:
            error = refused.response["Error"]
            return error["Code"], refused.response["ResponseMetadata"]["HTTPStatusCode"], error.get("Message", "")

    assert perform("s3", "CreateBucket", Bucket=BUCKET)[1] == 200
    made = perform("lambda", "CreateFunction", FunctionName=FUNCTION, Runtime="python3.11", Handler="index.handler", Role=ROLE,
                   Code={"ZipFile": zip_of("index.py", "def handler(event, context): return 1")})
    assert made[1] == 201
    return perform


def zip_of(name, text):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name, text)
    return data.getvalue()


def input_for(service, operation):
    """Things that are there, so that nothing else is refused before the operation itself."""
    if service == "s3" and operation not in ("CreateBucket", "DeleteBucket", "ListBuckets", "WriteGetObjectResponse"):
        return {"Bucket": BUCKET, **INPUTS.get((service, operation), {})}
    if operation in ("CreateAlias", "PublishVersion"):
        return {"FunctionName": FUNCTION}
    return {}


# --- operations ---

def test_the_services_are_those_that_croft_serves():
    assert list(SERVICES) == ["iot", "iot-data", "lambda", "dynamodb", "dynamodbstreams", "sqs", "s3", "sts", "iam", "cloudformation"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_of_the_model_is_listed_once(service):
    served, refused = SERVICES[service]
    listed = sorted([*served, *refused])

    assert listed == sorted(MODELS.get_service_model(service).operation_names)


@pytest.mark.parametrize("service", SERVICES)
def test_refused_operations_answer_as_stated(call, service):
    model = MODELS.get_service_model(service)
    wrong = {}
    for operation, stated in SERVICES[service][1].items():
        code, status, message = call(service, operation, **input_for(service, operation))
        if (code, status) != stated:
            wrong[operation] = (code, status, message)
        if code == "InvalidAction":  # AWS's words
            assert message == f"Could not find operation {operation} for version {model.api_version}"

    assert wrong == {}


@pytest.mark.parametrize("service", [name for name, (served, _) in SERVICES.items() if served])
def test_the_other_operations_are_known(call, service):
    unknown = {}
    for operation in SERVICES[service][0]:
        answer = call(service, operation, **input_for(service, operation))
        if answer[0] in UNKNOWN_CODES or answer[1] in (405, 500, 501):
            unknown[operation] = answer

    assert unknown == {}


# --- the shape of an error for an unknown operation, by protocol ---

def raw(croft, service, method, path, headers=None, body=b""):
    request = botocore.awsrequest.AWSRequest(method, croft.endpoints["gateway"] + path, headers or {}, body)
    credentials = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"],
                                                   croft.credentials["aws_secret_access_key"])
    botocore.auth.SigV4Auth(credentials, service, croft.credentials["region"]).add_auth(request)
    return botocore.httpsession.URLLib3Session().send(request.prepare())


@pytest.mark.parametrize("service, prefix", [("dynamodb", "DynamoDB_20120810"), ("dynamodb", "DynamoDBStreams_20120810")])
def test_json_services_name_the_error_in_type(croft, service, prefix):
    headers = {"X-Amz-Target": prefix + ".Nope", "Content-Type": "application/x-amz-json-1.0"}
    answer = raw(croft, service, "POST", "/", headers, b"{}")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.0"
    assert json.loads(answer.content) == {"__type": "com.amazon.coral.service#UnknownOperationException"}


@pytest.mark.parametrize("service, path", [("iot", "/jobs/a"), ("iotdata", "/things/a/shadows"), ("lambda", "/2015-03-31/layers")])
def test_rest_json_services_name_it_in_a_header(croft, service, path):
    answer = raw(croft, service, "GET", path)

    assert answer.status_code == 404
    assert answer.headers["x-amzn-errortype"] == "UnknownOperationException"
    assert answer.headers["Content-Type"] == "application/json"
    text = f"Unknown operation GET {path}"
    assert json.loads(answer.content) == ({"Type": "User", "Message": text} if service == "lambda" else {"message": text})


@pytest.mark.parametrize("service, version", [("iam", "2010-05-08"), ("sts", "2011-06-15"), ("cloudformation", "2010-05-15")])
def test_query_services_answer_an_error_response(croft, service, version):
    body = f"Action=Nope&Version={version}".encode()
    answer = raw(croft, service, "POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}, body)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/xml"
    text = answer.content.decode()
    assert "<ErrorResponse xmlns=" in text and "<Type>Sender</Type><Code>InvalidAction</Code>" in text
    assert f"<Message>Could not find operation Nope for version {version}</Message>" in text


def test_s3_answers_an_error_document(call, croft):
    answer = raw(croft, "s3", "GET", f"/{BUCKET}?inventory", {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})

    assert answer.status_code == 501
    assert answer.headers["Content-Type"] == "application/xml"
    text = answer.content.decode()
    assert "<Error><Code>NotImplemented</Code><Message>A header or query you provided implies functionality that is not " in text


# --- IoT rules ---

def rule(sql, actions=(), version="2016-03-23"):
    return {"ruleName": "compat", "topicRulePayload": {"sql": sql, "actions": list(actions), "awsIotSqlVersion": version}}


@pytest.fixture(scope="module")
def save(call):
    """Saves the rule `compat` -> (code, status, message)."""
    assert call("iot", "CreateTopicRule", **rule("SELECT * FROM 'compat'"))[1] == 200
    return lambda *given, **more: call("iot", "ReplaceTopicRule", **rule(*given, **more))


def test_the_actions_are_those_of_the_model():
    text = PAGE_SECTIONS["Actions"]
    model = MODELS.get_service_model("iot").shape_for("Action")

    assert sorted([*rows(text), *refusals(text)]) == sorted(model.members)


def test_refused_actions_answer_as_stated_and_the_others_are_known(save):
    text = PAGE_SECTIONS["Actions"]
    model = MODELS.get_service_model("iot").shape_for("Action")
    for name, shape in model.members.items():
        code, status, message = save("SELECT * FROM 'compat'", [{name: value_for(shape)}])
        refusal = f"The action type '{name}' is not supported by this endpoint."

        assert ((code, status) == refusals(text).get(name)) == (message == refusal) == (name in refusals(text)), (name, message)


def sql_functions():
    text = PAGE_SECTIONS["SQL functions"].split("\n## ")[0]
    refused = refusals(text)
    return (names_after(text, "With any version"), names_after(text, "From 2016-03-23"),
            [name for name, (code, _) in refused.items() if code == "InvalidRequestException"])


def test_the_sql_functions_are_those_of_the_source():
    found = set()
    for file in (ROOT / "src" / "sql" / "functions").glob("*.cpp"):
        found |= set(re.findall(r'(?:\{|external_row\(|\.name = )"([a-z_0-9]+)",', file.read_text()))
    any_version, newer, refused = sql_functions()

    assert sorted([*any_version, *newer, *refused, "machinelearning_predict"]) == sorted(found - {"base64"})


def test_sql_functions_start_with_their_version(save):
    any_version, newer, refused = sql_functions()
    for name in any_version:
        assert save(f"SELECT {name}() AS x FROM 'compat'", version="2015-10-08")[:2] == ("", 200), name
    for name in newer:
        code, status, message = save(f"SELECT {name}() AS x FROM 'compat'", version="2015-10-08")
        assert (code, status) == ("SqlParseException", 400)
        assert message.endswith(f"{name} needs SQL version 2016-03-23")
        assert save(f"SELECT {name}() AS x FROM 'compat'")[:2] == ("", 200), name
    for name in refused:
        assert save(f"SELECT {name}() AS x FROM 'compat'")[:2] == ("InvalidRequestException", 400), name
    for name in ("machinelearning_predict", "nope"):
        assert save(f"SELECT {name}() AS x FROM 'compat'")[:2] == ("SqlParseException", 400), name


# --- templates ---

HANDLE = {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
BASES = {
    "AWS::DynamoDB::Table": {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                             "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]},
    "AWS::IAM::Policy": {"PolicyDocument": {"Version": "2012-10-17", "Statement": []}, "PolicyName": "p"},
    "AWS::Lambda::Function": {"Code": {"ZipFile": "def handler(event, context): return 1"}, "Handler": "index.handler",
                              "Role": ROLE, "Runtime": "python3.11"},
    "AWS::S3::Bucket": {},
}
REFUSED_VALUES = {
    "ContributorInsightsSpecification": {"Enabled": True}, "Groups": ["g"], "Users": ["u"], "ImageConfig": {"Command": ["x"]},
    "ImportSourceSpecification": {"InputFormat": "CSV"}, "KinesisStreamSpecification": {"StreamArn": "x"},
    "Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:x:1"],
    "NotificationConfiguration": {}, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "RecursiveLoop": "Allow", "ReplicationConfiguration": {}, "ReservedConcurrentExecutions": 1, "ResourcePolicy": {},
    "RuntimeManagementConfig": {"UpdateRuntimeOn": "Auto"}, "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    "TimeToLiveSpecification": {"AttributeName": "t", "Enabled": True}, "WebsiteConfiguration": {"IndexDocument": "i"},
}


@pytest.fixture(scope="module")
def deploy(croft):
    """deploy(resources, **sections) -> the stack's status and outputs, and why a resource failed; ClientError when refused."""
    cloudformation = croft.client("cloudformation")
    count = 0

    def make(resources, **more):
        nonlocal count
        count += 1
        name = f"compat-{count}"
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources, **more}),
                                    Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"])
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]  # CreateStack answers when it is over
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        reasons = [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
        return stack["StackStatus"], outputs, reasons

    return make


def refusal_of(deploy, resources, **more):
    with pytest.raises(ClientError) as refused:
        deploy(resources, **more)
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("ValidationError", 400)
    return answer["Error"]["Message"]


def declared_types():
    """Type -> (properties, attributes) as src/cfn/providers declares them."""
    found = {}
    for file in (ROOT / "src" / "cfn" / "providers").glob("*.cpp"):
        for schema in re.findall(r"ResourceSchema \w+ = \{(.*?)\};", file.read_text(), re.S):
            name = re.search(r'\.type = "([^"]+)"', schema)[1]
            properties, attributes = re.search(r"\.properties = (.*)\.attributes = (.*)", schema, re.S).groups()
            found[name] = (sorted(re.findall(r'\{"(\w+)"', properties)), sorted(re.findall(r'"(\w+)"', attributes)))
    return found


def test_the_resource_types_and_their_properties_are_those_of_the_source():
    listed = {name: (sorted([*lists["Works"], *lists["No effect"], *lists["Refused"]]), sorted(lists["GetAtt"]))
              for name, lists in TYPES.items() if not name.startswith("AWS::Serverless::")}

    assert listed == declared_types()


@pytest.mark.parametrize("name", [name for name in TYPES if not name.startswith("AWS::Serverless::")])
def test_a_listed_type_is_known_and_refuses_other_properties(deploy, name):
    status, _, reasons = deploy({"R": {"Type": name, "Properties": {"Nope": 1}}})

    assert status.startswith("ROLLBACK_")
    assert reasons == ["Properties validation failed for resource R with message: #: extraneous key [Nope] is not permitted"]


@pytest.mark.parametrize("name, property",
                         [(name, property) for name in BASES for property in TYPES[name]["Refused"]])
def test_a_refused_property_makes_the_resource_fail(deploy, name, property):
    properties = {**BASES[name], property: REFUSED_VALUES[property]}
    status, _, reasons = deploy({"R": {"Type": name, "Properties": properties}})

    assert status == "ROLLBACK_COMPLETE"
    assert len(reasons) == 1 and ("not supported" in reasons[0] or "has no operation" in reasons[0])


@pytest.mark.parametrize("name", ["AWS::SNS::Topic", "AWS::CloudFormation::Stack", "Custom::Anything", "AWS::IoT::Certificate"])
def test_another_type_is_refused_before_anything_is_made(deploy, name):
    assert refusal_of(deploy, {"R": {"Type": name}}) == f"Template format error: Unrecognized resource types: [{name}]"


def test_the_listed_functions_work(deploy):
    expected = {
        "Ref": ({"Ref": "Text"}, "a,b"),
        "Fn::Base64": ({"Fn::Base64": "x"}, "eA=="),
        "Fn::FindInMap": ({"Fn::FindInMap": ["Map", "k", "v"]}, "found"),
        "Fn::GetAtt": ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:aws:s3:::compat-functions"),
        "Fn::GetAZs": ({"Fn::Join": [" ", {"Fn::GetAZs": ""}]}, "us-east-1a us-east-1b us-east-1c"),
        "Fn::If": ({"Fn::If": ["Both", "yes", "no"]}, "yes"),
        "Fn::ImportValue": ({"Fn::ImportValue": "compat-export"}, "exported"),
        "Fn::Join": ({"Fn::Join": ["-", ["a", "b"]]}, "a-b"),
        "Fn::Select": ({"Fn::Select": [1, ["a", "b"]]}, "b"),
        "Fn::Split": ({"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "Text"}]}]}, "a"),
        "Fn::Sub": ({"Fn::Sub": ["${x} ${AWS::Region} ${!y}", {"x": "1"}]}, "1 us-east-1 ${y}"),
    }
    conditions = {"Same": {"Fn::Equals": ["a", "a"]}, "Other": {"Fn::Not": [{"Condition": "Same"}]},
                  "One": {"Fn::Or": [{"Condition": "Same"}, {"Condition": "Other"}]},
                  "Both": {"Fn::And": [{"Condition": "Same"}, {"Condition": "One"}]}}
    deploy(HANDLE, Outputs={"Exported": {"Value": "exported", "Export": {"Name": "compat-export"}}})

    status, outputs, _ = deploy(
        {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "compat-functions"}}},
        Parameters={"Text": {"Type": "String", "Default": "a,b"}}, Mappings={"Map": {"k": {"v": "found"}}}, Conditions=conditions,
        Outputs={name.replace("Fn::", ""): {"Value": value} for name, (value, _) in expected.items()})

    assert status == "CREATE_COMPLETE"
    assert outputs == {name.replace("Fn::", ""): text for name, (_, text) in expected.items()}
    in_conditions = {"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"}
    assert set(rows(sections(TEMPLATES)["Intrinsic functions"])) == {*expected, *in_conditions}


def test_the_refused_functions_are_refused(deploy):
    text = paragraphs(sections(TEMPLATES)["Intrinsic functions"])
    names = re.search(r"Refused functions: (.*?)\. ", " ".join(text))[1].split(", ")
    assert len(names) == 6
    for name in names:
        message = refusal_of(deploy, HANDLE, Outputs={"O": {"Value": {name: []}}})
        assert message == f"Template error: Encountered unsupported function: {name}"

    assert refusal_of(deploy, {**HANDLE, "Fn::ForEach::X": ["n", ["a"], {}]}).startswith("Template format error")
    assert refusal_of(deploy, HANDLE, Rules={}) == "Invalid template property or properties [Rules]"
    assert refusal_of(deploy, HANDLE, Transform="Mine") == "No transform named Mine found."
    assert "Unrecognized parameter type" in refusal_of(
        deploy, HANDLE, Parameters={"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "x"}})


def test_dynamic_references_are_refused(deploy):
    start = "Template error: Encountered unsupported dynamic reference: "
    bucket = {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "a{{resolve:ssm:${AWS::Region}}}b"}}}}
    parameter = {"P": {"Type": "String", "Default": "{{resolve:secretsmanager:x}}"}}

    assert refusal_of(deploy, HANDLE, Outputs={"O": {"Value": "{{resolve:ssm:/x}}"}}) == start + "{{resolve:ssm:/x}}"
    assert refusal_of(deploy, bucket) == start + "{{resolve:ssm:${AWS::Region}}}"
    assert refusal_of(deploy, HANDLE, Parameters=parameter) == start + "{{resolve:secretsmanager:x}}"


# --- SAM ---

def serverless(properties):
    base = {"InlineCode": "def handler(event, context): return 1", "Handler": "index.handler", "Runtime": "python3.11"}
    return {"F": {"Type": "AWS::Serverless::Function", "Properties": {**base, **properties}}}


def sam_array(name):
    text = (ROOT / "src" / "cfn" / "sam_function.cpp").read_text()
    return re.findall(r'"(\w+)"', re.search(rf"> {name} = \{{(.*?)\}};", text, re.S)[1])


def test_the_properties_of_a_serverless_function_are_those_of_the_source():
    lists = TYPES["AWS::Serverless::Function"]

    assert sorted([*lists["Works"], *lists["No effect"]]) == sorted([*sam_array("passed_through"), *sam_array("translated")])
    assert sorted(lists["Refused"]) == sorted(sam_array("refused"))


def test_refused_serverless_properties_events_and_types_say_so(deploy):
    for name in TYPES["AWS::Serverless::Function"]["Refused"]:
        message = refusal_of(deploy, serverless({name: "x"}), Transform=SAM)
        assert message.endswith(f"Resource with id [F] is invalid. Property '{name}' is not supported."), message

    events = names_after(sections(TEMPLATES, "### ")["AWS::Serverless::Function"], "Event types refused")
    assert sorted(events) == sorted(sam_array("other_events"))
    for name in events:
        message = refusal_of(deploy, serverless({"Events": {"E": {"Type": name, "Properties": {}}}}), Transform=SAM)
        assert message.endswith(f"Event with id [E] is invalid. Event type {name} is not supported."), message

    for name in ("AWS::Serverless::Api", "AWS::Serverless::StateMachine", "AWS::Serverless::LayerVersion"):
        message = refusal_of(deploy, {"R": {"Type": name}}, Transform=SAM)
        assert message.endswith(f"Resources of type {name} are not supported."), message
