"""DynamoDB with AWS's JavaScript SDK v3 and its document client."""

import pathlib
import subprocess

NODE = pathlib.Path(__file__).resolve().parent.parent / "node"


def test_sdk_v3(croft):
    done = subprocess.run(["node", str(NODE / "tables.mjs")], env=croft.environment, capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stdout) == (0, "tables ok\n"), done.stderr
