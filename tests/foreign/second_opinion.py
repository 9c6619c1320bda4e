#!/usr/bin/env python3
"""The same questions to the local cloud and to another simulation of AWS, written by others: moto, or winterbaume.

    python tests/foreign/second_opinion.py --local target/debug/headend-local [--moto PYTHON_THAT_HAS_MOTO]
    python tests/foreign/second_opinion.py --local ... --winterbaume target/winterbaume/debug/winterbaume-second-opinion

Every answer in which the two differ must be explained in `docs/second-opinion.md`, under the other's name, in a row that
begins with the question's name; an explanation without a difference is wrong as well. The exit status is the verdict.
"""
import os
import re
import signal
import subprocess
import sys

# The modules beside this file leave nothing in the source tree.
sys.dont_write_bytecode = True

import boto3

import opinion_questions
import scripts
from local_cloud import HOME, LocalCloud

EXPLANATIONS = "docs/second-opinion.md"
SERVER = """
import sys, time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
server.start()
print("http://%s:%d" % server.get_host_and_port(), flush=True)
while sys.stdin.read(1):
    pass
server.stop()
"""


class Other:
    """A server of another simulation as a process of ours; it ends when its standard input does."""

    def __init__(self, command, cure):
        pipe = subprocess.PIPE
        self._cure = cure
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )

    def __enter__(self):
        # Some have things to say of their own first.
        lines = iter(self._process.stdout.readline, "")
        self.aws = next((line.strip() for line in lines if line.startswith("http://")), None)
        if self.aws is None:
            raise RuntimeError(f"it did not start; {self._cure}")
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)


def clients(endpoint):
    session = boto3.session.Session(
        aws_access_key_id="AKIASECONDOPINION", aws_secret_access_key="made-up", region_name=HOME
    )
    return lambda service: session.client(service, endpoint_url=endpoint)


def explained(path, whom):
    """The questions that the document has a row for, under this name."""
    with open(path, encoding="utf-8") as file:
        parts = re.split(r"^## (\w+)", file.read(), flags=re.MULTILINE)
    texts = dict(zip(parts[1::2], parts[2::2]))
    return set(re.findall(r"^\| `([^`]+)` \|", texts[whom], re.MULTILINE))


def verdict(ours, theirs, whom, known):
    wrong = 0
    differing = set()
    for question in ours:
        if ours[question] == theirs.get(question):
            print(f"ok {question}: {ours[question]}")
            continue
        differing.add(question)
        told = f"{question}: local cloud {ours[question]!r}, {whom} {theirs.get(question)!r}"
        if question in known:
            print(f"ok, explained: {told}")
        else:
            wrong += 1
            print(f"FAILED no explanation in {EXPLANATIONS} for {told}")
    for question in sorted(known - differing):
        wrong += 1
        print(f"FAILED {EXPLANATIONS} explains {question}, where there is no difference")
    print(f"{len(ours)} questions, {len(ours) - len(differing)} answers alike, {wrong} unexplained", flush=True)
    return wrong == 0 and len(ours) > 0


def main():
    options = scripts.parser(__doc__, speed=100)
    options.add_argument("--moto", default=sys.executable, help="a Python that has moto, flask and flask-cors")
    options.add_argument("--winterbaume", help="the program of tests/winterbaume: ask it instead of moto")
    asked = scripts.read(options)
    whom = "winterbaume" if asked.winterbaume else "moto"
    if asked.winterbaume:
        # DynamoDB it does not serve here, and its CloudWatch does not read JSON, in which boto3 speaks.
        without = (opinion_questions.table, opinion_questions.alarms)
        other = Other([asked.winterbaume], "see tests/winterbaume/Cargo.toml")
    else:
        without = ()
        other = Other([asked.moto, "-c", SERVER], "install it with: pip install moto flask flask-cors")
    with LocalCloud(asked.local, scripts.ROOT, asked.speed, asked.seed) as cloud:
        ours = opinion_questions.answers(clients(cloud.aws), without)
    with other:
        theirs = opinion_questions.answers(clients(other.aws), without)
    return 0 if verdict(ours, theirs, whom, explained(os.path.join(scripts.ROOT, EXPLANATIONS), whom)) else 1


if __name__ == "__main__":
    sys.exit(main())
