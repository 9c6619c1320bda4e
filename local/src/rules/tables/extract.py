#!/usr/bin/env python3
"""Writes the interface tables in this folder from botocore's service models.

The local cloud parses requests, checks them and writes answers by these tables: operations, members,
names on the wire, required members, enums, bounds. Only the operations listed below are taken, with
the shapes they reach. botocore is licensed under Apache-2.0, as this project is.

Run `python3 extract.py` with botocore installed to take over a newer model.
"""
import glob
import gzip
import json
import os
import re

import botocore

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(botocore.__file__), "data")

OPERATIONS = {
    "medialive": """CreateInputSecurityGroup DescribeInputSecurityGroup ListInputSecurityGroups UpdateInputSecurityGroup
        DeleteInputSecurityGroup CreateInput DescribeInput ListInputs UpdateInput DeleteInput CreateChannel DescribeChannel
        ListChannels UpdateChannel UpdateChannelClass DeleteChannel StartChannel StopChannel RestartChannelPipelines
        BatchUpdateSchedule DescribeSchedule DeleteSchedule ListAlerts
        CreateTags ListTagsForResource DeleteTags""",
    "mediapackage": """CreateChannel DescribeChannel ListChannels UpdateChannel DeleteChannel
        CreateOriginEndpoint DescribeOriginEndpoint ListOriginEndpoints
        UpdateOriginEndpoint DeleteOriginEndpoint RotateIngestEndpointCredentials TagResource UntagResource ListTagsForResource""",
    "cloudfront": """CreateDistribution CreateDistributionWithTags GetDistribution GetDistributionConfig UpdateDistribution
        DeleteDistribution ListDistributions TagResource UntagResource ListTagsForResource""",
    "cloudwatch": """PutMetricAlarm DescribeAlarms DeleteAlarms SetAlarmState TagResource UntagResource ListTagsForResource
        ListMetrics GetMetricStatistics GetMetricData""",
    "secretsmanager": """CreateSecret GetSecretValue PutSecretValue DescribeSecret DeleteSecret RestoreSecret ListSecrets
        GetRandomPassword TagResource UntagResource""",
    "sts": "GetCallerIdentity",
    "events": "PutEvents",
}


def load(service):
    path = sorted(glob.glob(os.path.join(DATA, service, "*", "service-2.json*")))[-1]
    with gzip.open(path) if path.endswith(".gz") else open(path) as f:
        return json.load(f)


def bounds(name, shape):
    """MediaLive and MediaPackage write their bounds into the names of shapes: __integerMin0Max100."""
    low, high, kind = shape.get("min"), shape.get("max"), shape["type"]
    found = re.match(r"__(?:integer|double|string|long)(?:Min(Negative)?(\d+))?(?:Max(\d+))?", name)
    if found and kind != "list":
        if found.group(2):
            low = int(found.group(2)) * (-1 if found.group(1) else 1)
        if found.group(3):
            high = int(found.group(3))
    return low, high


def member(name, m):
    place = m.get("location")
    wire = m.get("locationName", name)
    if place == "header":
        wire = name
    out = {"shape": m["shape"]}
    if place:
        out["in"] = place
    if place == "header":
        out["header"] = m.get("locationName", name)
    if m.get("xmlNamespace"):
        out["xmlns"] = m["xmlNamespace"]["uri"]
    return wire, out


def convert(name, shape):
    out = {"type": shape["type"]}
    low, high = bounds(name, shape)
    if low is not None:
        out["min"] = low
    if high is not None:
        out["max"] = high
    if shape.get("enum"):
        out["enum"] = shape["enum"]
    if shape.get("sensitive"):
        out["sensitive"] = True
    if shape.get("timestampFormat"):
        out["format"] = shape["timestampFormat"]
    if shape["type"] == "structure":
        wires = {n: member(n, m) for n, m in shape["members"].items()}
        out["members"] = dict(wires.values())
        if shape.get("required"):
            out["required"] = [wires[n][0] for n in shape["required"]]
        if shape.get("payload"):
            out["payload"] = wires[shape["payload"]][0]
    if shape["type"] == "list":
        out["of"] = shape["member"]["shape"]
        if shape["member"].get("locationName"):
            out["item"] = shape["member"]["locationName"]
        if shape.get("flattened"):
            out["flattened"] = True
    if shape["type"] == "map":
        out["of"] = shape["value"]["shape"]
    return out


def table(service):
    model = load(service)
    shapes = model["shapes"]
    meta = model["metadata"]
    taken, errors, operations = {}, {}, {}

    def take(name):
        if name in taken:
            return
        taken[name] = None
        taken[name] = out = convert(name, shapes[name])
        for m in out.get("members", {}).values():
            take(m["shape"])
        if "of" in out:
            take(out["of"])

    for name in sorted(OPERATIONS[service].split()):
        op = model["operations"][name]
        out = {"method": op["http"]["method"], "uri": op["http"]["requestUri"]}
        if op["http"].get("responseCode", 200) != 200:
            out["status"] = op["http"]["responseCode"]
        for way in ("input", "output"):
            if way in op:
                out[way] = op[way]["shape"]
                take(op[way]["shape"])
        if op.get("input", {}).get("locationName"):
            out["root"] = op["input"]["locationName"]
        for e in op.get("errors", []):
            error = shapes[e["shape"]].get("error", {})
            status = error.get("httpStatusCode", 500 if shapes[e["shape"]].get("fault") else 400)
            code = error.get("code", e["shape"])
            errors[e["shape"]] = {"status": status} | ({"code": code} if code != e["shape"] else {})
        operations[name] = out
    head = {
        "service": service,
        "source": f"botocore {botocore.__version__}",
        "version": meta["apiVersion"],
        "protocol": meta["protocol"],
        "target": meta.get("targetPrefix", ""),
        "xmlns": meta.get("xmlNamespace", ""),
    }
    if service == "cloudfront":
        head["xmlns"] = f"http://cloudfront.amazonaws.com/doc/{meta['apiVersion']}/"
    return head, operations, taken, errors


def line(value):
    return json.dumps(value, separators=(",", ":"))


def rows(table):
    return ",\n".join(f"  {line(k)}:{line(v)}" for k, v in sorted(table.items()))


for service in OPERATIONS:
    head, operations, shapes, errors = table(service)
    with open(os.path.join(HERE, f"{service}.json"), "w") as f:
        f.write("{\n")
        f.write(",\n".join(f"{line(k)}:{line(v)}" for k, v in head.items()))
        for title, part in (("operations", operations), ("errors", errors), ("shapes", shapes)):
            f.write(f',\n"{title}":{{\n{rows(part)}\n}}')
        f.write("\n}\n")
