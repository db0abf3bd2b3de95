"""A function that judges connections, and what signs in to it."""

import base64
import io
import json
import urllib.parse
import zipfile

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from mqtt_wire import V5, connect, text

ACCOUNT = "000000000000"
ARN = f"arn:aws:iot:us-east-1:{ACCOUNT}:"

# Answers by what stands before the `?` of the user name; remembers its last event in its own log.
HANDLER = '''
import base64, json, time

def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}

def allow(action, resource):
    return {"Effect": "Allow", "Action": "iot:" + action, "Resource": "arn:aws:iot:us-east-1:000000000000:" + resource}

def handler(event, context):
    print("EVENT " + json.dumps(event, sort_keys=True))
    mqtt = event["protocolData"].get("mqtt", {})
    user = mqtt.get("username", "").split("?")[0]
    password = base64.b64decode(mqtt.get("password", "")).decode(errors="replace")
    if user == "broken":
        raise KeyError("top-secret")
    if user == "slow":
        time.sleep(6)
    if user == "garbage":
        return "yes"
    if user == "short":
        return {"isAuthenticated": True, "principalId": "p", "policyDocuments": [], "disconnectAfterInSeconds": 10}
    if password != "open sesame" and event.get("token") != "good token":
        return {"isAuthenticated": False}
    own = document(allow("Connect", "client/${iot:ClientId}"), allow("Publish", "topic/own/${iot:ClientId}"),
                   allow("Subscribe", "topicfilter/own/*"), allow("Receive", "topic/own/*"), allow("Publish", "topic/http/*"))
    if user == "noconnect":
        own = document(allow("Publish", "topic/*"))
    return {"isAuthenticated": True, "principalId": "user1", "disconnectAfterInSeconds": 3600, "refreshAfterInSeconds": 300,
            "policyDocuments": [json.dumps(own), document({"Effect": "Deny", "Action": "iot:Publish", "Sid": "Closed",
                                "Resource": "arn:aws:iot:us-east-1:000000000000:topic/own/closed"})]}
'''


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


KEY, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


def sign(token, key=KEY, digest=hashes.SHA256()):
    return base64.b64encode(key.sign(token.encode(), padding.PKCS1v15(), digest)).decode()


def deploy(croft, name, source_arn=None):
    """The function's ARN; authorizers of that ARN may call it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", HANDLER)
    client = croft.client("lambda")
    made = client.create_function(FunctionName=name, Runtime="python3.11", Handler="index.handler", Timeout=10,
                                  Role=f"arn:aws:iam::{ACCOUNT}:role/judge", Code={"ZipFile": archive.getvalue()})
    if source_arn:
        client.add_permission(FunctionName=name, StatementId="iot", Action="lambda:InvokeFunction", SourceAccount=ACCOUNT,
                              Principal="iot.amazonaws.com", SourceArn=source_arn)
    return made["FunctionArn"]


def make_authorizers(croft, function):
    """`open` asks for no signature, `signed` for one of two keys."""
    iot = croft.client("iot")
    iot.create_authorizer(authorizerName="open", authorizerFunctionArn=function, signingDisabled=True, tokenKeyName="tok")
    iot.create_authorizer(authorizerName="signed", authorizerFunctionArn=function, tokenKeyName="tok",
                          tokenSigningPublicKeys={"old": pem(OTHER), "new": pem(KEY)})
    return iot


def sign_in(client_id, version=V5, user=None, password=None, name=None, **parameters):
    """A CONNECT; the parameters become the query string of the user name."""
    if name:
        parameters = {"x-amz-customauthorizer-name": name, **{k.replace("signature", "x-amz-customauthorizer-signature"): v
                                                              for k, v in parameters.items()}}
        user = (user or "") + "?" + urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote)
    flags = (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
    behind = (text(user) if user is not None else b"") + (text(password) if password is not None else b"")
    return connect(client_id, version, will=behind, flags=flags)


def why(croft, client_id):
    return json.loads(croft.run("devices", "why", client_id, "--json").stdout)["refusals"]


def last_event(croft):
    lines = [line for line in croft.run("functions", "logs", "judge").stdout.splitlines() if "EVENT " in line]
    return json.loads(lines[-1].split("EVENT ", 1)[1]), len(lines)
