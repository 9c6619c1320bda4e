"""What is wrong with the recipe's requests, by the numbers of aws-facts section 6, and how each is put right.

Each repair changes its own mistake and nothing else, so that any one of them can be left out. They run in the order
of their numbers. What is wrong with the shell around the requests is put right where they are sent (`recipe_cli.py`).
"""
import copy

import recipe

# Each of these is refused by AWS when it alone is left in (kind REJECT): number -> (the request that is refused,
# status, code, what the refusal names). A missing or impossible value is 400, what MediaLive's validation of the
# encoder finds is 422 (aws-facts 1.1, 1.7, 1.8), MediaPackage knows 422 only (2.1).
REJECTED = {
    9: ("rtmp input", 400, "BadRequestException", "destinations"),
    10: ("channel", 422, "UnprocessableEntityException", "SINGLE_PIPELINE"),
    16: ("hls endpoint", 422, "UnprocessableEntityException", "manifestName"),
    17: ("cmaf endpoint", 422, "UnprocessableEntityException", "timeDelaySeconds"),
    28: ("channel", 400, "BadRequestException", "destinations[1]"),
    32: ("channel", 400, "BadRequestException", "H264_LEVEL_3_0"),
    33: ("channel", 422, "UnprocessableEntityException", "H264_LEVEL_3"),
    34: ("channel", 422, "UnprocessableEntityException", "BASELINE"),
    35: ("channel", 422, "UnprocessableEntityException", "parControl"),
    37: ("channel", 422, "UnprocessableEntityException", "containerSettings"),
    40: ("channel", 422, "UnprocessableEntityException", "captionDescriptions[0]"),
    44: ("distribution", 400, "InvalidArgument", "MinTTL"),
}

ELEMENTAL_MEDIAPACKAGE_CACHE = "08627262-05a9-4f76-9ded-b50ca2e3a84f"
SIMPLE_CORS = "60669652-455b-4ae9-85a4-c4c02393f86c"
ERRORS_CACHED_FOR_1_S = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)


def repaired(but=None):
    """Step -> (service, operation, request): the recipe with all of its mistakes put right, `but` one."""
    steps = copy.deepcopy(recipe.as_typed())
    requests = Requests(steps)
    for number in sorted(REPAIRS):
        if number != but:
            REPAIRS[number](requests)
    return steps


class Requests:
    """The requests by their steps, and the places in them that several repairs need."""

    def __init__(self, steps):
        self.steps = steps

    def __getitem__(self, step):
        return self.steps[step][2]

    def endpoints(self):
        return [self[f"{packager} endpoint"] for packager in ("hls", "dash", "cmaf")]

    def encoder(self):
        return self["channel"]["EncoderSettings"]

    def h264(self):
        return [video["CodecSettings"]["H264Settings"] for video in self.encoder()["VideoDescriptions"]]

    def outputs(self):
        return [output for group in self.encoder()["OutputGroups"] for output in group["Outputs"]]

    def distribution(self):
        return self["distribution"]["DistributionConfigWithTags"]["DistributionConfig"]

    def origins(self):
        return self.distribution()["Origins"]["Items"]

    def behaviours(self):
        config = self.distribution()
        return [config["DefaultCacheBehavior"], *config["CacheBehaviors"]["Items"]]


def encoders_addresses(requests):
    requests["group"]["WhitelistRules"] = [{"Cidr": "198.51.100.7/32"}]


def public_addresses(requests):
    requests["internal group"]["WhitelistRules"] = [{"Cidr": "198.51.100.64/32"}, {"Cidr": "198.51.100.65/32"}]


def stream_names(requests):
    requests["rtmp input"]["Destinations"] = [{"StreamName": "${SUFFIX}/a"}, {"StreamName": "${SUFFIX}/b"}]


def second_source(requests):
    requests["hls input"]["Sources"].append({"Url": "https://example.com/stream-b.m3u8"})


def live_source(requests):
    network = {"HlsInputSettings": {"BufferSegments": 3}}
    requests["channel"]["InputAttachments"][1]["InputSettings"]["NetworkInputSettings"] = network


def attach_rtp(requests):
    attached = {"InputId": "${RTP_INPUT_ID}", "InputAttachmentName": "professional-rtp"}
    requests["channel"]["InputAttachments"].append({**attached, "InputSettings": {"SourceEndBehavior": "CONTINUE"}})


def request_ids(requests):
    for step in ("rtmp input", "hls input", "rtp input"):
        requests[step]["RequestId"] = "${SUFFIX}-${ATTEMPT}-" + step.replace(" ", "-")


def no_drm_key(requests):
    """The secret becomes what somebody reads: the CDN's identifier (22, 54)."""
    requests["secret"]["Name"] = "cdn-identifier-${SUFFIX}"
    requests["secret"]["Description"] = "What the CDN shows to MediaPackage"
    requests["secret"]["SecretString"] = '{"MediaPackageCDNIdentifier":"${CDN_IDENTIFIER}"}'


def manifest_names(requests):
    hls, dash, cmaf = requests.endpoints()
    hls["ManifestName"], dash["ManifestName"], cmaf["ManifestName"] = "master", "manifest", "index"
    cmaf["CmafPackage"]["HlsManifests"][0]["ManifestName"] = "ll"


def no_cmaf_delay(requests):
    del requests["cmaf endpoint"]["TimeDelaySeconds"]


def sliding_playlists(requests):
    requests["hls endpoint"]["HlsPackage"]["PlaylistType"] = "NONE"
    requests["cmaf endpoint"]["CmafPackage"]["HlsManifests"][0]["PlaylistType"] = "NONE"


def gop_divides_segment(requests):
    for h264 in requests.h264():
        h264["GopSize"] = 60


def no_false_drm(requests):
    requests["dash endpoint"]["Tags"]["DRM"] = "None"


def origins_authorization(requests):
    for endpoint in requests.endpoints():
        endpoint["Authorization"] = {"CdnIdentifierSecret": "${SECRET_ARN}", "SecretsRoleArn": "${SECRETS_ROLE}"}


def no_delay(requests):
    for endpoint in requests.endpoints()[:2]:
        del endpoint["TimeDelaySeconds"]


def no_ad_periods(requests):
    del requests["dash endpoint"]["DashPackage"]["PeriodTriggers"]


def channel_class(requests):
    requests["channel"]["ChannelClass"] = "STANDARD"


def uhd_source(requests):
    requests["channel"]["InputSpecification"]["Resolution"] = "UHD"


def no_false_backup(requests):
    """A push and a pull input can be no failover pair: switching is somebody's decision."""
    requests["channel"]["InputAttachments"][1]["InputAttachmentName"] = "remote-hls"


def archive_urls(requests):
    urls = ["s3ssl://${BUCKET}/archives/${SUFFIX}/p0/archive", "s3ssl://${BUCKET}/archives/${SUFFIX}/p1/archive"]
    destination = requests["channel"]["Destinations"][1]
    del destination["S3Settings"]
    destination["Settings"] = [{"Url": url} for url in urls]


def no_surround(requests):
    encoder = requests.encoder()
    encoder["AudioDescriptions"] = [each for each in encoder["AudioDescriptions"] if each["Name"] == "audio_stereo"]
    for output in requests.outputs():
        output["AudioDescriptionNames"] = ["audio_stereo"]


def audio_selector(requests):
    for attached in requests["channel"]["InputAttachments"]:
        attached["InputSettings"]["AudioSelectors"] = [{"Name": "default"}]


def level_names(requests):
    names = {"H264_LEVEL_3_0": "H264_LEVEL_3", "H264_LEVEL_2_0": "H264_LEVEL_2"}
    for h264 in requests.h264():
        h264["Level"] = names.get(h264["Level"], h264["Level"])


def levels_high_enough(requests):
    for h264 in requests.h264():
        if h264["Level"] in ("H264_LEVEL_3", "H264_LEVEL_2"):
            h264["Level"] = "H264_LEVEL_AUTO"


def main_profile(requests):
    for h264 in requests.h264():
        if h264["Profile"] == "BASELINE":
            h264["Profile"] = "MAIN"


def square_pixels(requests):
    for h264 in requests.h264():
        h264.update({"ParControl": "SPECIFIED", "ParNumerator": 1, "ParDenominator": 1})


def container(requests):
    written = requests.encoder()["OutputGroups"][1]["Outputs"][0]["OutputSettings"]["ArchiveOutputSettings"]
    written["ContainerSettings"] = {"M2tsSettings": {}}


def rollover(requests):
    group = requests.encoder()["OutputGroups"][1]["OutputGroupSettings"]["ArchiveGroupSettings"]
    group["RolloverInterval"] = 300


def system_clock(requests):
    requests.encoder()["TimecodeConfig"]["Source"] = "SYSTEMCLOCK"


def no_captions(requests):
    del requests.encoder()["CaptionDescriptions"]


def channel_request_id(requests):
    requests["channel"]["RequestId"] = "${SUFFIX}-${ATTEMPT}-channel"


def caller_reference(requests):
    requests.distribution()["CallerReference"] = "streaming-distribution-${SUFFIX}"


def no_ttls(requests):
    for behaviour in requests.behaviours():
        for name in ("MinTTL", "DefaultTTL", "MaxTTL"):
            del behaviour[name]


def caching(requests):
    for behaviour in requests.behaviours():
        behaviour["CachePolicyId"] = ELEMENTAL_MEDIAPACKAGE_CACHE


def no_origin_request_policy(requests):
    for behaviour in requests.behaviours():
        del behaviour["OriginRequestPolicyId"]


def empty_origin_path(requests):
    for origin in requests.origins():
        origin["OriginPath"] = ""


def one_origin(requests):
    config = requests.distribution()
    config["Origins"] = recipe.listed(config["Origins"]["Items"][:1])
    for behaviour in requests.behaviours():
        behaviour["TargetOriginId"] = config["Origins"]["Items"][0]["Id"]


def path_patterns(requests):
    packagers = ("DASH", "CMAF", "HLS")
    for behaviour, packager in zip(requests.distribution()["CacheBehaviors"]["Items"], packagers):
        behaviour["PathPattern"] = "${" + packager + "_PATH}/*"


def reading_only(requests):
    for behaviour in requests.behaviours():
        behaviour["AllowedMethods"] = recipe.methods(["GET", "HEAD", "OPTIONS"])


def no_old_signers(requests):
    for behaviour in requests.behaviours():
        del behaviour["TrustedSigners"]


def cdn_identifier(requests):
    for origin in requests.origins():
        origin["CustomHeaders"]["Items"][0]["HeaderValue"] = "${CDN_IDENTIFIER}"


def http_port(requests):
    for origin in requests.origins():
        origin["CustomOriginConfig"]["HTTPPort"] = 80


def default_certificate(requests):
    requests.distribution()["ViewerCertificate"] = {"CloudFrontDefaultCertificate": True}


def cors(requests):
    for behaviour in requests.behaviours():
        behaviour["ResponseHeadersPolicyId"] = SIMPLE_CORS


def errors_soon_forgotten(requests):
    responses = [{"ErrorCode": code, "ErrorCachingMinTTL": 1} for code in ERRORS_CACHED_FOR_1_S]
    requests.distribution()["CustomErrorResponses"] = recipe.listed(responses)


def distribution_tags(requests):
    tags = [{"Key": "Name", "Value": "streaming-distribution-${SUFFIX}"}]
    requests["distribution"]["DistributionConfigWithTags"]["Tags"]["Items"] = tags


def a_metric_there_is(requests):
    alarm = requests["input alarm"]
    alarm.update(MetricName="InputVideoFrameRate", Threshold=1, ComparisonOperator="LessThanThreshold")


def per_pipeline(requests):
    """One alarm for each pipeline: this one is the first's, `recipe_cli.py` makes the other."""
    alarm = requests["input alarm"]
    alarm["AlarmName"] += "-${PIPELINE}"
    alarm["Dimensions"].append({"Name": "Pipeline", "Value": "${PIPELINE}"})


def idle_is_no_loss(requests):
    requests["input alarm"]["TreatMissingData"] = "notBreaching"


def errors_only(requests):
    requests["packager alarm"]["Dimensions"].append({"Name": "StatusCodeRange", "Value": "5xx"})


def global_metrics(requests):
    requests["delivery alarm"]["Dimensions"].append({"Name": "Region", "Value": "Global"})


def both_error_rates(requests):
    requests["delivery alarm"]["MetricName"] = "TotalErrorRate"


REPAIRS = {
    7: encoders_addresses,
    8: public_addresses,
    9: stream_names,
    10: second_source,
    11: live_source,
    12: attach_rtp,
    13: request_ids,
    14: no_drm_key,
    16: manifest_names,
    17: no_cmaf_delay,
    19: sliding_playlists,
    20: gop_divides_segment,
    21: no_false_drm,
    22: origins_authorization,
    23: no_delay,
    24: no_ad_periods,
    25: channel_class,
    26: uhd_source,
    27: no_false_backup,
    28: archive_urls,
    29: no_surround,
    31: audio_selector,
    32: level_names,
    33: levels_high_enough,
    34: main_profile,
    35: square_pixels,
    37: container,
    38: rollover,
    39: system_clock,
    40: no_captions,
    41: channel_request_id,
    43: caller_reference,
    44: no_ttls,
    45: caching,
    46: no_origin_request_policy,
    47: empty_origin_path,
    50: one_origin,
    51: path_patterns,
    52: reading_only,
    53: no_old_signers,
    54: cdn_identifier,
    55: http_port,
    56: default_certificate,
    58: cors,
    59: errors_soon_forgotten,
    60: distribution_tags,
    61: a_metric_there_is,
    62: per_pipeline,
    63: idle_is_no_loss,
    64: errors_only,
    65: global_metrics,
    66: both_error_rates,
}
