"""A local cloud for tests with foreign clients: starts it, speaks to both of its doors, stops it, keeps the verdict.

Knows nothing of what a platform is made of. Nothing here is modified in boto3: clients get an endpoint, a region and
made-up credentials, and that is all.
"""
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.request

import boto3
from botocore.exceptions import ClientError, WaiterError

HOME = "eu-west-1"
US_EAST_1 = "us-east-1"
READY_SECS = 60
STOP_SECS = 30
REQUEST_SECS = 30
POLL_SECS = 0.5

# The machine's own AWS settings and proxies must not reach the clients.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


def recording():
    """A new file for what the next local cloud records, when HEADEND_RECORDINGS names a folder for such files."""
    folder = os.environ.get("HEADEND_RECORDINGS")
    if not folder:
        return None
    script = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    file, path = tempfile.mkstemp(prefix=f"{script}-", suffix=".jsonl", dir=folder)
    os.close(file)
    return path


class LocalCloud:
    """The local cloud as a process of ours; use it with `with`."""

    def __init__(self, binary, root, speed, seed, record=None, parameters=(), options=()):
        self.speed = speed
        # Opened twice: reading must not move the place where the cloud writes.
        self._log = tempfile.NamedTemporaryFile(mode="r", suffix=".log")
        command = [binary, "--port=0", "--aws-port=0", f"--speed={speed}", f"--seed={seed}"]
        command.append(f"--functions={os.path.dirname(binary)}")
        command.extend(f"--parameter={parameter}" for parameter in parameters)
        command.extend(options)
        record = record or recording()
        if record is not None:
            command.append(f"--record={record}")
        # SIGINT of a terminal is ours to handle: the cloud is stopped at the end, once.
        with open(self._log.name, "ab") as log:
            self._process = subprocess.Popen(
                command, cwd=root, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
            )
        self.stopped_with = None

    def __enter__(self):
        try:
            words = dict(word.split("=", 1) for word in self._first_line().split()[1:])
            self.api, self.aws = words["api"], words["aws"]
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def _first_line(self):
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self._process.stdout.readline()), daemon=True).start()
        try:
            line = lines.get(timeout=READY_SECS)
        except queue.Empty:
            raise RuntimeError(f"the local cloud was not ready after {READY_SECS} s:\n{self.log_tail()}") from None
        if not line.startswith("ready "):
            raise RuntimeError(f"the local cloud said {line!r} instead of its addresses:\n{self.log_tail()}")
        return line

    def stop(self):
        """SIGTERM, so that it ends its functions too; a kill only when that has no effect."""
        if self.stopped_with is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self.stopped_with = self._process.wait(timeout=STOP_SECS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.stopped_with = f"no end within {STOP_SECS} s of SIGTERM ({self._process.wait()})"

    def log_tail(self, lines=40):
        self._log.seek(0)
        return "".join(self._log.readlines()[-lines:])

    def client(self, service, region=HOME):
        session = boto3.session.Session(
            aws_access_key_id="AKIAFOREIGNCLIENT000", aws_secret_access_key="made-up", region_name=region
        )
        return session.client(service, endpoint_url=self.aws)

    def rest(self, method, path, body=None, **headers):
        """One call of our own API: (status, JSON document)."""
        return request(method, self.api + path, body, **headers)

    def control(self, method, route, document=None):
        """One call of the local cloud's own routes, which AWS does not have."""
        body = None if document is None else json.dumps(document)
        status, answer = request(method, f"{self.aws}/_headend/{route}", body)
        if status != 200:
            raise RuntimeError(f"{method} /_headend/{route} answered {status}: {answer}")
        return answer

    def real_secs(self, account_secs):
        """How long something of the account takes here."""
        return account_secs / self.speed


def request(method, url, body=None, **headers):
    """`if_match="*"` is the header If-Match."""
    asked = urllib.request.Request(url, method=method, data=None if body is None else body.encode())
    for name, value in headers.items():
        asked.add_header(name.replace("_", "-"), value)
    if body is not None:
        asked.add_header("content-type", "application/json")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=REQUEST_SECS) as answer:
            return answer.status, json.loads(answer.read() or "null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or "null")


class Report:
    """One line for each check, and the verdict."""

    def __init__(self):
        self.passed = 0
        self.failed = []

    def holds(self, what, condition, detail=""):
        if condition:
            self.passed += 1
            print(f"ok {what}", flush=True)
        else:
            self.failed.append(what)
            print(f"FAILED {what}: {detail}" if detail != "" else f"FAILED {what}", flush=True)
        return bool(condition)

    def equal(self, what, found, expected):
        return self.holds(what, found == expected, f"expected {expected!r}, found {found!r}")

    def until(self, what, look, reached, patience):
        """Looks again and again, for `patience` seconds at most, until what it sees is `reached`; answers with that.

        The bound only ends a test that would hang; it measures nothing.
        """
        end = time.monotonic() + patience
        seen = look()
        while not reached(seen) and time.monotonic() < end:
            time.sleep(POLL_SECS)
            seen = look()
        self.holds(what, reached(seen), f"not within {patience:.0f} s, last seen: {seen!r}")
        return seen

    def waits(self, what, client, waiter, delay, attempts, **arguments):
        """One of boto3's own waiters."""
        try:
            client.get_waiter(waiter).wait(WaiterConfig={"Delay": delay, "MaxAttempts": attempts}, **arguments)
        except WaiterError as error:
            return self.holds(what, False, error)
        return self.holds(what, True)

    def refused(self, client, code, status, operation, **arguments):
        """The call must end in the exception class that boto3 made of AWS's model, or at least in its code."""
        what = f"{client.meta.service_model.service_id} {operation} is refused with {code} ({status})"
        try:
            answer = getattr(client, operation)(**arguments)
        except ClientError as error:
            told, metadata = error.response["Error"], error.response["ResponseMetadata"]
            self.equal(what, (told["Code"], metadata["HTTPStatusCode"]), (code, status))
            modelled = any(shape.name == code for shape in client.meta.service_model.error_shapes)
            if modelled:
                self.equal(f"  and boto3 knows its class {code}", type(error), client.exceptions.from_code(code))
            self.holds("  and says why, with a request id", told.get("Message") and metadata.get("RequestId"), error.response)
            return
        self.holds(what, False, f"it was accepted: {answer}")

    def part(self, name, run, *arguments):
        """One part of the story; what nobody expected there is a failed check, and the next part follows."""
        print(f"-- {name}", flush=True)
        try:
            return run(*arguments)
        except Exception as error:  # every kind of surprise is a verdict here
            traceback.print_exc()
            self.holds(f"{name}: to the end", False, f"{type(error).__name__}: {error}")
            return None
