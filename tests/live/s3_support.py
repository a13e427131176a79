"""What the tests of the S3 destination share: the real server of dev/services.sh, and a work directory
whose output is a bucket. The server is read through boto3, which knows nothing of rivet.
"""

import functools
import os
import uuid

import boto3
import botocore.config
import botocore.exceptions
import pytest

import store_support

PORT = int(os.environ.get("RIVET_S3_PORT", "9000"))
URL = f"http://127.0.0.1:{PORT}"
ACCESS_KEY, SECRET_KEY = "minioadmin", "minioadmin"
KEY_FIELDS = {"access_key_env": "RIVET_TEST_S3_ACCESS_KEY", "secret_key_env": "RIVET_TEST_S3_SECRET_KEY"}
# No credentials of the machine may decide a test.
NOBODY = {"HOME": "/nonexistent", "AWS_CONFIG_FILE": "/nonexistent/config", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials",
          "AWS_EC2_METADATA_DISABLED": "true", "no_proxy": "*"}
os.environ.update({"RIVET_TEST_S3_ACCESS_KEY": ACCESS_KEY, "RIVET_TEST_S3_SECRET_KEY": SECRET_KEY, "AWS_EC2_METADATA_DISABLED": "true"})


class S3Server:
    url = URL

    def __init__(self):
        self.client = boto3.client(
            "s3", endpoint_url=URL, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name="us-east-1",
            config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}, max_pool_connections=50))

    def new_bucket(self):
        name = f"rivet-test-{uuid.uuid4().hex[:12]}"
        self.client.create_bucket(Bucket=name)
        return name

    def resources(self, bucket, prefix=""):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {item["Key"]: item for page in pages for item in page.get("Contents", []) if not item["Key"].endswith("/")}

    def read(self, bucket, key):
        return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()

    def visible(self, bucket, prefix=""):
        return {key[len(prefix):]: self.read(bucket, key) for key in self.resources(bucket, prefix)}

    def open_uploads(self, bucket, prefix=""):
        answer = self.client.list_multipart_uploads(Bucket=bucket, Prefix=prefix)
        return [upload["Key"] for upload in answer.get("Uploads", [])]

    def put(self, bucket, key, content):
        self.client.put_object(Bucket=bucket, Key=key, Body=content)


@functools.cache
def s3_server():
    """The server; a missing one is a failure, never a skip: `dev/services.sh up s3`."""
    server = S3Server()
    try:
        server.client.list_buckets()
    except botocore.exceptions.BotoCoreError as error:
        pytest.fail(f"no S3 server at {URL}: dev/services.sh up s3 ({error})")
    return server


class S3Work(store_support.StoreWork):
    nobody = NOBODY

    def __init__(self, path, store, bucket="bucket", prefix="", **destination):
        super().__init__(path, store, bucket, prefix, {"type": "s3", "region": "us-east-1", **KEY_FIELDS, **destination})

    def leftovers(self):
        return self.store.open_uploads(self.bucket, self.prefix)


class ScriptedWork(S3Work):
    """Before a scripted_s3.ScriptedS3, with its first key."""

    def __init__(self, path, store, **destination):
        access_key, (secret_key, _) = next(iter(store.keys.items())) if store.keys else ("none", ("none", None))
        self.keys = {"SCRIPTED_ACCESS_KEY": access_key, "SCRIPTED_SECRET_KEY": secret_key}
        super().__init__(path, store, store.bucket,
                         **{"access_key_env": "SCRIPTED_ACCESS_KEY", "secret_key_env": "SCRIPTED_SECRET_KEY", **destination})

    def leftovers(self):
        return self.store.open_uploads(self.prefix)

    def run(self, *arguments, env=None, **options):
        return super().run(*arguments, env={**self.keys, **(env or {})}, **options)
