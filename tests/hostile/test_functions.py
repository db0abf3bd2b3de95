"""Functions and packages that mean no good, through the API of a real croft; more in src/lambda/hostile_function_test.cpp."""

import base64
import io
import json
import os
import pathlib
import stat
import struct
import tempfile
import uuid
import zipfile

import pytest
from conftest import wait_until
from mqtt_wire import assert_serves, memory_mb, short

ROLE = "arn:aws:iam::000000000000:role/any"


def package(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_py", ".py"), text)
    return buffer.getvalue()


def create(croft, name, zip_bytes, **more):
    return croft.client("lambda").create_function(FunctionName=name, Runtime="python3.11", Role=ROLE, Handler="f.handler",
                                                  Code={"ZipFile": zip_bytes}, **{"Timeout": 20, **more})


@pytest.fixture
def run(croft):
    """Runs a handler once; (FunctionError, the answer, the log's tail)."""

    def run(source, event=None, name=None, **more):
        name = name or "f" + uuid.uuid4().hex
        create(croft, name, package(f_py=source), **more)
        done = croft.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode(), LogType="Tail")
        return done.get("FunctionError"), json.loads(done["Payload"].read()), base64.b64decode(done["LogResult"]).decode()

    return run


@pytest.fixture(autouse=True)
def still_serves(croft, run):
    yield
    assert_serves(croft)
    assert run("def handler(event, context):\n    return 'well'\n")[:2] == (None, "well")


def children(croft):
    """Every process below the server."""
    found = []
    for task in os.listdir(f"/proc/{croft.process.pid}/task"):
        found += pathlib.Path(f"/proc/{croft.process.pid}/task/{task}/children").read_text().split()
    return found


# What a function does.

def test_a_function_that_ignores_sigterm_and_never_ends_is_killed_with_its_children(croft, run):
    error, answer, _ = run("import signal, subprocess, time\n"
                           "def handler(event, context):\n"
                           "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                           "    subprocess.Popen(['sleep', '4242'], start_new_session=True)\n"
                           "    time.sleep(100)\n", Timeout=1)
    assert error == "Unhandled" and answer["errorType"] == "Sandbox.Timedout"
    assert answer["errorMessage"].endswith("Task timed out after 1.00 seconds")

    def sleepers():
        found = [path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
        return [line for line in found if line == b"sleep\x004242\x00"]

    wait_until(lambda: not sleepers(), what="its children are gone")


def test_a_function_that_prints_a_gigabyte_fills_neither_memory_nor_disk(croft, run):
    before = memory_mb(croft)
    error, answer, log = run("import os\n"
                             "def handler(event, context):\n"
                             "    block = b'x' * 1048576\n"
                             "    for _ in range(1024):\n        os.write(1, block)\n"
                             "    os.write(1, b'\\nlast\\n')\n"
                             "    return 'printed'\n", Timeout=60)
    assert (error, answer) == (None, "printed")
    assert len(log) <= 4096 and "last" in log
    assert memory_mb(croft) - before < 60
    logs = sum(path.stat().st_size for path in pathlib.Path(croft.data, "logs").rglob("*") if path.is_file())
    assert logs < 50_000_000


def test_escapes_in_what_a_function_prints_do_not_reach_the_terminal(croft, run):
    name = "printer"
    run("def handler(event, context):\n    print('\\x1b[2Jforged\\x07')\n", name=name)
    shown = croft.run("functions", "logs", name).stdout
    assert "forged" in shown and "\x1b" not in shown and "\x07" not in shown


@pytest.mark.parametrize("body, kind, message", [
    ("import os; os._exit(0)", "Runtime.ExitError", "Runtime exited without providing a reason"),
    ("import os; os._exit(7)", "Runtime.ExitError", "Runtime exited with error: exit status 7"),
    ("import os; os.kill(os.getpid(), 9)", "Runtime.ExitError", "Runtime exited with error: signal: killed"),
    ("import ctypes; ctypes.string_at(0)", "Runtime.ExitError", "Runtime exited with error: signal: segmentation fault")])
def test_a_function_that_ends_in_mid_invocation_fails_with_lambdas_error(run, body, kind, message):
    error, answer, _ = run(f"def handler(event, context):\n    {body}\n")
    assert (error, answer["errorType"]) == ("Unhandled", kind)
    assert answer["errorMessage"].endswith(message), answer


def test_a_function_that_answers_too_much_fails_with_lambdas_error(run):
    error, answer, _ = run("def handler(event, context):\n    return 'x' * (7 << 20)\n")
    assert (error, answer["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge"), str(answer)[:300]


@pytest.mark.parametrize("body, said", [
    ("return {1, 2}", "Runtime.MarshalError"), ("a = []; a.append(a); return a", "Runtime.MarshalError"),
    ("return float('nan')", None),
    ("raise SystemExit(3)", "Runtime.ExitError"), ("raise RecursionError('\\x1b[31m\\ud800')", "RecursionError"),
    ("def f(): f()\n    f()", "RecursionError"), ("import sys; sys.stdout.close(); sys.stderr.close(); return 1", None)],
    ids=short)
def test_whatever_a_handler_returns_or_raises_has_an_answer(croft, run, body, said):
    try:
        error, answer, _ = run(f"def handler(event, context):\n    {body}\n")
    except json.JSONDecodeError:
        pytest.fail("the answer is no JSON")
    if said:
        assert error == "Unhandled" and answer["errorType"] == said, answer


def test_a_function_cannot_write_a_file_without_end(run):
    error, answer, _ = run("import os\n"
                           "def handler(event, context):\n"
                           "    with open('/tmp/endless', 'wb') as f:\n"
                           "        try:\n            os.posix_fallocate(f.fileno(), 0, 100 << 30)\n"
                           "        except OSError as e:\n            return e.errno\n"
                           "        finally:\n            os.unlink('/tmp/endless')\n")
    assert answer == 27 or error == "Unhandled", (error, answer)  # EFBIG, or SIGXFSZ for those that do not ignore it


def landlock_version():
    import ctypes

    return ctypes.CDLL(None).syscall(444, None, 0, 1)  # landlock_create_ruleset, LANDLOCK_CREATE_RULESET_VERSION


@pytest.fixture
def closed_croft(fresh_croft):
    """Its data folder lies where croft can close it to functions: not below /tmp, which they share."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        yield fresh_croft(data=pathlib.Path(folder) / "data")


@pytest.mark.skipif(landlock_version() < 6, reason="this kernel's Landlock closes no files or keeps no signals in")
def test_a_function_reads_neither_crofts_data_nor_its_memory_and_cannot_kill_it(closed_croft):
    create(closed_croft, "spy", package(f_py="import os, signal\n"
                                             "NAMES = ['credentials', 'ca/ca.key', 'db/CURRENT', 'endpoints.json']\n"
                                             "def handler(data, context):\n"
                                             "    got = []\n"
                                             "    for name in [*NAMES, f'/proc/{os.getppid()}/mem']:\n"
                                             "        try:\n"
                                             "            open(os.path.join(data, name), 'rb').read(1); got.append(name)\n"
                                             "        except OSError:\n            pass\n"
                                             "    for number in [signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL]:\n"
                                             "        try:\n            os.kill(os.getppid(), number); got.append(number)\n"
                                             "        except OSError:\n            pass\n"
                                             "    return got\n"))
    answer = closed_croft.client("lambda").invoke(FunctionName="spy", Payload=json.dumps(closed_croft.data).encode())
    assert json.loads(answer["Payload"].read()) == []
    assert_serves(closed_croft)
    assert closed_croft.stop() == 0


def test_a_function_cannot_take_the_invocations_of_another(croft, run):
    """Its Runtime API answers only on the port of its own worker; another worker's refuses who comes out of turn."""
    create(croft, "victim", package(f_py="import time, os\ndef handler(event, context):\n"
                                         "    print('port', os.environ['AWS_LAMBDA_RUNTIME_API'], flush=True)\n"
                                         "    time.sleep(event)\n    return 'mine'\n"))
    client = croft.client("lambda")
    client.invoke(FunctionName="victim", Payload=b"0")
    log = croft.run("functions", "logs", "victim").stdout
    port = log.split("port ")[1].split()[0]
    client.invoke(FunctionName="victim", InvocationType="Event", Payload=b"2")
    error, answer, _ = run("import urllib.request, urllib.error\n"
                           "def handler(port, context):\n"
                           "    got = []\n"
                           "    for path, body in [('next', None), ('guess/response', b'1'), ('guess/error', b'1')]:\n"
                           "        try:\n"
                           "            url = f'http://{port}/2018-06-01/runtime/invocation/{path}'\n"
                           "            urllib.request.urlopen(url, body, timeout=3); got.append(200)\n"
                           "        except urllib.error.HTTPError as e:\n            got.append(e.code)\n"
                           "    return got\n", event=port)
    assert error is None and len(answer) == 3 and not set(answer) & {200, 202}, answer
    assert json.loads(client.invoke(FunctionName="victim", Payload=b"0")["Payload"].read()) == "mine"


# What is in a package.

def zip_of(*entries):
    """Entries are (name, content, external attributes)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def bad_crc():
    data = bytearray(zip_of(("f.py", "x = 1\n" * 50, 0o644)))
    for magic, offset in [(b"PK\x03\x04", 14), (b"PK\x01\x02", 16)]:
        at = data.index(magic) + offset
        data[at:at + 4] = struct.pack("<I", 0xDEADBEEF)
    return bytes(data)


def bomb(megabytes):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("zeros", "w", force_zip64=True) as file:
            for _ in range(megabytes):
                file.write(bytes(1 << 20))
    return buffer.getvalue()


def liar():
    """Says that 260 MB are ten bytes."""
    data = bytearray(bomb(260))
    at = data.index(b"PK\x01\x02")
    data[at + 24:at + 28] = struct.pack("<I", 10)
    return bytes(data)


LINK = stat.S_IFLNK | 0o777
PACKAGES = {
    "traversal": lambda: zip_of(("../../evil.py", "x", 0o644)), "absolute": lambda: zip_of(("/tmp/evil.py", "x", 0o644)),
    "backslash": lambda: zip_of(("..\\..\\evil.py", "x", 0o644), ("a/../../../evil", "x", 0o644)),
    "link out": lambda: zip_of(("out", "/etc", LINK), ("out/evil", "x", 0o644)),
    "link up": lambda: zip_of(("up", "../../..", LINK)),
    "device": lambda: zip_of(("null", "", stat.S_IFCHR | 0o666)), "bad crc": bad_crc, "bomb": lambda: bomb(260), "liar": liar,
    "no zip": lambda: b"PK\x03\x04" + os.urandom(100), "empty": lambda: b"", "cut": lambda: package(f_py="x" * 1000)[:-30],
    "file below a file": lambda: zip_of(("a", "x", 0o644), ("a/b", "x", 0o644)),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_that_mean_no_good_are_refused_and_write_nothing_outside(croft, name):
    client = croft.client("lambda")
    before = memory_mb(croft)
    with pytest.raises(client.exceptions.ClientError) as refused:
        create(croft, "packed-" + name.replace(" ", "-"), PACKAGES[name]())
    error = refused.value.response["Error"]
    assert error["Code"] == "InvalidParameterValueException", error
    assert not list(pathlib.Path(croft.data).rglob("evil*")) and not pathlib.Path("/tmp/evil.py").exists()
    assert memory_mb(croft) - before < 100
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function(FunctionName="packed-" + name.replace(" ", "-"))


def test_of_a_name_that_is_twice_in_a_package_the_last_counts_or_it_is_refused(croft):
    twice = zip_of(("f.py", "def handler(e, c):\n    return 1\n", 0o644), ("f.py", "def handler(e, c):\n    return 2\n", 0o644))
    client = croft.client("lambda")
    try:
        create(croft, "twice", twice)
    except client.exceptions.InvalidParameterValueException:
        return
    assert json.loads(client.invoke(FunctionName="twice")["Payload"].read()) == 2
