"""What MediaPackage, Secrets Manager and CloudFront say of a live platform, and after its teardown."""
import json
from urllib.parse import urlsplit

from botocore.exceptions import ClientError
from local_cloud import US_EAST_1

CACHE_MEDIAPACKAGE = "08627262-05a9-4f76-9ded-b50ca2e3a84f"
IDENTIFIER = "X-MediaPackage-CDNIdentifier"
PACKAGERS = {"hls": "HlsPackage", "dash": "DashPackage", "cmaf": "CmafPackage"}


def endpoints(cloud, slots):
    """Format -> endpoint as MediaPackage describes it."""
    client = cloud.client("mediapackage")
    return {kind: client.describe_origin_endpoint(Id=slots[f"endpoint/{kind}"]["id"]) for kind in PACKAGERS}


def playback_urls(found):
    """Format -> MediaPackage's own playback URL; a CMAF endpoint's own URL is only a base (aws-facts 2.4)."""
    cmaf = [manifest["Url"] for manifest in found["cmaf"]["CmafPackage"]["HlsManifests"]]
    return {"hls": found["hls"]["Url"], "dash": found["dash"]["Url"], "cmaf": cmaf[0]}


def cdn_identifier(cloud, slots):
    secret = cloud.client("secretsmanager").get_secret_value(SecretId=slots["secret"]["arn"])
    return json.loads(secret["SecretString"])["MediaPackageCDNIdentifier"]


def packaging(report, cloud, platform):
    slots = platform.slots()
    client = cloud.client("mediapackage")
    channel = client.describe_channel(Id=slots["packaging"]["id"])
    ingest = channel["HlsIngest"]["IngestEndpoints"]
    report.equal("the packaging channel has two ingest endpoints", len({each["Url"] for each in ingest}), 2)
    listed = client.list_origin_endpoints(ChannelId=slots["packaging"]["id"])["OriginEndpoints"]
    found = endpoints(cloud, slots)
    report.equal("three origin endpoints", sorted(each["Id"] for each in listed), sorted(each["Id"] for each in found.values()))
    for kind, endpoint in found.items():
        asked = platform.spec["endpoints"][kind]
        packagers = [name for name in (*PACKAGERS.values(), "MssPackage") if endpoint.get(name)]
        report.equal(f"{kind}: one packager, its own", packagers, [PACKAGERS[kind]])
        segment = endpoint[PACKAGERS[kind]]["SegmentDurationSeconds"]
        shape = (endpoint["StartoverWindowSeconds"], segment, endpoint["Origination"])
        wanted = (asked["startoverSeconds"], asked["segmentSeconds"], "ALLOW")
        report.equal(f"{kind}: start-over, segments, origination", shape, wanted)
        authorization = endpoint.get("Authorization", {})
        secret = authorization.get("CdnIdentifierSecret")
        report.equal(f"{kind}: authorized by the platform's secret", secret, slots["secret"]["arn"])
        role = authorization.get("SecretsRoleArn", "")
        report.holds(f"{kind}: with a role that reads it", role.startswith("arn:aws:iam::") and ":role/" in role, role)
    value = cdn_identifier(cloud, slots)
    report.holds("the secret's value has 8 to 128 characters", 8 <= len(value) <= 128, len(value))
    shown = json.dumps([platform.show(), platform.timeline()])
    report.holds("and is shown nowhere by the API", value not in shown)


def delivery(report, cloud, platform):
    slots = platform.slots()
    client = cloud.client("cloudfront", US_EAST_1)
    wanted = slots["distribution"]["id"]
    attempts = int(60 + cloud.real_secs(1800)) // 2
    report.waits("boto3's waiter distribution_deployed agrees", client, "distribution_deployed", 2, attempts, Id=wanted)
    distribution = client.get_distribution(Id=wanted)["Distribution"]
    config = distribution["DistributionConfig"]
    report.equal("the distribution is Deployed and enabled", (distribution["Status"], config["Enabled"]), ("Deployed", True))
    found = endpoints(cloud, slots)
    urls = playback_urls(found)
    origin(report, config, urls, cdn_identifier(cloud, slots))
    behaviours(report, config, urls)
    expected = {kind: f"https://{distribution['DomainName']}{urlsplit(url).path}" for kind, url in urls.items()}
    told = {each["format"]: each["url"] for each in platform.show()["playback"]}
    report.equal("the API's playback URLs are MediaPackage's paths on the distribution", told, expected)


def origin(report, config, urls, identifier):
    origins = config["Origins"]["Items"]
    report.equal("two origins", (config["Origins"]["Quantity"], len(origins)), (2, 2))
    by_id = {each["Id"]: each for each in origins}
    other = by_id.pop(config["DefaultCacheBehavior"]["TargetOriginId"])
    report.equal("what no behaviour is for gets no secret", other["CustomHeaders"]["Quantity"], 0)
    (only,) = by_id.values()
    report.equal("the packaging host", {each["DomainName"] for each in origins}, {urlsplit(url).hostname for url in urls.values()})
    report.equal("no path of its own", only.get("OriginPath", ""), "")
    headers = {each["HeaderName"]: each["HeaderValue"] for each in only["CustomHeaders"].get("Items", [])}
    report.holds("its one header carries the secret's value", headers == {IDENTIFIER: identifier}, sorted(headers))
    report.equal("https to the origin", only["CustomOriginConfig"]["OriginProtocolPolicy"], "https-only")
    report.equal("no origin groups", config.get("OriginGroups", {}).get("Quantity", 0), 0)


def behaviours(report, config, urls):
    """Exactly one for each endpoint, and no leftovers (aws-facts 3.5)."""
    items = config["CacheBehaviors"].get("Items", [])
    patterns = {kind: "/".join(urlsplit(url).path.split("/")[:4]) + "/*" for kind, url in urls.items()}
    report.holds("endpoints differ by their guid", len(set(patterns.values())) == 3, patterns)
    counted = (config["CacheBehaviors"]["Quantity"], sorted(each["PathPattern"] for each in items))
    report.equal("one behaviour for each endpoint, by its /out/v1/<guid>/*", counted, (3, sorted(patterns.values())))
    default = config["DefaultCacheBehavior"]
    targets = {each["TargetOriginId"] for each in items}
    report.holds("one origin for all endpoints, another for the rest", len(targets) == 1 and default["TargetOriginId"] not in targets, targets)
    for each in [*items, default]:
        name = each.get("PathPattern", "the default behaviour")
        report.equal(f"{name}: MediaPackage's cache policy", each.get("CachePolicyId"), CACHE_MEDIAPACKAGE)
        report.holds(f"{name}: https only", each["ViewerProtocolPolicy"] in ("redirect-to-https", "https-only"))
        old = [setting for setting in ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL") if setting in each]
        report.equal(f"{name}: no settings of the time before policies", old, [])
    longest = max((each.get("ErrorCachingMinTTL", 10) for each in config["CustomErrorResponses"].get("Items", [])), default=10)
    report.equal("errors are kept for a second", longest, 1)


def gone(report, cloud, slots):
    package = cloud.client("mediapackage")
    refused(report, "the packaging channel", "NotFoundException", package.describe_channel, Id=slots["packaging"]["id"])
    for kind in PACKAGERS:
        wanted = slots[f"endpoint/{kind}"]["id"]
        refused(report, f"endpoint/{kind}", "NotFoundException", package.describe_origin_endpoint, Id=wanted)
    front = cloud.client("cloudfront", US_EAST_1)
    refused(report, "the distribution", "NoSuchDistribution", front.get_distribution, Id=slots["distribution"]["id"])
    pages = front.get_paginator("list_distributions").paginate()
    report.equal("no distribution is listed", [item for page in pages for item in page["DistributionList"].get("Items", [])], [])
    secrets = cloud.client("secretsmanager")
    refused(report, "the secret", "ResourceNotFoundException", secrets.get_secret_value, SecretId=slots["secret"]["arn"])


def refused(report, what, code, call, **arguments):
    try:
        found = call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
    report.equal(f"{what} is not found any more", found, code)
