//! What a request can break although its schema has nothing against it: rules that join several fields, know the world's
//! addresses, or count bytes. Each with a request that breaks it and nothing else.

use serde_json::{Value, json};

const FLOW: &str = "arn:aws:mediaconnect:eu-west-1:111122223333:flow:1-abc:studio";
const OTHER_FLOW: &str = "arn:aws:mediaconnect:eu-west-1:111122223333:flow:1-def:studio";

fn inputs(inputs: &Value) -> Value {
    json!({"name": "news", "inputs": inputs})
}

fn push(name: &str) -> Value {
    json!({"name": name, "type": "RTMP_PUSH"})
}

fn pair(second: &str) -> Value {
    json!({"name": "one", "type": "RTMP_PUSH", "failover": {"input": second}})
}

fn allow(entries: &Value) -> Value {
    inputs(&json!([{"name": "a", "type": "RTMP_PUSH", "allowFrom": entries}]))
}

fn pull(kind: &str, url: &str) -> Value {
    inputs(&json!([{"name": "a", "type": kind, "urls": [url]}]))
}

fn with(field: &str, value: Value) -> Value {
    let mut request = json!({"name": "news"});
    request[field] = value;
    request
}

/// Words of the refusal, and the request.
pub fn rules() -> Vec<(&'static str, Value)> {
    let mut all = addresses();
    all.extend(pairs());
    all.extend(encoding());
    all.extend(tracks());
    all
}

fn addresses() -> Vec<(&'static str, Value)> {
    let eleven: Vec<String> = (0..11).map(|n| format!("198.51.100.{n}/32")).collect();
    vec![
        ("has host bits set", allow(&json!(["198.51.100.7/24"]))),
        ("is neither an allow-list of this request nor", allow(&json!(["studio"]))),
        ("lets half the world push", allow(&json!(["0.0.0.0/0"]))),
        ("an input security group takes 10", allow(&json!(eleven))),
        ("stop needs a budget", with("guard", json!({"onBudget": "stop"}))),
        ("shorten URLs, tags or allow-lists", json!({"name": "news", "allowLists": lists()})),
        ("is a private, loopback", pull("URL_PULL", "http://10.1.2.3/live.m3u8")),
        ("is a local name", pull("URL_PULL", "http://localhost/live.m3u8")),
        ("is not a URL", pull("URL_PULL", "https://")),
        ("must not carry a user name or password", pull("URL_PULL", "https://me:x@a.example.net/live.m3u8")),
        // In bytes, where the schema counts characters.
        ("must have 1 to 512 characters", pull("URL_PULL", &format!("https://a.example.net/{}", "é".repeat(300)))),
        ("must have 1 to 64 characters", login(&"é".repeat(40))),
        ("must have 1 to 128 characters", calls(&json!([source("a.example.net", &"é".repeat(70))]))),
        ("must name application and stream", pull("RTMP_PULL", "rtmp://a.example.net/app")),
        ("names no host", pull("RTMP_PULL", "rtmp://?app/stream")),
        ("must be s3ssl://bucket/path/file", pull("MP4_FILE", "s3ssl://with.dots/a.mp4")),
        ("a bucket asks for MediaLive's role", bucket()),
        ("is neither a host name nor an IPv4 address", calls(&json!([source("256.0.0.1", "x")]))),
        ("is not a moment of the calendar", with("handsOff", json!({"until": "2026-02-30T20:00:00Z"}))),
        ("must have at most 512 characters", slate(&format!("https://a.example.net/{}.png", "é".repeat(300)))),
    ]
}

fn lists() -> Value {
    let blocks: Vec<String> = (0..250).map(|n| format!("198.51.100.{n}/32")).collect();
    let named = (0..5).map(|n| (format!("list-{n}"), json!(blocks)));
    Value::Object(named.collect())
}

fn login(username: &str) -> Value {
    let url = "https://a.example.net/live.m3u8";
    inputs(&json!([{"name": "a", "type": "URL_PULL", "urls": [url], "username": username, "passwordParameter": "/x"}]))
}

fn bucket() -> Value {
    let url = "s3ssl://files/a.mp4";
    inputs(&json!([{"name": "a", "type": "MP4_FILE", "urls": [url], "username": "me", "passwordParameter": "/x"}]))
}

fn slate(url: &str) -> Value {
    with("inputLoss", json!({"show": "slate", "slateUrl": url}))
}

fn source(address: &str, stream: &str) -> Value {
    json!({"address": address, "port": 9000, "streamId": stream})
}

fn calls(sources: &Value) -> Value {
    inputs(&json!([{"name": "a", "type": "SRT_CALLER", "srt": {"sources": sources}}]))
}

fn pairs() -> Vec<(&'static str, Value)> {
    let flows = |name: &str, flows: Value| json!({"name": name, "type": "MEDIACONNECT", "flows": flows});
    let mut first = flows("one", json!([FLOW, OTHER_FLOW]));
    first["failover"] = json!({"input": "two"});
    let rtp = json!({"name": "two", "type": "RTP_PUSH"});
    let back = json!({"name": "two", "type": "RTMP_PUSH", "failover": {"input": "one"}});
    let file = |name: &str| json!({"name": name, "type": "MEDIACONNECT", "flows": [FLOW], "failover": {"input": "c"}});
    let third = json!({"name": "c", "type": "MEDIACONNECT", "flows": [OTHER_FLOW]});
    let mut standard = pull("URL_PULL", "https://a.example.net/live.m3u8");
    standard["channelClass"] = json!("standard");
    vec![
        ("is the name of an earlier input", inputs(&json!([push("a"), push("a")]))),
        ("at most 2 push inputs in a channel", inputs(&json!([push("a"), push("b"), push("c")]))),
        ("a standard channel pulls two sources", standard),
        ("is this input itself", inputs(&json!([pair("one")]))),
        ("no input of this platform is called", inputs(&json!([pair("two")]))),
        ("is of another type", inputs(&json!([pair("two"), rtp]))),
        ("is of another class", inputs(&json!([first, flows("two", json!([FLOW]))]))),
        ("has a failover of its own", inputs(&json!([pair("two"), back]))),
        ("takes over from another input already", inputs(&json!([file("a"), file("b"), third]))),
    ]
}

fn encoding() -> Vec<(&'static str, Value)> {
    let rung = |name: &str, height: u32, rate: u32| json!({"name": name, "width": 640, "height": height, "bitrate": 800_000, "frameRate": rate});
    let ladder = |rungs: Value| with("ladder", json!({"rungs": rungs}));
    let mut low = ladder(json!([rung("a", 1080, 25)]));
    low["inputSpecification"] = json!({"resolution": "SD"});
    vec![
        ("is the name of an earlier rung", ladder(json!([rung("a", 360, 25), rung("a", 480, 25)]))),
        ("differs from the other rungs", ladder(json!([rung("a", 360, 25), rung("b", 480, 50)]))),
        ("which this input specification does not reach", low),
        ("not a whole number of GOPs", with("endpoints", json!({"hls": {"segmentSeconds": 3}}))),
        (
            "must hold at least three segments",
            with("endpoints", json!({"hls": {"segmentSeconds": 4, "windowSeconds": 6}})),
        ),
        // A number with a fraction of zero is an integer to a schema.
        ("must be a whole number from", with("archive", json!({"rolloverSeconds": 300.0}))),
    ]
}

fn tracks() -> Vec<(&'static str, Value)> {
    let audio = |more: [Value; 2]| {
        let merged = more.map(|more| {
            let mut one = json!({"layout": "stereo"});
            more.as_object().unwrap().iter().for_each(|(name, value)| one[name] = value.clone());
            one
        });
        with("audio", json!(merged))
    };
    let captions = |entries: Value| with("captions", entries);
    let mut dash = captions(json!([{"language": "eng"}]));
    dash["endpoints"] = json!({"dash": {}});
    vec![
        ("5.1 cannot be made of a stereo source", with("audio", json!([{"layout": "5.1"}]))),
        ("is the name of an earlier rendition", audio([json!({"name": "a"}), json!({"name": "a", "label": "B"})])),
        (
            "is what players show of an earlier entry",
            audio([json!({"name": "a", "label": "A"}), json!({"name": "b", "label": "A"})]),
        ),
        (
            "is there already; give both entries a label",
            audio([json!({"name": "a", "language": "eng"}), json!({"name": "b", "language": "eng"})]),
        ),
        (
            "is the name of an earlier entry",
            captions(
                json!([{"name": "a", "language": "eng"}, {"name": "a", "language": "deu", "channel": 2, "label": "B"}]),
            ),
        ),
        (
            "carries all embedded channels already",
            captions(
                json!([{"name": "a", "language": "eng", "output": "embedded"}, {"name": "b", "language": "deu", "output": "embedded"}]),
            ),
        ),
        ("a channel is one language", captions(json!([{"language": "eng"}, {"language": "deu"}]))),
        ("WebVTT is for HLS and CMAF players", dash),
    ]
}
