"""SQS with AWS's JavaScript SDK v3, which speaks JSON and checks every digest."""

import pathlib
import subprocess

NODE = pathlib.Path(__file__).resolve().parent.parent / "node"


def test_sdk_v3(croft):
    done = subprocess.run(["node", str(NODE / "queues.mjs")], env=croft.environment, capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stdout) == (0, "queues ok\n"), done.stderr
