"""`croft backup` and `croft restore`: the whole data folder, copied while croft runs and put back elsewhere."""

import io
import json
import os
import pathlib
import random
import shutil
import signal
import stat
import subprocess
import threading
import zipfile

import pytest

import signed_json
from conftest import Croft, wait_until
from mqtt_wire import device, publish, subscribe

ROLE = "arn:aws:iam::000000000000:role/worker"


def zipped(source):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("f.py", source)
    return out.getvalue()


def fill(croft):
    """Something of everything."""
    iot, db, s3, sqs, functions = (croft.client(s) for s in ("iot", "dynamodb", "s3", "sqs", "lambda"))
    certificate = iot.create_keys_and_certificate(setAsActive=True)
    iot.create_thing(thingName="pump-1")
    iot.attach_thing_principal(thingName="pump-1", principal=certificate["certificateArn"])
    db.create_table(TableName="status", BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    db.put_item(TableName="status", Item={"id": {"S": "pump-1"}, "on": {"BOOL": True}})
    s3.create_bucket(Bucket="things")
    s3.put_object(Bucket="things", Key="a/b", Body=b"x" * 3_000_000)
    queue = sqs.create_queue(QueueName="work")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="do it")
    functions.create_function(FunctionName="f", Runtime="python3.11", Handler="f.handler", Role=ROLE,
                              Code={"ZipFile": zipped("def handler(e, c):\n    print('ran')\n    return {'sum': e['a'] + 1}\n")})
    assert json.load(functions.invoke(FunctionName="f", Payload=b'{"a": 1}')["Payload"]) == {"sum": 2}
    sender = device(croft, "sender")
    assert sender.send(publish("kept/topic", b"still here", qos=1, retain=True)).packet()[0] == 0x40
    return certificate["certificateId"]


def check(croft, certificate):
    iot, db, s3, sqs, functions = (croft.client(s) for s in ("iot", "dynamodb", "s3", "sqs", "lambda"))
    assert iot.describe_certificate(certificateId=certificate)["certificateDescription"]["status"] == "ACTIVE"
    principals = iot.list_thing_principals(thingName="pump-1")["principals"]
    assert [p.rsplit("/", 1)[1] for p in principals] == [certificate]
    assert db.scan(TableName="status")["Items"] == [{"id": {"S": "pump-1"}, "on": {"BOOL": True}}]
    assert s3.get_object(Bucket="things", Key="a/b")["Body"].read() == b"x" * 3_000_000
    queue = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    assert [m["Body"] for m in sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"]] == ["do it"]
    assert json.load(functions.invoke(FunctionName="f", Payload=b'{"a": 4}')["Payload"]) == {"sum": 5}
    reader = device(croft, "reader")
    reader.send(subscribe("kept/topic")).packet()
    assert b"still here" in reader.packet()[1]


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    """A backup of a filled croft, the certificate's id and the folder that it was made from."""
    folder = tmp_path_factory.mktemp("backup")
    croft = Croft(folder / "data")
    try:
        certificate = fill(croft)
        done = croft.run("backup", str(folder / "copy"))
    finally:
        assert croft.stop() == 0, croft.output()
    return {"folder": folder / "copy", "certificate": certificate, "data": pathlib.Path(croft.data), "said": done.stdout}


def restore(fresh_or_binary, backup, data, check=True):
    return fresh_or_binary.run("restore", str(backup), "--data", str(data), check=check)


@pytest.fixture(scope="module")
def tool(backup):
    """croft's command line without a server."""
    class Tool:
        binary = Croft.__init__.__globals__["BINARY"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CROFT_"))}
        run = Croft.run
    return Tool()


def test_all_comes_back(backup, tool, fresh_croft, tmp_path):
    assert backup["said"].startswith(f"Backed up {backup['data']} to {backup['folder']}: ")
    data = tmp_path / "new"
    said = restore(tool, backup["folder"], data).stdout
    assert said.startswith(f"Restored {data} to 20") and said.endswith(f"  croft serve --data {data}\n")
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert (data / "ca" / "ca.key").read_bytes() == (backup["data"] / "ca" / "ca.key").read_bytes()
    assert stat.S_IMODE((data / "ca" / "ca.key").stat().st_mode) == 0o600
    assert "ran" in (data / "logs" / "f.log").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new"]
    croft = fresh_croft(data=data)
    check(croft, backup["certificate"])
    assert croft.credentials["aws_access_key_id"] in (backup["data"] / "credentials").read_text()


def test_the_folder_holds_what_its_manifest_says(backup):
    manifest = json.loads((backup["folder"] / "backup.json").read_text())
    named = {file["path"] for file in manifest["files"]}
    there = {str(p.relative_to(backup["folder"])) for p in backup["folder"].rglob("*") if p.is_file()}
    assert there == named | {"backup.json"}
    assert manifest["format"] == 1 and manifest["storeFormat"] == "1"
    assert {"db/CURRENT", "ca/ca.pem", "ca/ca.key", "logs/f.log"} <= named
    assert not any(name.startswith(("functions/", "runtimes/", "tmp/", "credentials", "checkpoints")) for name in named)
    assert stat.S_IMODE(backup["folder"].stat().st_mode) == 0o700
    assert not (backup["data"] / "checkpoints").exists() or not any((backup["data"] / "checkpoints").iterdir())


def damaged(backup, tmp_path, damage):
    copy = tmp_path / "damaged"
    shutil.copytree(backup["folder"], copy)
    damage(copy)
    return copy


def cut(path, by=1):
    path.write_bytes(path.read_bytes()[:-by])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def change_manifest(folder, change):
    manifest = json.loads((folder / "backup.json").read_text())
    change(manifest)
    (folder / "backup.json").write_text(json.dumps(manifest))


def a_table_file(folder):
    return max((folder / "db").glob("*.sst"), key=lambda p: p.stat().st_size)


DAMAGES = {
    "no manifest": (lambda f: (f / "backup.json").unlink(), "InvalidBackup: {f} is not a backup: it has no backup.json"),
    "manifest cut": (lambda f: cut(f / "backup.json", 40), "InvalidBackup: backup.json is damaged"),
    "manifest changed": (lambda f: change_manifest(f, lambda m: m["files"].pop()), "InvalidBackup: backup.json is damaged"),
    "file missing": (lambda f: (f / "db" / "CURRENT").unlink(), "InvalidBackup: the backup is damaged: db/CURRENT is missing"),
    "file cut": (lambda f: cut(f / "ca" / "ca.pem"),
                 "InvalidBackup: the backup is damaged: ca/ca.pem is not as it was written"),
    "bit changed": (lambda f: flip(a_table_file(f)), "InvalidBackup: the backup is damaged: db/"),
    "newer": (lambda f: change_manifest(f, lambda m: m.update(format=2)),
              "NewerBackup: the backup has format 2, this croft reads up to 1"),
    "outside": (lambda f: change_manifest(f, lambda m: m["files"][0].update(path="../outside")),
                "InvalidBackup: backup.json names a file outside of the backup"),
    "absolute": (lambda f: change_manifest(f, lambda m: m["files"][0].update(path="/tmp/outside")),
                 "InvalidBackup: backup.json names a file outside of the backup"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_wrong_with_a_backup_is_told_and_nothing_is_made(backup, tool, tmp_path, name):
    damage, message = DAMAGES[name]
    copy = damaged(backup, tmp_path, damage)
    done = restore(tool, copy, tmp_path / "new", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("croft: " + message.format(f=copy)), done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["damaged"]


def test_a_folder_that_is_not_empty_or_in_use_is_left_alone(backup, tool, fresh_croft, tmp_path):
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").write_text("mine")
    done = restore(tool, backup["folder"], full, check=False)
    assert done.returncode == 1
    assert done.stderr == f"croft: BackupRefused: {full} is not empty: name a folder that is not there yet\n"
    assert [p.name for p in full.iterdir()] == ["mine"]

    croft = fresh_croft()
    done = restore(tool, backup["folder"], croft.data, check=False)
    assert done.stderr == f"croft: InUse: a croft runs on {croft.data}: stop it, and name a folder that is empty\n"
    done = croft.run("backup", str(full), check=False)
    assert done.stderr == f"croft: BackupRefused: {full} is not empty: name a folder that is not there yet\n"

    inside = pathlib.Path(croft.data) / "backup"
    done = croft.run("backup", str(inside), check=False)
    assert done.stderr == f"croft: BackupRefused: {inside} is in the data folder: name a folder outside of it\n"
    assert not [p for p in pathlib.Path(croft.data).iterdir() if p.name.startswith("backup")]

    empty = tmp_path / "empty"
    empty.mkdir()
    restore(tool, backup["folder"], empty)
    assert (empty / "db" / "CURRENT").exists()
    assert not [p for p in tmp_path.iterdir() if "restore-" in p.name or "backup-" in p.name]


def test_an_ephemeral_croft_has_nothing_to_back_up(fresh_croft, tmp_path):
    croft = fresh_croft("--ephemeral")
    done = croft.run("backup", str(tmp_path / "copy"), check=False)
    assert (done.returncode, done.stderr) == (
        1, "croft: StoreFailure: the store is in memory: there is nothing on disk to copy\n")
    assert not (tmp_path / "copy").exists()


def begin_backup(croft, credentials=None):
    status, answer = signed_json.call(croft, "croft", "Croft_1.BeginBackup", {}, credentials)
    return status, answer.get("__type", "").split("#")[-1], answer


def test_only_the_account_may_begin_a_backup(fresh_croft):
    croft = fresh_croft()
    assert begin_backup(croft, ())[:2] == (400, "MissingAuthenticationTokenException")
    iam, sts = croft.client("iam"), croft.client("sts")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="someone", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    session = sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    session = session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]
    assert begin_backup(croft, session)[:2] == (403, "AccessDeniedException")
    assert not (pathlib.Path(croft.data) / "checkpoints").exists()
    made = [begin_backup(croft) for _ in range(5)]
    assert [one[:2] for one in made] == [(200, "")] * 4 + [(400, "LimitExceededException")]
    assert (pathlib.Path(croft.data) / made[0][2]["Path"] / "db" / "CURRENT").exists()
    croft.kill()
    croft.start()
    assert not (pathlib.Path(croft.data) / "checkpoints").exists()


def test_a_backup_during_heavy_writes_is_of_one_moment(fresh_croft, tool, tmp_path):
    """Transactions move amounts between accounts, and each item has an index row: the copy has the whole sum and both rows."""
    croft = fresh_croft()
    db = croft.client("dynamodb")
    db.create_table(TableName="bank", BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in (("id", "S"), ("amount", "N"), ("all", "S"))],
                    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                    GlobalSecondaryIndexes=[{"IndexName": "by_amount", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
                        {"AttributeName": "all", "KeyType": "HASH"}, {"AttributeName": "amount", "KeyType": "RANGE"}]}])
    accounts = 20
    for n in range(accounts):
        db.put_item(TableName="bank", Item={"id": {"S": f"a{n}"}, "amount": {"N": "100"}, "all": {"S": "x"}})
    stop = threading.Event()
    done = [0] * 4

    def move(worker):
        mine, chance = croft.client("dynamodb"), random.Random(worker)
        while not stop.is_set():
            names = chance.sample(range(accounts), 2)
            changes = [{"Update": {"TableName": "bank", "Key": {"id": {"S": f"a{n}"}}, "UpdateExpression": "ADD amount :d",
                                   "ExpressionAttributeValues": {":d": {"N": str(by)}}}} for n, by in zip(names, (-1, 1))]
            mine.transact_write_items(TransactItems=changes)
            done[worker] += 1

    workers = [threading.Thread(target=move, args=(n,)) for n in range(len(done))]
    for worker in workers:
        worker.start()
    copies = []
    for n in range(3):
        before = sum(done)
        wait_until(lambda: sum(done) > before + 20, what="writes")
        copies.append(tmp_path / f"copy{n}")
        croft.run("backup", str(copies[-1]))
    stop.set()
    for worker in workers:
        worker.join()
    croft.stop()
    seen = set()
    for n, copy in enumerate(copies):
        restore(tool, copy, tmp_path / f"new{n}")
        again = fresh_croft(data=tmp_path / f"new{n}").client("dynamodb")
        items = sorted(again.scan(TableName="bank")["Items"], key=lambda i: i["id"]["S"])
        indexed = sorted(again.scan(TableName="bank", IndexName="by_amount")["Items"], key=lambda i: i["id"]["S"])
        assert indexed == items and len(items) == accounts
        amounts = tuple(int(i["amount"]["N"]) for i in items)
        assert sum(amounts) == accounts * 100
        seen.add(amounts)
    assert len(seen) == 3, "the copies were made at three moments"


def test_os_and_memory_durability(fresh_croft):
    croft = fresh_croft("--durability", "os")
    croft.client("sqs").create_queue(QueueName="q")
    croft.kill()
    croft.start()
    assert croft.client("sqs").list_queues()["QueueUrls"][0].endswith("/q")
    croft = fresh_croft("--durability", "memory")
    croft.client("sqs").create_queue(QueueName="q")
    assert not (pathlib.Path(croft.data) / "db").exists()


def test_a_full_disk_leaves_no_half_backup(fresh_croft, tmp_path):
    croft = fresh_croft()
    croft.client("s3").create_bucket(Bucket="large")
    croft.client("s3").put_object(Bucket="large", Key="object", Body=os.urandom(3_000_000))
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted as root only")
    try:
        done = croft.run("backup", str(disk / "copy"), check=False)
        assert done.returncode == 1
        assert done.stderr.startswith("croft: FileFailure: cannot write ") and done.stderr.endswith(": No space left on device\n")
        assert list(disk.iterdir()) == []
        assert not any((pathlib.Path(croft.data) / "checkpoints").iterdir())
        assert croft.client("s3").head_object(Bucket="large", Key="object")["ContentLength"] == 3_000_000
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_what_a_killed_backup_left_goes_with_the_next_one(fresh_croft, tmp_path):
    croft = fresh_croft()
    target = tmp_path / "copies" / "copy"
    croft.process.send_signal(signal.SIGSTOP)  # whoever asks it now waits

    def hanging():
        before = set(target.parent.glob("*"))
        process = subprocess.Popen([croft.binary, "backup", str(target)], env=croft.environment, stdout=subprocess.PIPE,
                                   text=True)
        made = wait_until(lambda: set(target.parent.glob("copy.backup-*")) - before, what="the folder in the making")
        return process, made.pop()

    try:
        killed = [hanging() for _ in range(2)]
        at_work, kept = hanging()
        for process, _ in killed:
            process.kill()
            process.wait()
        left = sorted(str(folder) for _, folder in killed)
        (target.parent / "copy.backup-mine").mkdir()
        (target.parent / "other.backup-abc123").mkdir()
    finally:
        croft.process.send_signal(signal.SIGCONT)

    assert at_work.wait(timeout=60) == 0  # nobody took its folder away
    assert not kept.exists() and (target / "backup.json").exists()
    assert sorted(str(path) for path in target.parent.glob("copy.backup-??????")) == left
    shutil.rmtree(target)

    done = croft.run("backup", str(target))

    removed, backed_up, _ = done.stdout.split("\n")
    assert removed == f"Removed what a backup that was cut off left: {', '.join(left)}"
    assert backed_up.startswith(f"Backed up {croft.data} to {target}: ")
    assert sorted(path.name for path in target.parent.iterdir()) == ["copy", "copy.backup-mine", "other.backup-abc123"]
    again = croft.run("backup", str(tmp_path / "copies" / "second"))
    assert again.stdout.startswith("Backed up ")
