"""What is measured: our functions and the peers, with their environments and events."""
import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The id that the events in events/ name.
EVENTS_ID = "p-0123456789ab"
STACK = "headend"
FUNCTIONS = sorted(os.listdir(f"{ROOT}/functions"))


class Subject:
    def __init__(self, name, command, binary=None):
        self.name, self.command, self.binary = name, command, binary or command[0]

    def size(self):
        return os.path.getsize(self.binary)


def ours(folder):
    return [Subject(name, [f"{folder}/{name}/bootstrap"]) for name in FUNCTIONS]


def environment(aws, endpoint, authority, queue_url, table):
    """What Lambda and the template set; `endpoint` with TLS or without, which needs no authority."""
    # Ours and boto3 read the first of these, Node the second, Rust with the SDK's defaults the third.
    names = ("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
    trusted = {name: authority for name in names} if authority else {}
    return trusted | {
        "_HANDLER": "bootstrap",
        "AWS_ACCESS_KEY_ID": aws["key"],
        "AWS_SECRET_ACCESS_KEY": aws["secret"],
        "AWS_SESSION_TOKEN": "local-session-token",
        "AWS_REGION": aws["region"],
        "AWS_DEFAULT_REGION": aws["region"],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
        "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "TZ": ":UTC",
        "HEADEND_STACK": STACK,
        "HEADEND_TABLE": table,
        "HEADEND_WAKEUPS_QUEUE_URL": queue_url,
        "HEADEND_PLAYBACK_URL_PATTERN": "https://{domain}",
        "HEADEND_MEDIALIVE_ROLE_ARN": "arn:aws:iam::123456789012:role/bench",
        "HEADEND_SECRETS_ROLE_ARN": "arn:aws:iam::123456789012:role/bench",
        "HEADEND_ARCHIVE_BUCKET": "bench",
        "HEADEND_BUS": "bench",
    }


def event(file, platform):
    """An event of events/ that is about this platform."""
    with open(f"{ROOT}/events/{file}.json") as text:
        return text.read().replace(EVENTS_ID, platform)


def player_config(platform):
    return event("player-config", platform).encode()


def listed(number):
    """GET of the first so many platforms."""
    asked = json.loads(event("describe-platform", "p-0123456789ab"))
    asked |= {"rawPath": "/platforms", "routeKey": "GET /platforms", "rawQueryString": f"limit={number}"}
    asked["queryStringParameters"] = {"limit": str(number)}
    asked["requestContext"] |= {"routeKey": "GET /platforms"}
    asked["requestContext"]["http"]["path"] = "/platforms"
    asked.pop("pathParameters", None)
    return json.dumps(asked).encode()


def described(platform):
    """GET of one platform, of all, of the timeline, and of one that is not there."""
    one = json.loads(event("describe-platform", platform))
    alike = []
    for path, route in (
        (f"/platforms/{platform}", "GET /platforms/{id}"),
        ("/platforms", "GET /platforms"),
        (f"/platforms/{platform}/timeline", "GET /platforms/{id}/timeline"),
        ("/platforms/p-zzzzzzzzzzzz", "GET /platforms/{id}"),
    ):
        other = json.loads(json.dumps(one))
        other |= {"rawPath": path, "routeKey": route}
        other["requestContext"] |= {"routeKey": route}
        other["requestContext"]["http"]["path"] = path
        other.pop("pathParameters", None)
        if "{id}" in route:
            other["pathParameters"] = {"id": path.split("/")[2]}
        alike.append(json.dumps(other).encode())
    return alike
