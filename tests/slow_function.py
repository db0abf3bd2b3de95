"""A function that takes its time: what stands behind it in a rule is not done yet when croft is killed."""

import io
import zipfile

CODE = """
import time
def handler(event, context):
    time.sleep(0.3)
"""


def deploy_slow(croft):
    """Its ARN; rules may call it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("f.py", CODE)
    functions = croft.client("lambda")
    made = functions.create_function(FunctionName="slow", Runtime="python3.11", Role="arn:aws:iam::000000000000:role/r",
                                     Handler="f.handler", Code={"ZipFile": archive.getvalue()})
    functions.add_permission(FunctionName="slow", StatementId="s", Action="lambda:InvokeFunction", Principal="iot.amazonaws.com")
    return made["FunctionArn"]
