"""croft tables, against a real server: everything it shows and everything it writes."""

import fcntl
import gzip
import http.server
import json
import os
import pty
import struct
import subprocess
import termios
import threading

import pytest


@pytest.fixture(scope="module")
def dynamodb(croft):
    return croft.client("dynamodb")


def table(dynamodb, name, sort=None, index=None):
    attributes = {"id": "S", **(sort or {}), **(index or {})}
    keys = [("id", "HASH"), *((n, "RANGE") for n in sort or {})]
    more = {"GlobalSecondaryIndexes": [{
        "IndexName": "by-" + n, "KeySchema": [{"AttributeName": n, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]}} for n in index]} if index else {}
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": n, "KeyType": k} for n, k in keys],
                          AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in attributes.items()], **more)
    return name


@pytest.fixture(scope="module")
def todo(croft, dynamodb):
    """Tasks of ann (1, 2) and bob (3.5 to 9.5), those of bob due."""
    name = table(dynamodb, "todo", {"n": "N"}, {"due": "S"})
    tables(croft, "put", name, '{"id":"ann","n":1,"text":"write docs","done":false,"tags":["a","b"]}')
    tables(croft, "put", name, '{"id":"ann","n":2,"text":"5","done":true}')
    for n in range(3, 10):
        tables(croft, "put", name, json.dumps({"id": "bob", "n": n + 0.5, "text": f"task {n}", "due": "007",
                                               "m": {"a": [n, None]}}))
    return name


def tables(croft, *arguments, **more):
    return croft.run("tables", *arguments, **more)


def failed(croft, *arguments, **more):
    """The one line that a refused command says."""
    done = tables(croft, *arguments, check=False, **more)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1, done
    return done.stderr


def plain(croft, *arguments, **more):
    return [json.loads(line) for line in tables(croft, *arguments, "--plain", **more).stdout.splitlines()]


def test_list_and_empty_tables_say_what_to_do(fresh_croft):
    croft = fresh_croft("--ephemeral")
    assert tables(croft, "list").stdout == \
        "There are no tables. croft deploy makes those of a template, aws dynamodb create-table one.\n"
    table(croft.client("dynamodb"), "new", {"n": "N"}, {"due": "S"})
    assert tables(croft, "list").stdout == "TABLE  STATUS  ITEMS  KEY\nnew    ACTIVE      0  id (S), n (N)\n"
    assert tables(croft, "list", "--json").stdout == '"new"\n'
    assert tables(croft, "scan", "new").stdout == \
        "The table is empty. To put an item: croft tables put new '{\"id\": \"...\", \"n\": 1}'\n"
    assert tables(croft, "scan", "new", "--index", "by-due").stdout == \
        "The index is empty: no item has its key, due (S).\n"
    assert tables(croft, "scan", "new", "--where", "a = 1").stdout == "No item fits.\n"
    assert tables(croft, "query", "new", "--key", "id=x").stdout == "No item fits.\n"
    assert tables(croft, "scan", "new", "--json").stdout == ""


def test_scan_is_a_table_with_the_key_first(croft, todo):
    done = tables(croft, "scan", todo, "--where", "id = ann")
    assert done.stdout == ("id   n  done   text        tags\n"
                           "ann  1  false  write docs  [\"a\",\"b\"]\n"
                           "ann  2  true   \"5\"\n")
    assert tables(croft, "scan", todo, "--count").stdout == "9\n"
    assert tables(croft, "scan", todo, "--count", "--where", "id = bob").stdout == "7\n"


def test_json_is_dynamodbs_and_plain_is_not(croft, todo):
    assert tables(croft, "get", todo, "id=ann", "n=2", "--json").stdout == \
        '{"done":{"BOOL":true},"id":{"S":"ann"},"n":{"N":"2"},"text":{"S":"5"}}\n'
    assert tables(croft, "get", todo, "id=ann", "n=2", "--plain").stdout == '{"done":true,"id":"ann","n":2,"text":"5"}\n'
    assert len(tables(croft, "scan", todo, "--json").stdout.splitlines()) == 9


@pytest.mark.parametrize("keys, expected", [
    (["id=bob", "n>=8"], [8.5, 9.5]), (["id=bob", "n > 8.5"], [9.5]), (["id=bob", "n<4.5"], [3.5]), (["id=bob", "n=4.5"], [4.5]),
    (["id=bob", "n between 4 and 6"], [4.5, 5.5]), (["id=nobody"], [])])
def test_query_by_key(croft, todo, keys, expected):
    options = [part for key in keys for part in ("--key", key)]
    assert [row["n"] for row in plain(croft, "query", todo, *options)] == expected
    assert [row["n"] for row in plain(croft, "query", todo, *options, "--reverse")] == expected[::-1]


def test_query_with_a_filter_an_index_and_columns(croft, todo):
    assert plain(croft, "query", todo, "--key", "id=bob", "--where", "m.a[0] in (4, 6) or text = 'task 9'", "--columns",
                 "n, m.a[0]") == \
        [{"n": 4.5, "m": {"a": [4]}}, {"n": 6.5, "m": {"a": [6]}}, {"n": 9.5, "m": {"a": [9]}}]
    # The key's value looks like a number and is a string, as its definition says.
    rows = plain(croft, "query", todo, "--index", "by-due", "--key", "due=007")
    assert len(rows) == 7 and set(rows[0]) == {"id", "n", "due", "text"}
    assert plain(croft, "scan", todo, "--index", "by-due", "--where", "begins_with(text, 'task 3')")[0]["n"] == 3.5
    assert tables(croft, "query", todo, "--key", "id=ann", "--columns",
                  "text,n").stdout == "text        n\nwrite docs  1\n\"5\"         2\n"


def test_limits_and_going_on(croft, todo):
    seen, start = [], []
    for _ in range(5):
        done = tables(croft, "scan", todo, "--limit", "2", "--plain", *start)
        seen += [json.loads(line)["n"] for line in done.stdout.splitlines()]
        if not done.stderr:
            break
        assert done.stderr.startswith("There may be more; go on with --start '")
        start = ["--start", done.stderr.split("'")[1]]
    assert sorted(seen) == [1, 2, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]
    # With a filter the limit counts what is shown.
    done = tables(croft, "query", todo, "--key", "id=bob", "--where", "n != 5", "--limit", "3", "--plain", check=False)
    assert done.returncode == 1 and "Primary key attribute: n" in done.stderr
    done = tables(croft, "query", todo, "--key", "id=bob", "--where", "text != 'task 4'", "--limit", "2", "--plain")
    assert [json.loads(line)["n"] for line in done.stdout.splitlines()] == [3.5, 5.5]
    rest = plain(croft, "query", todo, "--key", "id=bob", "--start", done.stderr.split("'")[1])
    assert [row["n"] for row in rest] == [6.5, 7.5, 8.5, 9.5]


def test_pages_are_all_unless_told(croft, dynamodb):
    name = table(dynamodb, "paged", {"n": "N"})
    for n in range(10):
        dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}, "n": {"N": str(n)}, "t": {"S": "x" * 250_000}})
    assert [row["n"] for row in plain(croft, "query", name, "--key", "id=a", "--columns", "n")] == list(range(10))
    assert len(plain(croft, "query", name, "--key", "id=a", "--columns", "n", "--pages", "all")) == 10
    done = tables(croft, "query", name, "--key", "id=a", "--columns", "n", "--plain", "--pages", "1")
    assert len(done.stdout.splitlines()) == 5 and "go on with --start" in done.stderr
    assert failed(croft, "scan", name, "--pages", "0") == "croft: InvalidOptions: --pages is a number or all, not '0'\n"


def test_a_terminal_gets_as_much_as_fits(croft, todo):
    dynamodb = croft.client("dynamodb")
    name = table(dynamodb, "wide")
    tables(croft, "put", name, json.dumps({"id": "a", "long": "x" * 100, "other": "y" * 30, "z": 1}))
    done = tables(croft, "scan", name, "--width", "60")
    assert max(map(len, done.stdout.splitlines()[:2])) <= 60 and "…" in done.stdout and "Not shown" not in done.stdout
    done = tables(croft, "scan", name, "--width", "25")
    assert max(map(len, done.stdout.splitlines()[:2])) <= 25
    assert done.stdout.splitlines()[2] == "Not shown for want of room: other, z (--columns chooses, --plain has all)"
    assert "x" * 100 in tables(croft, "scan", name).stdout

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
    subprocess.run([croft.binary, "tables", "scan", name], env={**croft.environment, "NO_COLOR": "1"}, stdout=slave, check=True)
    os.close(slave)
    lines = os.read(master, 10_000).decode().splitlines()
    os.close(master)
    assert max(map(len, lines[:2])) <= 50 and lines[0].startswith("id")


def test_values_that_could_be_another_type_have_quotes(croft, dynamodb):
    name = table(dynamodb, "types")
    dynamodb.put_item(TableName=name, Item={
        "id": {"S": "5"}, "n": {"N": "5"}, "s": {"S": "true"}, "z": {"NULL": True}, "b": {"B": b"\0\xff"},
        "ss": {"SS": ["x", "1"]},
        "e": {"S": ""}})
    heading, row = tables(croft, "scan", name).stdout.splitlines()
    assert heading.split() == ["id", "b", "e", "n", "s", "ss", "z"]
    assert row.split("  ") and [cell for cell in row.split("  ") if cell] == \
        ['"5"', "b'AP8='", '""', "5", '"true"', '{"1", x}', "null"]


def test_put_update_and_delete(croft, dynamodb):
    name = table(dynamodb, "changed", {"n": "N"})
    one = ["id=a", "n=12345678901234567890"]
    assert tables(croft, "put", name, '{"id":"a","n":12345678901234567890,"v":1,"f":0.1}', "--plain").stdout == \
        '{"id":"a","n":12345678901234567890,"v":1,"f":0.1}\n'
    assert failed(croft, "put", name, '{"id":"a","n":12345678901234567890}', "--if-absent") == \
        "croft: ConditionalCheckFailedException: The conditional request failed\n"
    assert failed(croft, "update", name, *one, "--set", "v=2", "--if",
                  "v = 2").startswith("croft: ConditionalCheckFailedException: ")
    assert plain(croft, "update", name, *one, "--set", "v=2", "--set", "t=two words", "--set", 's="3"', "--set", "d={\"x\": [1]}",
                 "--add", "f=0.2", "--remove", "gone", "--if", "v = 1") == \
        [{"id": "a", "n": 12345678901234567890, "v": 2, "f": 0.3, "t": "two words", "s": "3", "d": {"x": [1]}}]
    assert plain(croft, "update", name, *one, "--set", "d.x[0]=null", "--remove", "v", "--remove", "s")[0]["d"] == {"x": [None]}
    assert failed(croft, "update", name, *one) == \
        "croft: MissingOption: give --set NAME=VALUE, --add NAME=NUMBER or --remove NAME\n"
    assert plain(croft, "delete", name, *one)[0]["t"] == "two words"
    assert failed(croft, "delete", name, *one) == "croft: NotFound: the table has no such item\n"
    assert failed(croft, "get", name, *one) == "croft: NotFound: the table has no such item\n"


def test_put_takes_dynamodb_json_files_and_standard_input(croft, dynamodb, tmp_path):
    name = table(dynamodb, "put")
    tables(croft, "put", name, '{"id":{"S":"json"},"set":{"NS":["1","2"]},"b":{"B":"AAE="}}')
    assert dynamodb.get_item(TableName=name, Key={"id": {"S": "json"}})["Item"] == \
        {"id": {"S": "json"}, "set": {"NS": ["1", "2"]}, "b": {"B": b"\0\1"}}
    (tmp_path / "item.json").write_text('{\n  "id": "file", "m": {"S": "no type here"}\n}\n')
    tables(croft, "put", name, str(tmp_path / "item.json"))
    assert dynamodb.get_item(TableName=name, Key={"id": {"S": "file"}})["Item"]["m"] == {"M": {"S": {"S": "no type here"}}}
    tables(croft, "put", name, "-", input='{"id": "stdin"}')
    assert dynamodb.get_item(TableName=name, Key={"id": {"S": "stdin"}})["Item"] == {"id": {"S": "stdin"}}
    assert failed(croft, "put", name, '{"x": 1}') == "croft: InvalidItem: the key id is missing\n"
    assert "not valid JSON at byte" in failed(croft, "put", name, '{"id": ')
    assert failed(croft, "put", name, '{"id": 5}') == \
        "croft: ValidationException: One or more parameter values were invalid: Type mismatch for key id expected: S actual: N\n"
    assert "No such file" in failed(croft, "put", name, str(tmp_path / "none.json"))


def test_binary_keys_are_base64(croft, dynamodb):
    dynamodb.create_table(TableName="bin", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "b", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "b", "AttributeType": "B"}])
    tables(croft, "put", "bin", '{"b": "AP8=", "t": "AP8="}')
    assert dynamodb.scan(TableName="bin")["Items"] == [{"b": {"B": b"\0\xff"}, "t": {"S": "AP8="}}]
    assert plain(croft, "query", "bin", "--key", "b=AP8=") == plain(croft, "get", "bin", "b=AP8=") == [{"b": "AP8=", "t": "AP8="}]


def test_describe_shows_what_a_table_is(croft, todo):
    lines = tables(croft, "describe", todo).stdout.splitlines()
    shown = {line[:14].strip(): line[14:] for line in lines[:12] if line}
    assert shown["Table"] == "todo" and shown["Status"] == "ACTIVE" and shown["Key"] == "id (S), n (N)"
    assert shown["Items"].startswith("9, ") and shown["Items"].endswith(" bytes") and shown["Billing"] == "on demand"
    assert (shown["Stream"], shown["Expiry (TTL)"], shown["Recovery"], shown["Protection"]) == ("off", "off", "off", "off")
    assert shown["ARN"] == "arn:aws:dynamodb:us-east-1:000000000000:table/todo"
    assert lines[-2].split()[:4] == ["INDEX", "KIND", "KEY", "PROJECTION"]
    assert lines[-1].split()[:8] == ["by-due", "global", "due", "(S)", "keys", "and", "text", "ACTIVE"]
    assert json.loads(tables(croft, "describe", todo, "--json").stdout)["TableName"] == "todo"


def test_describe_shows_provisioned_throughput(croft, dynamodb):
    dynamodb.create_table(TableName="units", ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
                          KeySchema=[{"AttributeName": "b", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "b", "AttributeType": "B"}],
                          TableClass="STANDARD_INFREQUENT_ACCESS")
    text = tables(croft, "describe", "units").stdout
    assert "Billing       provisioned, 3 read and 4 write units\n" in text
    assert "Class         STANDARD_INFREQUENT_ACCESS\n" in text


def test_describe_shows_stream_expiry_and_recovery(croft, dynamodb):
    name = table(dynamodb, "settings")
    dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    shown = {line[:14].strip(): line[14:] for line in tables(croft, "describe", name).stdout.splitlines()}
    assert shown["Stream"] == "NEW_IMAGE  " + dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    assert shown["Expiry (TTL)"].startswith("by attribute until") and shown["Recovery"].startswith("on, from 20")


ALL_TYPES = {"id": {"S": "all"}, "n": {"N": "1"}, "s": {"S": "a,\"b\"\nc"}, "e": {"S": ""}, "b": {"B": b"\0\xff"},
             "t": {"BOOL": True},
             "z": {"NULL": True}, "l": {"L": [{"N": "1.50"}, {"S": "x"}]}, "m": {"M": {"k": {"SS": ["p", "q"]}}},
             "bs": {"BS": [b"x"]},
             "ns": {"NS": ["1", "2"]}, "big": {"N": "12345678901234567890123456789012345678"}, "u": {"S": "日本😀"}}


def everything(dynamodb, name):
    items = [item for page in dynamodb.get_paginator("scan").paginate(TableName=name) for item in page["Items"]]
    return sorted(items, key=lambda one: (one["id"]["S"], float(one["n"]["N"])))


@pytest.mark.parametrize("name", ["items.json", "items.csv", "items.json.gz", "items.csv.gz"])
def test_export_and_import_are_the_same_items(croft, dynamodb, tmp_path, name):
    source, target = table(dynamodb, "from-" + name, {"n": "N"}), table(dynamodb, "to-" + name, {"n": "N"})
    dynamodb.put_item(TableName=source, Item=ALL_TYPES)
    for n in range(60):
        dynamodb.put_item(TableName=source, Item={"id": {"S": "many"}, "n": {"N": str(n)}, "s": {"N": str(n)}})
    file = tmp_path / name.removesuffix(".gz")
    done = tables(croft, "export", source, str(file))
    assert (done.stdout, done.stderr) == ("", f"Exported 61 items of {source}\n")
    if name.endswith(".gz"):
        (tmp_path / name).write_bytes(gzip.compress(file.read_bytes()))
    done = tables(croft, "import", target, str(tmp_path / name))
    assert done.stderr == f"Imported 61 items into {target}\n"
    assert everything(dynamodb, target) == everything(dynamodb, source)


def test_exports_have_awss_form_or_plain(croft, dynamodb, todo):
    lines = tables(croft, "export", todo).stdout.splitlines()
    assert len(lines) == 9 and json.loads(lines[0])["Item"]["id"] == {"S": "ann"}
    lines = tables(croft, "export", todo, "--format", "plain").stdout.splitlines()
    assert json.loads(lines[0]) == {"id": "ann", "n": 1, "text": "write docs", "done": False, "tags": ["a", "b"]}
    lines = tables(croft, "export", todo, "--format", "csv").stdout.splitlines()
    assert lines[0] == "id,n:N,done:BOOL,due,m:JSON,tags:JSON,text"
    assert lines[2] == "ann,2,true,,,,5"


def test_an_export_overwrites_nothing(croft, todo, tmp_path):
    (tmp_path / "there").write_text("old")
    assert failed(croft, "export", todo, str(tmp_path / "there")) == \
        f"croft: FileNotWritten: writing {tmp_path / 'there'}: File exists\n"
    assert (tmp_path / "there").read_text() == "old"


def test_import_of_plain_lines_and_repeated_keys(croft, dynamodb):
    name = table(dynamodb, "lines", {"n": "N"})
    lines = "".join(f'{{"id": "a", "n": {n % 30}, "v": {n}}}\n\n' for n in range(70))
    done = tables(croft, "import", name, "-", input=lines + '{"Item": {"id": {"S": "b"}, "n": {"N": "1"}}}')
    assert done.stderr == f"Imported 71 items into {name}\n"
    found = everything(dynamodb, name)
    assert len(found) == 31 and [one["v"]["N"] for one in found[:30]] == [str(n + 60 if n < 10 else n + 30) for n in range(30)]


def test_import_of_csv_as_others_write_it(croft, dynamodb, tmp_path):
    name = table(dynamodb, "sheet", {"n": "N"})
    (tmp_path / "sheet.csv").write_bytes("\ufeffid,n,zip,note\r\na,1,01234,\"two\r\nlines\"\r\nb,2,,\"\"\r\n".encode())
    tables(croft, "import", name, str(tmp_path / "sheet.csv"))
    assert everything(dynamodb, name) == [
        {"id": {"S": "a"}, "n": {"N": "1"}, "zip": {"S": "01234"}, "note": {"S": "two\nlines"}},
        {"id": {"S": "b"}, "n": {"N": "2"}, "note": {"S": ""}}]


def test_bytes_that_are_no_text_are_told_of(croft, dynamodb, tmp_path):
    name = table(dynamodb, "bytes")
    (tmp_path / "zero.json").write_bytes(b'{"id":"a\0b"}\n')
    assert "line 1: not valid JSON at byte" in tables(croft, "import", name, str(tmp_path / "zero.json"), check=False).stderr
    (tmp_path / "zero.csv").write_bytes(b"id,t\na\0b,x\nc,y\n")
    tables(croft, "import", name, str(tmp_path / "zero.csv"))
    found = dynamodb.scan(TableName=name)["Items"]
    assert sorted((one["id"]["S"], one["t"]["S"]) for one in found) == [("a\0b", "x"), ("c", "y")]
    done = tables(croft, "import", name, str(tmp_path), check=False)
    assert done.returncode == 1 and done.stderr.splitlines()[0] == "croft: FileNotRead: " + str(tmp_path) + ": Is a directory"
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(b'{"id":"z"}\n' * 1000)[:-20])
    assert tables(croft, "import", name, str(tmp_path / "cut.json.gz"), check=False).returncode == 1


def test_a_dry_run_tells_every_fault_and_writes_nothing(croft, dynamodb, tmp_path):
    name = table(dynamodb, "dry", {"n": "N"})
    file = tmp_path / "dry.json"
    file.write_text('{"id":"a","n":1}\n{"id":"a"}\n{"id":"a","n":"1"}\n{"id":{"S":"a"},"n":{"N":"2"}}\nnot json\n')
    done = tables(croft, "import", name, str(file), "--dry-run", check=False)
    assert done.returncode == 1 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0] == f"croft: InvalidItem: {file}: line 2: the key n is missing"
    assert lines[1] == f"croft: InvalidItem: {file}: line 3: the key n has to be of type N"
    assert lines[2].startswith(f"croft: InvalidItem: {file}: line 5: not valid JSON at byte")
    assert lines[3:] == [f"2 items could be imported into {name}; nothing was written", "3 lines have faults"]
    assert everything(dynamodb, name) == []
    file.write_text('{"id":"a","n":1}\n')
    assert tables(croft, "import", name, str(file), "--dry-run").stderr == \
        f"1 item could be imported into {name}; nothing was written\n"


def test_an_import_stops_at_a_fault_and_says_how_far_it_came(croft, dynamodb):
    name = table(dynamodb, "half", {"n": "N"})
    lines = "".join(f'{{"id":"a","n":{n}}}\n' for n in range(30)) + '{"id":"a"}\n'
    done = tables(croft, "import", name, "-", input=lines, check=False)
    assert done.returncode == 1
    assert done.stderr == f"croft: InvalidItem: -: line 31: the key n is missing\nImported 25 items into {name}\n"
    assert len(everything(dynamodb, name)) == 25


class Busy(http.server.BaseHTTPRequestHandler):
    """A DynamoDB that throttles at first and takes ten items of a batch at a time."""

    taken, calls = [], []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        operation = self.headers["x-amz-target"].split(".")[1]
        self.calls.append(operation)
        if operation == "DescribeTable":
            return self.answer(200, {"Table": {"TableName": "t", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                                               "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}})
        if self.calls.count(operation) == 1:
            return self.answer(400, {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                                     "message": "slow"})
        requests = body["RequestItems"]["t"]
        self.taken.extend(one["PutRequest"]["Item"]["id"]["S"] for one in requests[:10])
        self.answer(200, {"UnprocessedItems": {"t": requests[10:]} if requests[10:] else {}})

    def answer(self, status, document):
        text = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def test_unprocessed_items_are_sent_again(croft):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    lines = "".join(f'{{"id":"{n}"}}\n' for n in range(30))
    done = tables(croft, "import", "t", "-", "--endpoint", f"http://127.0.0.1:{server.server_port}", input=lines)
    server.shutdown()
    assert done.stderr == "Imported 30 items into t\n"
    assert Busy.taken == [str(n) for n in range(30)]
    assert Busy.calls == ["DescribeTable"] + ["BatchWriteItem"] * 5


@pytest.mark.parametrize("arguments, message", [
    (["get", "todo", "id=a"], "InvalidKey: the whole key is needed: id (S), n (N)"),
    (["get", "todo", "id=a", "n=x"], "InvalidKey: n is a number (N), and 'x' is none"),
    (["get", "todo", "id=a", "m=1"], "InvalidKey: 'm=1' is not NAME=VALUE with a name of the key: id (S), n (N)"),
    (["query", "todo"], "MissingOption: give --key id=VALUE; the key is id (S), n (N)"),
    (["query", "todo", "--index", "by-due"], "MissingOption: give --key due=VALUE; the key is due (S)"),
    (["query", "todo", "--index", "none", "--key", "a=1"], "InvalidOptions: todo has no index none; it has by-due"),
    (["query", "todo", "--key", "n=1"], "ValidationException: Query condition missed key schema element: id"),
    (["scan", "todo", "--where", "age >"], "InvalidCondition: 'age >', character 6: expected a value"),
    (["scan", "todo", "--columns", "a,"], "InvalidCondition: 'a,', character 3: expected the name of an attribute"),
    (["scan", "none"], "ResourceNotFoundException: Requested resource not found: Table: none not found"),
    (["put", "todo", "{}", "--if-absent", "--if", "a=1"], "InvalidItem: the key id is missing"),
    (["import", "todo", "/nowhere/file"], "FileNotRead: /nowhere/file: No such file or directory")])
def test_what_is_wrong_is_told_in_one_line(croft, todo, arguments, message):
    done = tables(croft, *arguments, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0] == "croft: " + message


@pytest.mark.parametrize("arguments", [["scan"], ["get", "t"], ["scan", "t", "--json", "--plain"],
                                       ["export", "t", "--format", "xml"],
                                       ["import", "t"], ["put", "t"], ["sql"], ["frob"]])
def test_wrong_use_is_exit_code_two(croft, arguments):
    done = tables(croft, *arguments, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1


def test_an_endpoint_alone_is_enough(croft, todo):
    environment = {name: value for name, value in croft.environment.items() if name not in ("CROFT_DATA", "AWS_ENDPOINT_URL")}
    done = subprocess.run([croft.binary, "tables", "get", todo, "id=ann", "n=2", "--plain", "--endpoint",
                           croft.endpoints["gateway"]],
                          env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["text"] == "5"


def test_sql_runs_partiql(croft, todo):
    done = tables(croft, "sql", "SELECT n, text FROM \"todo\" WHERE id = ? AND n >= ?", "--parameter", "bob", "--parameter", "8",
                  "--plain")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"n": 8.5, "text": "task 8"}, {"n": 9.5, "text": "task 9"}]
    assert tables(croft, "sql", "SELECT * FROM \"todo\" WHERE id = 'nobody'").stdout == "No item fits.\n"
    assert tables(croft, "sql", "INSERT INTO \"todo\" VALUE {'id': 'sql', 'n': 1}").stdout == "Done.\n"
    assert failed(croft, "sql", "SELECT * FRM x").startswith("croft: ValidationException: ")
