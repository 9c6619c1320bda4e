"""The account that everything is measured against: a local cloud with one platform that is ready, behind TLS."""
import json
import os
import sys
import time

from subjects import ROOT, environment
from tls_front import TlsFront

sys.path.insert(0, f"{ROOT}/tests/foreign")
from local_cloud import HOME, LocalCloud  # noqa: E402

# Fast enough that CloudFront's minutes are a second or two.
SPEED = 300
READY_SECS = 60
AMAZON_ROOTS = f"{ROOT}/shared/aws-store/src/amazon-roots.pem"
SYSTEM_ROOTS = "/etc/ssl/certs/ca-certificates.crt"


class Scene:
    """Use it with `with`."""

    def __init__(self, local, folder):
        self.folder = folder
        self._cloud = LocalCloud(local, ROOT, SPEED, 1)

    def __enter__(self):
        self._cloud.__enter__()
        self.platform = self._ready_platform()
        self.front = TlsFront(self._cloud.aws, self.folder)
        table = self._cloud.client("dynamodb").list_tables()["TableNames"][0]
        queues = self._cloud.client("sqs").list_queues()["QueueUrls"]
        queue = next(url for url in queues if url.endswith("wake-ups"))
        aws = {"key": "AKIAFOREIGNCLIENT000", "secret": "made-up", "region": HOME}
        # As many roots as the functions have of their own, and ours.
        roots = self._bundle("roots.pem", AMAZON_ROOTS)
        self.tls = environment(aws, self.front.url, roots, queue, table)
        # Nothing that is kept is fresh for long enough to be handed out again.
        self.reading = self.tls | {"HEADEND_TIME_SCALE": "1e9"}
        self.plain = environment(aws, self.front.plain_url, None, queue, table)
        # What a function would do that trusts what the operating system trusts.
        self.system = dict(self.tls)
        self.system["AWS_CA_BUNDLE"] = self._bundle("system.pem", SYSTEM_ROOTS)
        return self

    def __exit__(self, *_):
        self._cloud.stop()

    def client(self, service):
        return self._cloud.client(service)

    def _bundle(self, name, roots):
        path = os.path.join(self.folder, name)
        with open(path, "w") as bundle:
            for source in (roots, self.front.authority):
                with open(source) as pem:
                    bundle.write(pem.read())
        return path

    def _ready_platform(self):
        with open(f"{ROOT}/events/create-platform-minimal.json") as file:
            asked = json.load(file)
        status, made = self._cloud.rest("POST", "/platforms", asked["body"], Idempotency_Key="bench")
        if status != 202:
            raise RuntimeError(f"the platform was answered {status}: {made}")
        end = time.monotonic() + READY_SECS
        while time.monotonic() < end:
            _, seen = self._cloud.rest("GET", f"/platforms/{made['id']}")
            if seen["phase"] == "Ready":
                return made["id"]
            time.sleep(0.5)
        raise RuntimeError(f"the platform was not ready after {READY_SECS} s: {seen}")
