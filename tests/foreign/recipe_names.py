"""What the recipe's requests call what earlier ones made: the values of their `${NAMES}`."""
import urllib.parse

# What the account does not check, and what the shell of the recipe makes up.
NAMES = {
    "SUFFIX": "r1s2t3u4",
    "NOW": "1700000000",
    "BUCKET": "streaming-platform-r1s2t3u4",
    "MEDIALIVE_ROLE": "arn:aws:iam::123456789012:role/MediaLivePlatformRole",
    "SECRETS_ROLE": "arn:aws:iam::123456789012:role/MediaPackageSecretsRole",
    "CDN_IDENTIFIER": "2b1d7c5e-5f0a-4f0e-9a51-3d6c1f7a9b20",
    "PIPELINE": "0",
    "ATTEMPT": "1",
}
# MediaLive sees a new packaging channel after some seconds (aws-facts 2.1).
VISIBLE_SECS = 10


def learned(step, answer):
    """The names that later requests have for what this step made; `answer` has the model's names."""
    if step in ("group", "internal group"):
        return {f"{step.replace(' ', '_').upper()}_ID": answer["SecurityGroup"]["Id"]}
    if step.endswith(" input"):
        return {f"{step.split()[0].upper()}_INPUT_ID": answer["Input"]["Id"]}
    if step == "secret":
        return {"SECRET_ARN": answer["ARN"]}
    if step == "channel":
        return {"CHANNEL_ID": answer["Channel"]["Id"]}
    if step == "distribution":
        return {"DISTRIBUTION_ID": answer["Distribution"]["Id"]}
    if step.endswith(" endpoint"):
        return address(step.split()[0].upper(), manifest(answer))
    return {}


def manifest(endpoint):
    """Where an endpoint's manifest is: a CMAF endpoint's own URL is none (aws-facts 2.4)."""
    manifests = endpoint.get("CmafPackage", {}).get("HlsManifests", [])
    return manifests[0]["Url"] if manifests else endpoint["Url"]


def address(packager, url):
    """Host and path prefix `/out/v1/<guid>` of an endpoint (aws-facts 2.5)."""
    parts = urllib.parse.urlsplit(url)
    return {f"{packager}_HOST": parts.netloc, f"{packager}_PATH": "/".join(parts.path.split("/")[:4])}
