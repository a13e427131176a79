"""What the tests of the Google Cloud Storage destination share: the emulator, and a work directory whose
output is a bucket. The emulator is read over plain HTTP, which knows nothing of rivet.
"""

import functools
import json
import os
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pytest

import store_support
import support

FAKE_URL = f"http://127.0.0.1:{os.environ.get('RIVET_FAKE_GCS_PORT', '4443')}"
# No credentials of the machine may decide a test.
NOBODY = {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "", "CLOUDSDK_CONFIG": "", "APPDATA": "", "GOOGLE_APPLICATION_CREDENTIALS": "",
          "GCE_METADATA_HOST": "127.0.0.1:9", "no_proxy": "*"}


class FakeGcs:
    """The emulator of dev/services.sh."""

    url = FAKE_URL

    def call(self, method, path, body=None, content_type="application/json"):
        request = urllib.request.Request(self.url + path, data=body, method=method, headers={"Content-Type": content_type})
        with urllib.request.urlopen(request, timeout=30 * support.PATIENCE) as answer:
            return answer.read()

    def is_up(self):
        try:
            self.call("GET", "/storage/v1/b?project=test")
            return True
        except OSError:
            return False

    def new_bucket(self):
        name = f"rivet-test-{uuid.uuid4().hex[:12]}"
        self.call("POST", "/storage/v1/b?project=test", json.dumps({"name": name}).encode())
        return name

    def resources(self, bucket, prefix=""):
        items, token = {}, ""
        while token is not None:
            answer = json.loads(self.call("GET", f"/storage/v1/b/{bucket}/o?prefix={urllib.parse.quote(prefix, safe='')}&pageToken={token}"))
            items.update({item["name"]: item for item in answer.get("items", [])})
            token = answer.get("nextPageToken")
        return items

    def read(self, bucket, name):
        return self.call("GET", f"/storage/v1/b/{bucket}/o/{urllib.parse.quote(name, safe='')}?alt=media")

    def visible(self, bucket, prefix=""):
        return {name[len(prefix):]: self.read(bucket, name) for name in self.resources(bucket, prefix)}

    def put(self, bucket, name, content):
        self.call("POST", f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={urllib.parse.quote(name, safe='')}", content,
                  "application/octet-stream")


@functools.cache
def fake_gcs():
    """The emulator; a missing one is a failure, never a skip: `dev/services.sh up fake-gcs`."""
    fake = FakeGcs()
    if not fake.is_up():
        pytest.fail(f"no emulator of Google Cloud Storage at {fake.url}: dev/services.sh up fake-gcs")
    return fake


class GcsWork(store_support.StoreWork):
    nobody = NOBODY

    def __init__(self, path, store, bucket="bucket", prefix="", **destination):
        super().__init__(path, store, bucket, prefix, {"type": "gcs", "allow_anonymous": True, **destination})

    def leftovers(self):
        return []
