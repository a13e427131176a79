"""A work directory whose output is a bucket of a store."""

import shutil

import support


class StoreWork(support.Work):
    """As support.Work; `output` is what the bucket holds at this moment, fetched into a directory."""

    destination = None
    # No credentials of the machine may decide a test.
    nobody = {}

    def __init__(self, path, store, bucket, prefix, destination):
        self.store, self.bucket, self.prefix = store, bucket, prefix
        self.destination = {"bucket": bucket, **({"prefix": prefix} if prefix else {}), "endpoint": store.url, **destination}
        super().__init__(path)

    @property
    def output(self):
        mirror = self.path / "mirror"
        shutil.rmtree(mirror, ignore_errors=True)
        mirror.mkdir()
        for name, content in self.store.visible(self.bucket, self.prefix).items():
            place = mirror / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return mirror

    @output.setter
    def output(self, _):
        pass

    def run(self, *arguments, env=None, **options):
        return super().run(*arguments, env={**self.nobody, **(env or {})}, **options)
