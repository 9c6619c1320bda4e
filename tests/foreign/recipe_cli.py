#!/usr/bin/env python3
"""The recipe as a whole, corrected as aws-facts section 6 says, with the unmodified AWS CLI: from nothing to nothing.

    python tests/foreign/recipe_cli.py --local target/debug/headend-local

Makes everything, waits with the CLI's own `wait` commands, starts the channel, looks at all of it as the recipe does,
stops it and removes everything in the order that AWS demands. What the account does not simulate is left out, and said.
The CLI is the `aws` beside this Python (pip installs it as `awscli`), or the one on the PATH, or `--aws`.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

# The modules beside this file leave nothing in the source tree.
sys.dont_write_bytecode = True

from botocore import xform_name

import recipe
import recipe_cleanup
import recipe_repairs
import scripts
from local_cloud import HOME, US_EAST_1, LocalCloud, Report
from recipe_names import NAMES, VISIBLE_SECS, learned, manifest

COMMAND_SECS = 150
POLL_SECS = 1.0
# A metric's first datapoints, and the end of everything that AWS does by and by, in the account's time.
METRIC_SECS, PURGE_SECS = 300, 600
INPUTS = ("RTMP_INPUT_ID", "HLS_INPUT_ID", "RTP_INPUT_ID")
NOT_SIMULATED = (
    "secretsmanager get-random-password: the suffix is fixed",
    "s3 mb, versioning, life cycle, website and rb: buckets come from the stack's template",
    "iam create-role, put-role-policy, get-role and their deletion: role ARNs are made up, and not looked at",
    "the pages and pictures behind the URLs: nothing plays",
)


class Refused(Exception):
    """A command of the CLI that did not end well."""


class Cli:
    """The AWS CLI as a user starts it, with an endpoint instead of Amazon's."""

    def __init__(self, program, cloud, folder):
        self.program = program
        self.cloud = cloud
        self.folder = folder
        settings = {
            "AWS_ENDPOINT_URL": cloud.aws,
            "AWS_REGION": HOME,
            "AWS_DEFAULT_REGION": HOME,
            "AWS_ACCESS_KEY_ID": "AKIARECIPECLI",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_CONFIG_FILE": os.path.join(folder, "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": os.path.join(folder, "no-credentials"),
            "AWS_PAGER": "",
        }
        self.environment = {**os.environ, **settings}

    def start(self, *words):
        """Starts a command and does not wait for it; see `end`."""
        pipe = subprocess.PIPE
        return subprocess.Popen([self.program, *words], env=self.environment, stdout=pipe, stderr=pipe, text=True)

    def end(self, command):
        try:
            out, err = command.communicate(timeout=COMMAND_SECS)
        except subprocess.TimeoutExpired:
            command.kill()
            raise Refused(f"{words(command)}: no end within {COMMAND_SECS} s") from None
        if command.returncode != 0:
            raise Refused(f"{words(command)}: status {command.returncode}: {err.strip()}")
        return out

    def text(self, *words):
        """What a command prints."""
        return self.end(self.start(*words, "--output", "text")).strip()

    def json(self, *words):
        return json.loads(self.end(self.start(*words, "--output", "json")) or "{}")

    def wait(self, service, waiter, *words):
        self.end(self.start(service, "wait", waiter, *words))
        print(f"ok aws {service} wait {waiter} {' '.join(words)}", flush=True)

    def wait_inputs(self, waiter, ids):
        """The same wait for several inputs, side by side."""
        for command in [self.start("medialive", "wait", waiter, "--input-id", each) for each in ids]:
            self.end(command)
        print(f"ok aws medialive wait {waiter} --input-id {' '.join(ids)}", flush=True)

    def refused(self, report, code, *words):
        """The command must end badly and name this code."""
        command = self.start(*words)
        _, err = command.communicate(timeout=COMMAND_SECS)
        what = f"{' '.join(words[:2])} is refused with {code}"
        report.holds(what, command.returncode != 0 and f"({code})" in err, f"status {command.returncode}: {err.strip()}")

    def create(self, service, operation, request, *words):
        """One of the recipe's requests."""
        path = os.path.join(self.folder, "request.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(request, file)
        return self.json(service, xform_name(operation, "-"), "--cli-input-json", f"file://{path}", *words)


def words(command):
    return "aws " + " ".join(command.args[1:])


def prepare(cli, report):
    for left_out in NOT_SIMULATED:
        print(f"-- not simulated, left out: {left_out}")
    account = cli.text("sts", "get-caller-identity", "--query", "Account")
    report.holds("the account has a number", account.isdigit(), account)
    buckets = cli.text("s3api", "list-buckets", "--query", "Buckets[].Name").split()
    archive = [name for name in buckets if "archive" in name.lower()]
    report.holds("there is a bucket for the archive", archive, buckets)
    return {**NAMES, "BUCKET": archive[0]}


def build(cli, report, names):
    """Steps 2 to 8 of the recipe. Answers with the wait for CloudFront, which goes on meanwhile."""
    deployed = None
    for step, (service, operation, request) in recipe_repairs.repaired().items():
        if step == "channel":
            cli.wait_inputs("input-detached", [names[name] for name in INPUTS])
            time.sleep(cli.cloud.real_secs(VISIBLE_SECS))
        # CloudFront's metrics are in us-east-1 only (65), and so is its alarm.
        region = US_EAST_1 if step == "delivery alarm" else HOME
        for pipeline in ("0", "1") if step == "input alarm" else ("0",):
            filled = recipe.filled(request, {**names, "PIPELINE": pipeline})
            answer = cli.create(service, operation, filled, "--region", region)
            names.update(learned(step, answer))
            if service == "cloudwatch":
                cli.wait(service, "alarm-exists", "--alarm-names", filled["AlarmName"], "--region", region)
        report.holds(f"made: {step}", True)
        if step == "channel":
            cli.wait("medialive", "channel-created", "--channel-id", names["CHANNEL_ID"])
        if step == "distribution":
            deployed = cli.start("cloudfront", "wait", "distribution-deployed", "--id", names["DISTRIBUTION_ID"])
    return deployed


def go_on_air(cli, report, names):
    channel = ("--channel-id", names["CHANNEL_ID"])
    cli.json("medialive", "start-channel", *channel)
    cli.wait("medialive", "channel-running", *channel)
    cli.wait_inputs("input-attached", [names[name] for name in INPUTS])
    running = lambda: cli.text("medialive", "describe-channel", *channel, "--query", "PipelinesRunningCount")
    report.until("both pipelines run (76)", running, lambda count: count == "2", 60)


def look(cli, report, names):
    """The recipe's chapter of validation, with an expectation for each look."""
    query = "{State:State,Inputs:InputAttachments[].InputId,Groups:length(EncoderSettings.OutputGroups)}"
    seen = cli.json("medialive", "describe-channel", "--channel-id", names["CHANNEL_ID"], "--query", query)
    expected = {"State": "RUNNING", "Inputs": [names[name] for name in INPUTS], "Groups": 2}
    report.equal("the channel runs with its inputs and groups", seen, expected)
    group = ("--input-security-group-id", names["GROUP_ID"], "--query", "[State,WhitelistRules[0].Cidr]")
    rules = cli.json("medialive", "describe-input-security-group", *group)
    report.equal("its security group is in use", rules, ["IN_USE", "198.51.100.7/32"])
    push = ("--input-id", names["RTMP_INPUT_ID"], "--query", "Destinations[].Url")
    urls = cli.json("medialive", "describe-input", *push)
    endings = [url.split("/", 3)[3] for url in urls]
    report.equal("the RTMP URLs hold the stream names and want nothing more (77)", endings, ["r1s2t3u4/a", "r1s2t3u4/b"])
    endings = []
    for packager, suffix in (("HLS", "hls-advanced"), ("DASH", "dash-drm"), ("CMAF", "cmaf-ll")):
        endpoint = cli.json("mediapackage", "describe-origin-endpoint", "--id", f"package-channel-{names['SUFFIX']}-{suffix}")
        endings.append(manifest(endpoint).split(names[f"{packager}_PATH"] + "/")[1])
    report.equal("the manifests' URLs (16, 48, 49)", endings, ["master.m3u8", "manifest.mpd", "low-latency/ll.m3u8"])
    dimensions = [f"Name=ChannelId,Value={names['CHANNEL_ID']}", "Name=Pipeline,Value=0"]
    window = ("--start-time", "2020-01-01T00:00:00Z", "--end-time", "2100-01-01T00:00:00Z", "--period", "86400")
    metric = ("--namespace", "AWS/MediaLive", "--metric-name", "ActiveOutputs", "--statistics", "Maximum", *window)
    dimensions.append("Name=OutputGroupName,Value=MediaPackage-ABR")
    points = lambda: cli.json("cloudwatch", "get-metric-statistics", *metric, "--dimensions", *dimensions)["Datapoints"]
    patience = 60 + cli.cloud.real_secs(METRIC_SECS)
    report.until("the metric with all of its dimensions has datapoints (68)", points, lambda found: found, patience)


def publish(cli, report, names, deployed):
    """Step 9, in a bucket of the stack, and the addresses once CloudFront has them everywhere (60)."""
    page = os.path.join(cli.folder, "index.html")
    with open(page, "w", encoding="utf-8") as file:
        file.write("<!doctype html><title>player</title>\n")
    place = f"s3://{names['BUCKET']}/recipe/index.html"
    cli.end(cli.start("s3", "cp", page, place, "--content-type", "text/html", "--cache-control", "max-age=300"))
    cli.end(deployed)
    print("ok aws cloudfront wait distribution-deployed", flush=True)
    query = "Distribution.{Status:Status,Origins:DistributionConfig.Origins.Quantity,Domain:DomainName}"
    seen = cli.json("cloudfront", "get-distribution", "--id", names["DISTRIBUTION_ID"], "--query", query)
    report.equal("the distribution is deployed, with one origin (50)", (seen["Status"], seen["Origins"]), ("Deployed", 1))
    return place


def story(cli, report):
    names = prepare(cli, report)
    deployed = build(cli, report, names)
    try:
        go_on_air(cli, report, names)
        look(cli, report, names)
        page = publish(cli, report, names, deployed)
    finally:
        if deployed.poll() is None:
            deployed.kill()
    cli.end(cli.start("s3", "rm", page))
    recipe_cleanup.everything(cli, report, names)
    left = lambda: cli.cloud.control("GET", "inventory")
    report.until("nothing is left in the account", left, lambda found: found == [], 60 + cli.cloud.real_secs(PURGE_SECS))


def main():
    options = scripts.parser(__doc__, speed=100)
    beside = os.path.join(os.path.dirname(sys.executable), "aws")
    program = beside if os.path.exists(beside) else shutil.which("aws")
    options.add_argument("--aws", default=program, help="the AWS CLI")
    asked = scripts.read(options)
    if asked.aws is None:
        sys.exit("there is no AWS CLI; install it with: pip install awscli")
    report = Report()
    with LocalCloud(asked.local, scripts.ROOT, asked.speed, asked.seed) as cloud, tempfile.TemporaryDirectory() as folder:
        cli = Cli(asked.aws, cloud, folder)
        report.part("the recipe", story, cli, report)
        if report.failed:
            print(f"-- the last lines of the local cloud's log:\n{cloud.log_tail()}", flush=True)
    report.equal("the local cloud ends well on SIGTERM", cloud.stopped_with, 0)
    print(f"{report.passed} checks passed, {len(report.failed)} failed", flush=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
