"""The tools, against a real server."""

import json
import pathlib
import signal
import subprocess

import pytest
from conftest import ROOT, wait_until

EXAMPLE = ROOT / "examples" / "connection-status" / "template.yaml"


@pytest.fixture(scope="module")
def stack(croft):
    done = croft.run("deploy", str(EXAMPLE), "--stack-name", "status", "--capabilities", "CAPABILITY_IAM")
    outputs = croft.client("cloudformation").describe_stacks(StackName="status")["Stacks"][0]["Outputs"]
    return {"text": done.stdout, "table": outputs[0]["OutputValue"]}


def row(croft, table, client):
    done = croft.run("tables", "get", table, f"id={client}", "--plain", check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def test_deploy_shows_its_progress_and_the_outputs(stack):
    for word in ["CREATE_COMPLETE", "AWS::DynamoDB::Table", "OnConnected", "Deployed status", stack["table"]]:
        assert word in stack["text"]


def test_deploy_without_changes_says_so(croft, stack):
    done = croft.run("deploy", str(EXAMPLE), "--stack-name", "status", "--capabilities", "CAPABILITY_IAM")
    assert "No changes" in done.stdout


def test_deploy_that_fails_tells_the_reason(croft, tmp_path):
    template = tmp_path / "t.yaml"
    template.write_text("Resources:\n  X:\n    Type: AWS::Nothing::Here\n")
    done = croft.run("deploy", str(template), "--stack-name", "broken", check=False)
    assert done.returncode == 1
    assert "AWS::Nothing::Here" in done.stdout + done.stderr
    template.write_text("Resources: [")
    done = croft.run("deploy", str(template), "--stack-name", "broken", check=False)
    assert done.returncode == 1 and "t.yaml" in done.stderr


def test_example_follows_a_device(croft, stack, tmp_path):
    croft.run("device", "create", "example", "--dir", str(tmp_path / "d"))
    greengrassd = str(tmp_path / "d/ggc/core/greengrassd")
    subprocess.run([greengrassd, "start"], check=True, stdout=subprocess.DEVNULL)
    wait_until(lambda: (row(croft, stack["table"], "example") or {}).get("status") == "connected")
    subprocess.run([greengrassd, "stop"], check=True, stdout=subprocess.DEVNULL)
    wait_until(lambda: row(croft, stack["table"], "example")["status"] == "disconnected")
    shown = row(croft, stack["table"], "example")
    assert (shown["is_connected"], shown["reason"], shown["version"]) == (False, "CONNECTION_LOST", 0)


def test_example_drops_repeated_and_late_events(croft, stack):
    functions = [line["FunctionName"] for line in map(json.loads, croft.run("functions", "list", "--json").stdout.splitlines())]
    on_connected = next(n for n in functions if "OnConnected" in n)
    on_disconnected = next(n for n in functions if "OnDisconnected" in n)

    def tell(function, version, time):
        event = {"clientId": "late", "versionNumber": version, "timestamp": time, "disconnectReason": "CONNECTION_LOST"}
        return json.loads(croft.run("functions", "invoke", function, json.dumps(event)).stdout)["saved"]

    day = 1_700_000_000_000
    assert tell(on_connected, 7, day) is True
    assert tell(on_connected, 7, day) is False
    assert tell(on_connected, 8, day + 10) is True
    assert tell(on_disconnected, 7, day + 5) is False
    assert row(croft, stack["table"], "late")["status"] == "connected"
    assert tell(on_disconnected, 8, day + 20) is True
    assert tell(on_connected, 0, day + 30) is False
    assert tell(on_connected, 0, day + 20 + 3_600_000) is True
    assert "reason" not in row(croft, stack["table"], "late")


def test_tables_are_shown_aligned_and_escaped(croft, stack):
    croft.client("dynamodb").put_item(TableName=stack["table"], Item={
        "id": {"S": "温度\x1b[2J"}, "n": {"N": "1.50"}, "m": {"M": {"a": {"L": [{"BOOL": True}]}}}})
    done = croft.run("tables", "scan", stack["table"])
    assert "\x1b" not in done.stdout
    assert '温度\\x1b[2J' in done.stdout and '{"a":[true]}' in done.stdout
    assert stack["table"] in croft.run("tables", "list").stdout
    assert json.loads(croft.run("tables", "describe", stack["table"], "--json").stdout)["TableStatus"] == "ACTIVE"
    done = croft.run("tables", "scan", "none", check=False)
    assert done.returncode == 1 and "ResourceNotFoundException" in done.stderr and done.stderr.count("\n") == 1


def test_rules_and_functions_are_listed(croft, stack):
    assert "$aws/events/presence/connected/#" in croft.run("rules", "list").stdout
    name = json.loads(croft.run("rules", "list", "--json").stdout.splitlines()[0])["ruleName"]
    assert "SELECT * FROM" in croft.run("rules", "show", name).stdout
    assert "python3.11" in croft.run("functions", "list").stdout


def test_logs_show_what_functions_print(croft, stack):
    name = next(line["FunctionName"] for line in map(json.loads, croft.run("functions", "list", "--json").stdout.splitlines())
                if "OnConnected" in line["FunctionName"])
    event = {"clientId": "logged", "versionNumber": 0, "timestamp": 1}
    croft.run("functions", "invoke", name, json.dumps(event))
    wait_until(lambda: "logged is connected, version 0" in croft.run("functions", "logs", name).stdout)
    wait_until(lambda: " ms\tBilled Duration: " in croft.run("functions", "logs", name).stdout)


def test_function_errors_are_an_exit_code(croft, stack):
    name = next(line["FunctionName"] for line in map(json.loads, croft.run("functions", "list", "--json").stdout.splitlines()))
    done = croft.run("functions", "invoke", name, "{}", check=False)
    assert done.returncode == 1 and "KeyError" in done.stdout


def test_stacks_list_events_and_delete(croft, stack, tmp_path):
    template = tmp_path / "t.yaml"
    template.write_text("Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n"
                        "      BillingMode: PAY_PER_REQUEST\n"
                        "      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]\n"
                        "      KeySchema: [{AttributeName: id, KeyType: HASH}]\n")
    croft.run("deploy", str(template), "--stack-name", "short", "--tags", "a=b")
    assert "short" in croft.run("stacks", "list").stdout
    assert "AWS::DynamoDB::Table" in croft.run("stacks", "events", "short").stdout
    assert "DELETE_COMPLETE" in croft.run("stacks", "delete", "short").stdout
    assert croft.run("stacks", "delete", "short").returncode == 0


def test_publish_and_watch_meet(croft):
    watch = subprocess.Popen([croft.binary, "watch", "a/+", "--count", "2", "--data", croft.data],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert watch.stderr.readline() == "Watching a/+\n"
    croft.run("publish", "a/b", '{"x": 1}', "--qos", "1")
    croft.run("publish", "a/c", "text\x1b[2J")
    output = watch.communicate(timeout=10)[0]
    assert watch.returncode == 0
    assert '"x": 1' in output and "a/b" in output and "text\\x1b[2J" in output


def test_watch_ends_cleanly_at_ctrl_c(croft):
    watch = subprocess.Popen([croft.binary, "watch", "--data", croft.data], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watch.stderr.readline()
    watch.send_signal(signal.SIGINT)
    assert watch.wait(timeout=10) == 0


def test_env_is_taken_by_a_shell(croft):
    script = f'eval "$({croft.binary} env --data {croft.data})" && echo "$AWS_ENDPOINT_URL $AWS_REGION $AWS_ACCESS_KEY_ID"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [croft.endpoints["gateway"], croft.credentials["region"], croft.credentials["aws_access_key_id"]]


def test_fleet_connects_churns_and_reports(croft):
    done = croft.run("fleet", "--devices", "200", "--connect-rate", "1000", "--hold", "1", "--churn", "100", "--json")
    report = json.loads(done.stdout)
    assert report["connectedAtEnd"] == 200
    assert report["failures"] == 0
    assert report["connects"] > 200
    assert 0 < report["connectP50Ms"] <= report["connectP99Ms"]


def test_package_writes_what_aws_cloudformation_package_writes(croft, tmp_path):
    croft.client("s3").create_bucket(Bucket="code")
    output = tmp_path / "packaged.yaml"
    croft.run("package", str(EXAMPLE), "--s3-bucket", "code", "--s3-prefix", "p", "--output-template-file", str(output))
    keys = [o["Key"] for o in croft.client("s3").list_objects_v2(Bucket="code")["Contents"]]
    assert len(keys) == 1 and keys[0].startswith("p/") and len(keys[0]) == 34
    assert output.read_text().count(f"s3://code/{keys[0]}") == 2
    croft.run("package", str(EXAMPLE), "--s3-bucket", "code", "--s3-prefix", "p", "--output-template-file", str(output))
    assert len(croft.client("s3").list_objects_v2(Bucket="code")["Contents"]) == 1


@pytest.mark.parametrize("arguments", [[], ["frob"], ["tables"], ["publish"], ["device"], ["fleet", "--abrupt", "2"]])
def test_wrong_use_is_exit_code_two(croft, arguments):
    done = croft.run(*arguments, check=False)
    assert done.returncode == 2 and done.stderr


def test_nothing_running_is_told_in_one_line(croft, tmp_path):
    done = subprocess.run([croft.binary, "tables", "list", "--data", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("croft: NotRunning: ") and done.stderr.count("\n") == 1
    done = subprocess.run([croft.binary, "tables", "list", "--endpoint", "http://127.0.0.1:1"], capture_output=True, text=True,
                          env=dict(croft.environment))
    assert done.returncode == 1 and "croft serve" in done.stderr
