"""The recipe's own requests, with its own values and all of its mistakes, in the order in which it sends them.

Values as `${RTMP_INPUT_ID}` stand for what an earlier answer gives; `filled` puts them in. `recipe_repairs` holds what
is wrong and how it is put right.
"""
import string

MONITORING_PERIODS = {"EvaluationPeriods": 2, "ComparisonOperator": "GreaterThanThreshold"}


def filled(value, names):
    """`value` with its `${NAMES}` replaced."""
    if isinstance(value, dict):
        return {key: filled(member, names) for key, member in value.items()}
    if isinstance(value, list):
        return [filled(item, names) for item in value]
    return string.Template(value).substitute(names) if isinstance(value, str) else value


def as_typed():
    """Step -> (service, operation, request)."""
    return {
        "group": ("medialive", "CreateInputSecurityGroup", group("StreamingPlatformSG", "0.0.0.0/0")),
        "internal group": (
            "medialive",
            "CreateInputSecurityGroup",
            group("InternalStreamingSG", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        ),
        "rtmp input": (
            "medialive",
            "CreateInput",
            source("rtmp", "RTMP_PUSH", "RTMPInput", "Live", InputSecurityGroups=["${GROUP_ID}"]),
        ),
        "hls input": (
            "medialive",
            "CreateInput",
            source("hls", "URL_PULL", "HLSInput", "Remote", Sources=[{"Url": "https://example.com/stream.m3u8"}]),
        ),
        "rtp input": (
            "medialive",
            "CreateInput",
            source("rtp", "RTP_PUSH", "RTPInput", "Professional", InputSecurityGroups=["${INTERNAL_GROUP_ID}"]),
        ),
        "packaging": (
            "mediapackage",
            "CreateChannel",
            {
                "Id": "package-channel-${SUFFIX}",
                "Description": "Enterprise streaming platform channel",
                "Tags": {"Name": "StreamingChannel-${SUFFIX}", "Environment": "Production"},
            },
        ),
        "secret": (
            "secretsmanager",
            "CreateSecret",
            {
                "Name": "medialive-drm-key-${SUFFIX}",
                "Description": "DRM encryption key for streaming platform",
                "SecretString": '{"key":"c3RpbGwgMzIgcmFuZG9tIGJ5dGVzIG9mIGEga2V5Lg=="}',
            },
        ),
        "hls endpoint": ("mediapackage", "CreateOriginEndpoint", hls_endpoint()),
        "dash endpoint": ("mediapackage", "CreateOriginEndpoint", dash_endpoint()),
        "cmaf endpoint": ("mediapackage", "CreateOriginEndpoint", cmaf_endpoint()),
        "channel": ("medialive", "CreateChannel", channel()),
        "distribution": ("cloudfront", "CreateDistributionWithTags", distribution()),
        "input alarm": ("cloudwatch", "PutMetricAlarm", input_alarm()),
        "packager alarm": ("cloudwatch", "PutMetricAlarm", packager_alarm()),
        "delivery alarm": ("cloudwatch", "PutMetricAlarm", delivery_alarm()),
    }


def group(name, *ranges):
    return {
        "WhitelistRules": [{"Cidr": cidr} for cidr in ranges],
        "Tags": {"Name": name + "-${SUFFIX}", "Environment": "Production"},
    }


def source(name, kind, tag, purpose, **members):
    tags = {"Name": tag + "-${SUFFIX}", "Type": purpose}
    return {"Name": "video-platform-${SUFFIX}-" + f"{name}-input", "Type": kind, "Tags": tags, **members}


def endpoint(suffix, manifest, startover, delay, tags, **package):
    return {
        "ChannelId": "package-channel-${SUFFIX}",
        "Id": "package-channel-${SUFFIX}-" + suffix,
        "ManifestName": manifest,
        "StartoverWindowSeconds": startover,
        "TimeDelaySeconds": delay,
        "Tags": {**tags, "Environment": "Production"},
        **package,
    }


def hls_endpoint():
    package = {
        "SegmentDurationSeconds": 4,
        "PlaylistType": "EVENT",
        "PlaylistWindowSeconds": 300,
        "ProgramDateTimeIntervalSeconds": 60,
        "AdMarkers": "SCTE35_ENHANCED",
        "IncludeIframeOnlyStream": True,
        "UseAudioRenditionGroup": True,
    }
    tags = {"Type": "HLS", "Quality": "Advanced"}
    return endpoint("hls-advanced", "master.m3u8", 3600, 10, tags, HlsPackage=package)


def dash_endpoint():
    package = {
        "SegmentDurationSeconds": 4,
        "MinBufferTimeSeconds": 20,
        "MinUpdatePeriodSeconds": 10,
        "SuggestedPresentationDelaySeconds": 30,
        "Profile": "NONE",
        "PeriodTriggers": ["ADS"],
    }
    return endpoint("dash-drm", "manifest.mpd", 3600, 10, {"Type": "DASH", "DRM": "Enabled"}, DashPackage=package)


def cmaf_endpoint():
    manifest = {
        "Id": "low-latency",
        "ManifestName": "ll.m3u8",
        "PlaylistType": "EVENT",
        "PlaylistWindowSeconds": 60,
        "ProgramDateTimeIntervalSeconds": 60,
        "AdMarkers": "SCTE35_ENHANCED",
    }
    package = {"SegmentDurationSeconds": 2, "SegmentPrefix": "segment", "HlsManifests": [manifest]}
    return endpoint("cmaf-ll", "index.m3u8", 1800, 2, {"Type": "CMAF", "Latency": "Low"}, CmafPackage=package)


def channel():
    filters = {"SourceEndBehavior": "CONTINUE", "InputFilter": "AUTO", "FilterStrength": 1}
    stronger = {**filters, "DeblockFilter": "ENABLED", "DenoiseFilter": "ENABLED"}
    archive = {"BucketName": "${BUCKET}", "FileNamePrefix": "archives/", "RoleArn": "${MEDIALIVE_ROLE}"}
    return {
        "Name": "live-channel-${SUFFIX}",
        "RoleArn": "${MEDIALIVE_ROLE}",
        "InputSpecification": {"Codec": "AVC", "Resolution": "HD", "MaximumBitrate": "MAX_50_MBPS"},
        "InputAttachments": [
            {"InputId": "${RTMP_INPUT_ID}", "InputAttachmentName": "primary-rtmp", "InputSettings": stronger},
            {"InputId": "${HLS_INPUT_ID}", "InputAttachmentName": "backup-hls", "InputSettings": filters},
        ],
        "Destinations": [
            {"Id": "mediapackage-destination", "MediaPackageSettings": [{"ChannelId": "package-channel-${SUFFIX}"}]},
            {"Id": "s3-archive-destination", "S3Settings": [archive]},
        ],
        "EncoderSettings": encoder(),
        "Tags": {"Environment": "Production", "Service": "StreamingPlatform", "Component": "MediaLive"},
    }


def encoder():
    return {
        "AudioDescriptions": [
            audio("audio_stereo", 128000, "CODING_MODE_2_0"),
            audio("audio_surround", 256000, "CODING_MODE_5_1"),
        ],
        "VideoDescriptions": ladder(),
        "OutputGroups": [packaging_group(), archive_group()],
        "TimecodeConfig": {"Source": "EMBEDDED"},
        "CaptionDescriptions": [
            {
                "CaptionSelectorName": "default",
                "Name": "captions",
                "LanguageCode": "en",
                "LanguageDescription": "English",
            }
        ],
    }


def audio(name, bitrate, mode):
    aac = {"Bitrate": bitrate, "CodingMode": mode, "SampleRate": 48000, "Spec": "MPEG4"}
    return {
        "Name": name,
        "AudioSelectorName": "default",
        "AudioTypeControl": "FOLLOW_INPUT",
        "LanguageCodeControl": "FOLLOW_INPUT",
        "CodecSettings": {"AacSettings": aac},
    }


def ladder():
    adaptive = {"TemporalAq": "ENABLED", "SpatialAq": "ENABLED"}
    uhd = {
        "AfdSignaling": "NONE",
        "ColorMetadata": "INSERT",
        "EntropyEncoding": "CABAC",
        "FlickerAq": "ENABLED",
        "ForceFieldPictures": "DISABLED",
    }
    high, medium = {"AdaptiveQuantization": "HIGH"}, {"AdaptiveQuantization": "MEDIUM"}
    return [
        video("2160p", 3840, 2160, 15000000, ("HIGH", "5_1", 3), **high, **adaptive, **uhd),
        video("1080p", 1920, 1080, 6000000, ("HIGH", "4_1", 3), **high, **adaptive),
        video("720p", 1280, 720, 3000000, ("HIGH", "3_1", 2), **medium, **adaptive),
        video("480p", 854, 480, 1500000, ("MAIN", "3_0", 2), **medium),
        video("240p", 426, 240, 500000, ("BASELINE", "2_0", 1)),
    ]


def video(name, width, height, bitrate, coding, **more):
    profile, level, b_frames = coding
    h264 = {
        "Bitrate": bitrate,
        "FramerateControl": "SPECIFIED",
        "FramerateNumerator": 30,
        "FramerateDenominator": 1,
        "GopBReference": "ENABLED" if profile == "HIGH" else "DISABLED",
        "GopClosedCadence": 1,
        "GopNumBFrames": b_frames,
        "GopSize": 90,
        "GopSizeUnits": "FRAMES",
        "Profile": profile,
        "Level": f"H264_LEVEL_{level}",
        "RateControlMode": "CBR",
        "Syntax": "DEFAULT",
        **more,
    }
    return {
        "Name": f"video_{name}",
        "Width": width,
        "Height": height,
        "CodecSettings": {"H264Settings": h264},
        "RespondToAfd": "RESPOND",
        "ScalingBehavior": "DEFAULT",
        "Sharpness": 50,
    }


def packaging_group():
    ladder_outputs = [
        ("4K-UHD", "2160p", "surround"),
        ("1080p-HD", "1080p", "stereo"),
        ("720p-HD", "720p", "stereo"),
        ("480p-SD", "480p", "stereo"),
        ("240p-Mobile", "240p", "stereo"),
    ]
    settings = {"MediaPackageGroupSettings": {"Destination": {"DestinationRefId": "mediapackage-destination"}}}
    outputs = [output(*names, {"MediaPackageOutputSettings": {}}) for names in ladder_outputs]
    return {"Name": "MediaPackage-ABR", "OutputGroupSettings": settings, "Outputs": outputs}


def archive_group():
    settings = {"Destination": {"DestinationRefId": "s3-archive-destination"}, "RolloverInterval": 3600}
    written = {"ArchiveOutputSettings": {"NameModifier": "-archive", "Extension": "m2ts"}}
    return {
        "Name": "S3-Archive",
        "OutputGroupSettings": {"ArchiveGroupSettings": settings},
        "Outputs": [output("archive-source", "1080p", "stereo", written)],
    }


def output(name, video_name, audio_name, settings):
    return {
        "OutputName": name,
        "VideoDescriptionName": f"video_{video_name}",
        "AudioDescriptionNames": [f"audio_{audio_name}"],
        "OutputSettings": settings,
    }


def distribution():
    everything = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    hls, dash, cmaf = "MediaPackage-HLS-Primary", "MediaPackage-DASH-DRM", "MediaPackage-CMAF-LowLatency"
    config = {
        "CallerReference": "streaming-distribution-${SUFFIX}-${NOW}",
        "Comment": "Enterprise Video Streaming Platform Distribution",
        "DefaultCacheBehavior": behaviour(hls, 5, 31536000, AllowedMethods=methods(everything)),
        "Origins": listed([origin(hls, "HLS"), origin(dash, "DASH"), origin(cmaf, "CMAF")]),
        "CacheBehaviors": listed(
            [
                behaviour(dash, 5, 60, PathPattern="*.mpd"),
                behaviour(cmaf, 2, 10, PathPattern="*/ll.m3u8"),
                behaviour(hls, 86400, 86400, PathPattern="*.ts", Compress=False),
            ]
        ),
        "Enabled": True,
        "PriceClass": "PriceClass_All",
        "ViewerCertificate": {
            "CloudFrontDefaultCertificate": True,
            "MinimumProtocolVersion": "TLSv1.2_2021",
            "CertificateSource": "cloudfront",
        },
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "HttpVersion": "http2",
        "IsIPV6Enabled": True,
        "WebACLId": "",
    }
    # The recipe gives no tags; the call that can take them takes none as well.
    return {"DistributionConfigWithTags": {"DistributionConfig": config, "Tags": {"Items": []}}}


def listed(items):
    return {"Quantity": len(items), "Items": items}


def methods(allowed):
    return {**listed(allowed), "CachedMethods": listed(["GET", "HEAD"])}


def behaviour(target, default_ttl, max_ttl, **more):
    return {
        "TargetOriginId": target,
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "OriginRequestPolicyId": "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
        "Compress": True,
        "AllowedMethods": methods(["GET", "HEAD"]),
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
        "MinTTL": 0,
        "DefaultTTL": default_ttl,
        "MaxTTL": max_ttl,
        **more,
    }


def origin(name, packager):
    # The recipe cuts host and path out of the endpoint's address.
    identifier = {"HeaderName": "X-MediaPackage-CDNIdentifier", "HeaderValue": "streaming-platform-${SUFFIX}"}
    return {
        "Id": name,
        "DomainName": "${" + packager + "_HOST}",
        "OriginPath": "${" + packager + "_PATH}",
        "CustomOriginConfig": {
            "HTTPPort": 443,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
            "OriginSslProtocols": listed(["TLSv1.2"]),
        },
        "CustomHeaders": listed([identifier]),
    }


def input_alarm():
    return {
        "AlarmName": "MediaLive-live-channel-${SUFFIX}-InputLoss",
        "AlarmDescription": "MediaLive channel input loss detection",
        "MetricName": "InputVideoFreeze",
        "Namespace": "AWS/MediaLive",
        "Statistic": "Maximum",
        "Period": 60,
        "Threshold": 0.5,
        "TreatMissingData": "breaching",
        "Dimensions": [{"Name": "ChannelId", "Value": "${CHANNEL_ID}"}],
        **MONITORING_PERIODS,
    }


def packager_alarm():
    return {
        "AlarmName": "MediaPackage-package-channel-${SUFFIX}-EgressErrors",
        "AlarmDescription": "MediaPackage egress error detection",
        "MetricName": "EgressRequestCount",
        "Namespace": "AWS/MediaPackage",
        "Statistic": "Sum",
        "Period": 300,
        "Threshold": 100,
        "Dimensions": [{"Name": "Channel", "Value": "package-channel-${SUFFIX}"}],
        **MONITORING_PERIODS,
    }


def delivery_alarm():
    return {
        "AlarmName": "CloudFront-${DISTRIBUTION_ID}-ErrorRate",
        "AlarmDescription": "CloudFront 4xx/5xx error rate monitoring",
        "MetricName": "4xxErrorRate",
        "Namespace": "AWS/CloudFront",
        "Statistic": "Average",
        "Period": 300,
        "Threshold": 5,
        "Dimensions": [{"Name": "DistributionId", "Value": "${DISTRIBUTION_ID}"}],
        **MONITORING_PERIODS,
    }
