"""S3 through boto3: buckets, objects, listings, multipart uploads, and what is refused.

Expectations are from the S3 API Reference unless a test says otherwise.
"""
import base64
import hashlib
import os
import uuid
import zlib

import pytest
from botocore.exceptions import ClientError

PART = 5 << 20
EARLIER = "Sat, 01 Jan 2000 00:00:00 GMT"
LATER = "Fri, 01 Jan 2100 00:00:00 GMT"
CUSTOMER_KEY = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture
def bucket(s3):
    name = "b-" + uuid.uuid4().hex[:12]
    s3.create_bucket(Bucket=name)
    yield name
    for upload in s3.list_multipart_uploads(Bucket=name).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        for entry in page.get("Contents", []):
            s3.delete_object(Bucket=name, Key=entry["Key"])
    s3.delete_bucket(Bucket=name)


def refused(call, **arguments):
    """The code and status of the refusal."""
    with pytest.raises(ClientError) as failure:
        call(**arguments)
    error = failure.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]


def keys(listing):
    return [entry["Key"] for entry in listing.get("Contents", [])]


# Buckets


def test_a_created_bucket_is_there(s3, bucket):
    s3.head_bucket(Bucket=bucket)
    assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None


def test_creating_ones_own_bucket_again_is_no_error_in_us_east_1(s3, bucket):
    s3.create_bucket(Bucket=bucket)


@pytest.mark.parametrize("name", ["Upper", "ab", "a..b", "-ab", "192.168.1.1", "xn--abc", "under_score"])
def test_names_that_break_the_rules_are_refused(client, name):
    from botocore.handlers import validate_bucket_name

    lenient = client("s3")
    lenient.meta.events.unregister("before-parameter-build.s3", validate_bucket_name)
    assert refused(lenient.create_bucket, Bucket=name) == ("InvalidBucketName", 400)


@pytest.mark.parametrize("more, answer", [
    ({"ACL": "public-read"}, ("InvalidBucketAclWithObjectOwnership", 400)),
    ({"GrantRead": "id=1"}, ("InvalidBucketAclWithObjectOwnership", 400)),
    ({"ObjectOwnership": "ObjectWriter"}, ("NotImplemented", 501)),
    ({"ObjectLockEnabledForBucket": True}, ("NotImplemented", 501)),
])
def test_only_private_buckets_are_made(s3, more, answer):
    name = "b-" + uuid.uuid4().hex[:12]
    assert refused(s3.create_bucket, Bucket=name, **more) == answer
    assert refused(s3.head_bucket, Bucket=name) == ("404", 404)


def test_a_private_bucket_may_be_asked_for(s3):
    name = "b-" + uuid.uuid4().hex[:12]
    s3.create_bucket(Bucket=name, ACL="private", ObjectOwnership="BucketOwnerEnforced", ObjectLockEnabledForBucket=False)
    s3.delete_bucket(Bucket=name)


def test_a_bucket_of_another_owner_is_closed(client, s3, bucket):
    account = client("sts").get_caller_identity()["Account"]
    other = "999999999999"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner=account)
    assert s3.get_object(Bucket=bucket, Key="k", ExpectedBucketOwner=account)["Body"].read() == b"x"
    s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/k", ExpectedSourceBucketOwner=account)

    denied = ("AccessDenied", 403)
    assert refused(s3.put_object, Bucket=bucket, Key="n", Body=b"", ExpectedBucketOwner=other) == denied
    assert refused(s3.get_object, Bucket=bucket, Key="k", ExpectedBucketOwner=other) == denied
    assert refused(s3.delete_object, Bucket=bucket, Key="k", ExpectedBucketOwner=other) == denied
    assert refused(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner=other) == denied
    assert refused(s3.get_bucket_tagging, Bucket=bucket, ExpectedBucketOwner=other) == denied
    assert refused(s3.head_bucket, Bucket=bucket, ExpectedBucketOwner=other) == ("403", 403)
    assert refused(s3.copy_object, Bucket=bucket, Key="n", CopySource=f"{bucket}/k",
                   ExpectedSourceBucketOwner=other) == denied
    assert keys(s3.list_objects_v2(Bucket=bucket)) == ["c", "k"]


def test_a_bucket_with_objects_stays(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert refused(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", 409)


def test_a_missing_bucket_is_named_as_missing(s3):
    assert refused(s3.head_bucket, Bucket="no-such-bucket") == ("404", 404)
    assert refused(s3.list_objects_v2, Bucket="no-such-bucket") == ("NoSuchBucket", 404)
    assert refused(s3.put_object, Bucket="no-such-bucket", Key="k", Body=b"x") == ("NoSuchBucket", 404)
    assert refused(s3.delete_bucket, Bucket="no-such-bucket") == ("NoSuchBucket", 404)


# Objects


@pytest.mark.parametrize("key", ["plain", "a b+c/d(e)!'*~.txt", "x//y", "ü/é/日本", "%2F%", "q?x=1&y", "/lead", "trail/"])
def test_any_key_is_stored_and_listed_as_it_is(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=b"bytes of " + key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"bytes of " + key.encode()
    assert keys(s3.list_objects_v2(Bucket=bucket)) == [key]


def test_what_was_said_of_an_object_comes_back(s3, bucket):
    body = b"hello"
    put = s3.put_object(
        Bucket=bucket, Key="k", Body=body, ContentType="text/plain", CacheControl="no-cache",
        ContentDisposition="inline", Metadata={"team": "plant"}, ServerSideEncryption="AES256", Tagging="a=1&b=2")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert put["ETag"] == head["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert head["ContentLength"] == 5
    assert head["ContentType"] == "text/plain"
    assert head["CacheControl"] == "no-cache"
    assert head["ContentDisposition"] == "inline"
    assert head["Metadata"] == {"team": "plant"}
    assert head["ServerSideEncryption"] == "AES256"
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [
        {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]


def test_a_missing_key_is_named_as_missing(s3, bucket):
    assert refused(s3.get_object, Bucket=bucket, Key="none") == ("NoSuchKey", 404)
    assert refused(s3.head_object, Bucket=bucket, Key="none") == ("404", 404)
    s3.delete_object(Bucket=bucket, Key="none")


@pytest.mark.parametrize("asked, expected, told", [
    ("bytes=0-3", b"0123", "bytes 0-3/10"), ("bytes=7-", b"789", "bytes 7-9/10"),
    ("bytes=-2", b"89", "bytes 8-9/10"), ("bytes=5-100", b"56789", "bytes 5-9/10")])
def test_a_range_is_a_part(s3, bucket, asked, expected, told):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    part = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    assert part["Body"].read() == expected
    assert part["ContentRange"] == told
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_a_range_behind_the_end_is_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    assert refused(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-") == ("InvalidRange", 416)


def test_a_range_may_cross_rows_and_parts_of_a_large_object(s3, bucket):
    body = os.urandom((3 << 20) + 17)
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    first, last = (1 << 20) - 3, (2 << 20) + 5
    part = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={first}-{last}")["Body"].read()
    assert part == body[first:last + 1]


def test_conditions_of_reads(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)
    assert refused(s3.get_object, Bucket=bucket, Key="k", IfMatch='"other"') == ("PreconditionFailed", 412)
    assert refused(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag)[1] == 304


def test_replacing_an_object_replaces_everything(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"long body", Metadata={"a": "1"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    read = s3.get_object(Bucket=bucket, Key="k")
    assert read["Body"].read() == b"new"
    assert read["Metadata"] == {}


def test_checksums_are_verified_and_given_back(s3, bucket):
    crc = base64.b64encode(zlib.crc32(b"data").to_bytes(4, "big")).decode()
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"data", ChecksumCRC32=crc)
    assert put["ChecksumCRC32"] == crc
    assert s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")["ChecksumCRC32"] == crc
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"data", ChecksumCRC32="AAAAAA==") == ("BadDigest", 400)
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"data", ContentMD5=wrong) == ("BadDigest", 400)
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"data", ContentMD5="x") == ("InvalidDigest", 400)


def test_copies_take_or_replace_the_metadata(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b", Body=b"x", Metadata={"m": "1"}, ContentType="text/plain")
    source = {"Bucket": bucket, "Key": "a b"}
    s3.copy_object(Bucket=bucket, Key="same", CopySource=source)
    s3.copy_object(Bucket=bucket, Key="new", CopySource=source, MetadataDirective="REPLACE", Metadata={"n": "2"})
    assert s3.get_object(Bucket=bucket, Key="same")["Metadata"] == {"m": "1"}
    assert s3.get_object(Bucket=bucket, Key="new")["Metadata"] == {"n": "2"}
    assert refused(s3.copy_object, Bucket=bucket, Key="a b", CopySource=source) == ("InvalidRequest", 400)


def test_copies_take_or_replace_the_tags(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", Tagging="t=1")
    source = {"Bucket": bucket, "Key": "a"}

    s3.copy_object(Bucket=bucket, Key="same", CopySource=source, MetadataDirective="REPLACE", Tagging="t=2")
    s3.copy_object(Bucket=bucket, Key="new", CopySource=source, TaggingDirective="REPLACE", Tagging="t=2")

    assert s3.get_object_tagging(Bucket=bucket, Key="same")["TagSet"] == [{"Key": "t", "Value": "1"}]
    assert s3.get_object_tagging(Bucket=bucket, Key="new")["TagSet"] == [{"Key": "t", "Value": "2"}]
    assert refused(s3.copy_object, Bucket=bucket, Key="new", CopySource=source,
                   TaggingDirective="x") == ("InvalidArgument", 400)


@pytest.mark.parametrize("condition, value, holds", [
    ("IfMatch", "etag", True), ("IfMatch", '"other"', False),
    ("IfNoneMatch", '"other"', True), ("IfNoneMatch", "etag", False),
    ("IfModifiedSince", EARLIER, True), ("IfModifiedSince", LATER, False),
    ("IfUnmodifiedSince", LATER, True), ("IfUnmodifiedSince", EARLIER, False),
])
def test_conditions_on_the_source_of_a_copy(s3, bucket, condition, value, holds):
    etag = s3.put_object(Bucket=bucket, Key="source", Body=b"x")["ETag"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    given = {"CopySource": f"{bucket}/source", "CopySource" + condition: etag if value == "etag" else value}
    part = {"Bucket": bucket, "Key": "big", "UploadId": upload, "PartNumber": 1, **given}

    if holds:
        s3.copy_object(Bucket=bucket, Key="copy", **given)
        s3.upload_part_copy(**part)
    else:
        assert refused(s3.copy_object, Bucket=bucket, Key="copy", **given) == ("PreconditionFailed", 412)
        assert refused(s3.upload_part_copy, **part) == ("PreconditionFailed", 412)
        assert keys(s3.list_objects_v2(Bucket=bucket)) == ["source"]
        assert "Parts" not in s3.list_parts(Bucket=bucket, Key="big", UploadId=upload)


def test_an_etag_outweighs_a_date_on_the_source_of_a_copy(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    source = f"{bucket}/a"

    s3.copy_object(Bucket=bucket, Key="b", CopySource=source, CopySourceIfMatch=etag, CopySourceIfUnmodifiedSince=EARLIER)
    with pytest.raises(ClientError) as failure:
        s3.copy_object(Bucket=bucket, Key="c", CopySource=source, CopySourceIfNoneMatch=etag,
                       CopySourceIfModifiedSince=EARLIER)

    error = failure.value.response["Error"]
    assert (error["Message"], error["Condition"]) == ("At least one of the pre-conditions you specified did not hold",
                                                      "x-amz-copy-source-If-None-Match")
    assert keys(s3.list_objects_v2(Bucket=bucket)) == ["a", "b"]


def test_many_objects_are_deleted_in_one_call(s3, bucket):
    for key in ("a", "b & c", "d"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b & c"}, {"Key": "none"}]})
    assert [d["Key"] for d in deleted["Deleted"]] == ["a", "b & c", "none"]
    assert keys(s3.list_objects_v2(Bucket=bucket)) == ["d"]


def test_presigned_urls_read_without_credentials(client, bucket, s3):
    import urllib.request

    s3.put_object(Bucket=bucket, Key="a b", Body=b"x")
    signer = client("s3")
    signer.meta.events.register("choose-signer.s3.GetObject", lambda **_: "s3v4")  # else boto3 presigns with version 2
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"x"


# Listings


def test_listings_fold_at_the_delimiter(s3, bucket):
    for key in ("a/1", "a/2", "b/1", "c", "d/x/y"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert keys(top) == ["c"]
    assert [p["Prefix"] for p in top["CommonPrefixes"]] == ["a/", "b/", "d/"]
    below = s3.list_objects_v2(Bucket=bucket, Delimiter="/", Prefix="d/")
    assert [p["Prefix"] for p in below["CommonPrefixes"]] == ["d/x/"]
    assert keys(s3.list_objects_v2(Bucket=bucket, StartAfter="a/2")) == ["b/1", "c", "d/x/y"]


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_pages_tell_everything_once(s3, bucket, operation, delimiter):
    names = [f"{folder}/{i}" for folder in "abc" for i in range(3)] + ["x", "y z"]
    for key in names:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    arguments = {"Delimiter": delimiter} if delimiter else {}
    pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": 2}, **arguments)
    found, prefixes = [], []
    for page in pages:
        found += keys(page)
        prefixes += [p["Prefix"] for p in page.get("CommonPrefixes", [])]
    assert found == (["x", "y z"] if delimiter else names)
    assert prefixes == (["a/", "b/", "c/"] if delimiter else [])


# Multipart uploads


def test_parts_become_one_object(s3, bucket):
    parts = [os.urandom(PART), b"the end"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big", ContentType="text/x", Metadata={"m": "1"})["UploadId"]
    etags = {}
    for number in (2, 1):  # in any order
        answer = s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=number, Body=parts[number - 1])
        etags[number] = answer["ETag"]
    listed = s3.list_parts(Bucket=bucket, Key="big", UploadId=upload)["Parts"]
    assert [(p["PartNumber"], p["Size"]) for p in listed] == [(1, PART), (2, 7)]
    done = s3.complete_multipart_upload(
        Bucket=bucket, Key="big", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": n, "ETag": etags[n]} for n in (1, 2)]})
    digest = hashlib.md5(b"".join(hashlib.md5(p).digest() for p in parts)).hexdigest()
    assert done["ETag"] == f'"{digest}-2"'
    read = s3.get_object(Bucket=bucket, Key="big")
    assert read["Body"].read() == b"".join(parts)
    assert (read["ContentType"], read["Metadata"]) == ("text/x", {"m": "1"})
    across = s3.get_object(Bucket=bucket, Key="big", Range=f"bytes={PART - 2}-{PART + 2}")["Body"].read()
    assert across == parts[0][-2:] + b"the"
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_what_cannot_be_completed_is_refused(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    etags = [s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2)]

    def complete(*parts):
        return refused(
            s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": n, "ETag": e} for n, e in parts]})

    assert complete((1, etags[0]), (2, etags[1])) == ("EntityTooSmall", 400)
    assert complete((2, etags[1]), (1, etags[0])) == ("InvalidPartOrder", 400)
    assert complete((1, '"other"')) == ("InvalidPart", 400)
    assert complete((3, etags[0])) == ("InvalidPart", 400)
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    assert complete((1, etags[0])) == ("NoSuchUpload", 404)


def test_a_part_can_be_copied(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    copied = s3.upload_part_copy(
        Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, CopySource=f"{bucket}/source",
        CopySourceRange="bytes=2-4")["CopyPartResult"]
    s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": copied["ETag"]}]})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"234"


# Configuration of buckets


def test_documents_are_stored_and_given_back(s3, bucket):
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    assert refused(s3.get_public_access_block, Bucket=bucket) == ("NoSuchPublicAccessBlockConfiguration", 404)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == block
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "1"}]
    s3.delete_bucket_tagging(Bucket=bucket)
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)


def test_what_croft_would_not_act_on_is_refused(s3, bucket):
    assert refused(s3.put_bucket_versioning, Bucket=bucket,
                   VersioningConfiguration={"Status": "Enabled"}) == ("NotImplemented", 501)
    assert refused(s3.put_object_legal_hold, Bucket=bucket, Key="k",
                   LegalHold={"Status": "ON"}) == ("NotImplemented", 501)
    assert keys(s3.list_objects_v2(Bucket=bucket)) == []


def test_customer_keys_and_part_numbers_of_reads_are_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]

    assert refused(s3.get_object, Bucket=bucket, Key="k", **CUSTOMER_KEY) == ("InvalidRequest", 400)
    assert refused(s3.head_object, Bucket=bucket, Key="k", **CUSTOMER_KEY) == ("400", 400)
    assert refused(s3.upload_part, Bucket=bucket, Key="big", UploadId=upload, PartNumber=1, Body=b"x",
                   **CUSTOMER_KEY) == ("NotImplemented", 501)
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"y", **CUSTOMER_KEY) == ("NotImplemented", 501)
    assert refused(s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{bucket}/k", CopySourceSSECustomerAlgorithm="AES256",
                   CopySourceSSECustomerKey="k" * 32) == ("InvalidRequest", 400)
    assert refused(s3.get_object, Bucket=bucket, Key="k", PartNumber=1) == ("NotImplemented", 501)
    assert refused(s3.head_object, Bucket=bucket, Key="k", PartNumber=1) == ("501", 501)
    assert keys(s3.list_objects_v2(Bucket=bucket)) == ["k"]
