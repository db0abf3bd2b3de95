"""Keeps one row for each device: whether it is connected, since when, and why not.

Lifecycle events may arrive twice and in any order. Both events of one connection carry the same versionNumber, and the
next connection a higher one, so (version, kind) puts them in order: connected 7 < disconnected 7 < connected 8. A write
happens only when its event comes later in that order than the one the row shows.
"""

import os

import boto3
from botocore.exceptions import ClientError

# A device that stayed away for an hour starts again with version 0, as AWS IoT documents.
VERSION_RESET_MS = 3_600_000

table = boto3.resource("dynamodb").Table(os.environ["STATUS_TABLE"])


def on_connected(event, context):
    return save(event, "connected", reason=None)


def on_disconnected(event, context):
    return save(event, "disconnected", reason=event.get("disconnectReason", "UNKNOWN"))


def save(event, status, reason):
    client_id, version, time = event["clientId"], event["versionNumber"], event["timestamp"]
    is_connected = status == "connected"
    values = {
        ":status": status,
        ":is_connected": is_connected,
        ":since": time,
        ":version": version,
        ":place": place_of(version, is_connected),
        ":away": False,
        ":long_ago": time - VERSION_RESET_MS,
    }
    change = "SET #status = :status, is_connected = :is_connected, since = :since, version = :version, place = :place"
    if reason is None:
        change += " REMOVE reason"
    else:
        change += ", reason = :reason"
        values[":reason"] = reason
    is_newer = "attribute_not_exists(id) OR place < :place OR (is_connected = :away AND since <= :long_ago)"
    try:
        table.update_item(
            Key={"id": client_id},
            UpdateExpression=change,
            ConditionExpression=is_newer,
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=values,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        print(f"dropped {status} {version} of {client_id}: the row is newer")
        return {"id": client_id, "saved": False}
    print(f"{client_id} is {status}, version {version}")
    return {"id": client_id, "saved": True}


def place_of(version, is_connected):
    """Where an event stands in the life of its client."""
    return 2 * version + (0 if is_connected else 1)
