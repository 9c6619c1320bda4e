//! A real picture: pushed over RTMP, encoded as the channel says, packaged as the endpoints say, fetched through the
//! distribution as its behaviours say. Needs ffmpeg, which `.ci/run` installs.

mod faults;
mod probe;
mod remedied;
mod served;

use super::rig::{Answer, HOME, Rig, config};
use headend_local::deploy::StackConfig;
use headend_local::media::MediaConfig;
use probe::Wanted;
use serde_json::{Value, json};
use served::Served;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// An address on the allow-list of the platform.
const STUDIO: &str = "198.51.100.10";
/// Longer than any wait for a picture that comes at all, on a busy machine.
const NEVER: Duration = Duration::from_secs(120);

fn with_pictures() -> StackConfig {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // Above all that other tests of this process are given.
    let media = MediaConfig { cdn_port: 0, first_ingest_port: free.max(20_000), ..MediaConfig::default() };
    headend_local::media::available(&media).unwrap();
    StackConfig { media: Some(media), ..config() }
}

fn small_platform() -> Value {
    let rung = |name: &str, width: u32, height: u32| json!({"name": name, "width": width, "height": height, "bitrate": 400_000});
    json!({
        "name": "pictures",
        "inputs": [{"name": "studio", "type": "RTMP_PUSH", "allowFrom": [format!("{STUDIO}/32")]}],
        "ladder": {"frameRate": 25, "gopSeconds": 1, "rungs": [rung("240p", 426, 240), rung("180p", 320, 180)]},
        "endpoints": {"hls": {"segmentSeconds": 2}, "dash": {"segmentSeconds": 2}, "cmaf": {"segmentSeconds": 2}},
        "archive": {"rolloverSeconds": 10},
    })
}

/// A sender; killed when dropped.
struct Sender(Child);

impl Drop for Sender {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn push(url: &str) -> Sender {
    push_of(url, "testsrc2=size=426x240:rate=25")
}

/// Sends a picture that one of ffmpeg's filters makes.
fn push_of(url: &str, picture: &str) -> Sender {
    let picture = ["-re", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=sample_rate=48000"];
    let codecs =
        ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "flv"];
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-loglevel", "error"]).args(picture).args(codecs).arg(url);
    Sender(ffmpeg.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

impl Rig {
    /// The body of what a viewer is answered.
    async fn bytes(&self, url: &str) -> Vec<u8> {
        self.asked(url).await.bytes().await.unwrap().to_vec()
    }

    /// Asks for a playback URL as a viewer would, through the local address of the CDN.
    async fn asked(&self, url: &str) -> reqwest::Response {
        let rest = url.strip_prefix("https://").unwrap();
        let (domain, path) = rest.split_once('/').unwrap();
        let local = format!("{}/{path}", self.stack.cdn_url.as_ref().unwrap());
        let request = reqwest::Client::new().get(local).header("host", format!("{domain}.localhost"));
        request.header("origin", "https://player.example.net").send().await.unwrap()
    }

    async fn view(&self, url: &str) -> Answer {
        let response = self.asked(url).await;
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            text: String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned(),
        }
    }

    /// Asks again until the answer is as awaited.
    async fn view_until(&self, url: &str, reached: impl Fn(&Answer) -> bool) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.view(url).await;
            if reached(&answer) {
                return answer;
            }
            assert!(begun.elapsed() < NEVER, "{url}: {answer:?}");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Waits until the newest segment of a playlist shows more than the black of a lost input.
    async fn bright(&self, list: &str) {
        self.shows(list, "a picture", |luma| luma > 40.0).await;
    }

    /// Waits until the newest segment begins with a picture that is as bright as awaited.
    async fn shows(&self, list: &str, what: &str, awaited: impl Fn(f64) -> bool) {
        let begun = Instant::now();
        loop {
            let playlist = self.view_until(list, |answer| answer.status == 200).await.text;
            let luma = mean_luma(&self.bytes(&last(list, &playlist)).await);
            if awaited(luma) {
                return;
            }
            assert!(begun.elapsed() < NEVER, "{what} is not shown: luma {luma}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    fn source(&self, input: &str) -> String {
        self.stack.cloud.peek(|world| {
            let inputs = world.regions[HOME].medialive.inputs.values();
            let found = inputs.into_iter().find(|it| it.stream_names.iter().any(|name| name.starts_with(input)));
            found.unwrap().source.as_str().to_owned()
        })
    }

    async fn source_until(&self, input: &str, state: &str) {
        let begun = Instant::now();
        while self.source(input) != state {
            assert!(begun.elapsed() < NEVER, "{input} is {}", self.source(input));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// How bright the first picture of a segment of MPEG-TS is on average, 16 being black.
fn mean_luma(segment: &[u8]) -> f64 {
    let file = std::env::temp_dir().join(format!("headend-picture-{}.ts", std::process::id()));
    std::fs::write(&file, segment).unwrap();
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-loglevel", "error", "-i"]).arg(&file);
    let decoded = ffmpeg.args(["-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"]).output().unwrap();
    std::fs::remove_file(&file).unwrap();
    let pixels = decoded.stdout;
    assert!(!pixels.is_empty(), "{}", String::from_utf8_lossy(&decoded.stderr));
    pixels.iter().map(|pixel| f64::from(*pixel)).sum::<f64>() / pixels.len() as f64
}

fn playback(platform: &Value, format: &str) -> String {
    let all = platform["playback"].as_array().unwrap();
    all.iter().find(|it| it["format"] == format).unwrap()["url"].as_str().unwrap().to_owned()
}

/// The lines of a playlist that are no comments.
fn names(playlist: &str) -> impl Iterator<Item = &str> {
    playlist.lines().filter(|line| !line.starts_with('#'))
}

/// The last of them, as an address beside it.
fn last(url: &str, playlist: &str) -> String {
    beside(url, names(playlist).last().unwrap())
}

fn beside(url: &str, name: &str) -> String {
    format!("{}/{name}", url.rsplit_once('/').unwrap().0)
}

#[ignore = "needs the function binaries and ffmpeg; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pushed_picture_comes_out_of_the_distribution_in_every_format() {
    let rig = Rig::start(with_pictures()).await;
    let answer = rig.post("/platforms", &small_platform(), &[]).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    rig.reach(&id, "Ready").await;
    rig.settle(&id).await;
    rig.change(&id, "start").await;
    let live = rig.reach(&id, "Live").await;
    let ingest = live["ingest"][0]["url"].as_str().unwrap().to_owned();
    assert!(ingest.starts_with("rtmp://127.0.0.1:"), "{ingest}");
    let hls = playback(&live, "hls");

    // Nobody pushes: black, and the input is off.
    rig.source_until("studio", "off").await;
    rig.view_until(&hls, |answer| answer.status == 200).await;

    // From elsewhere, or to another name, nobody gets in.
    for stranger in [ingest.clone(), format!("{ingest}x?from={STUDIO}")] {
        let mut sender = push(&stranger);
        let begun = Instant::now();
        let ended = loop {
            if let Some(status) = sender.0.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < NEVER, "{stranger} is let in");
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        assert!(!ended.success(), "{stranger}");
    }
    assert_eq!(rig.source("studio"), "off");
    let sender = push(&format!("{ingest}?from={STUDIO}"));
    rig.source_until("studio", "on").await;

    let master = rig.view(&hls).await;
    assert!(master.text.contains("RESOLUTION=426x240"), "{master:?}");
    assert_eq!(master.header("access-control-allow-origin"), "*");
    let list = last(&hls, &master.text);
    let playlist = rig.view_until(&list, |answer| answer.status == 200).await;
    let segment = rig.view(&last(&list, &playlist.text)).await;
    assert_eq!((segment.status, segment.header("content-type")), (200, "video/MP2T"));
    assert_eq!(segment.header("cache-control"), "max-age=1209600");
    rig.bright(&list).await;

    let dash = playback(&live, "dash");
    let description = rig.view_until(&dash, |answer| answer.status == 200).await;
    assert!(description.text.contains("type=\"dynamic\""), "{description:?}");
    let cmaf = playback(&live, "cmaf");
    let list = last(&cmaf, &rig.view(&cmaf).await.text);
    let playlist = rig.view_until(&list, |answer| answer.status == 200).await;
    assert!(playlist.text.contains("#EXT-X-MAP:URI="), "{playlist:?}");
    let segment = rig.view(&last(&list, &playlist.text)).await;
    assert_eq!((segment.status, segment.header("content-type")), (200, "video/mp4"));

    ffprobe_agrees_with_the_ladder(&rig, &live).await;
    nothing_is_routed_that_is_not_configured(&rig, [&hls, &dash, &cmaf]).await;

    drop(sender);
    rig.source_until("studio", "off").await;
    rig.change(&id, "stop").await;
    rig.reach(&id, "Ready").await;
    rig.view_until(&cmaf, |answer| answer.status == 404).await;
    the_archive_is_in_its_bucket(&rig, &id).await;
    let port: u16 = ingest.split(['/', ':']).nth(4).unwrap().parse().unwrap();
    let begun = Instant::now();
    while TcpListener::bind(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < NEVER, "the input still listens on {port}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    assert_eq!(rig.inventory(), Vec::new());
    rig.end().await;
}

async fn ffprobe_agrees_with_the_ladder(rig: &Rig, live: &Value) {
    let asked = small_platform();
    let read = rig.hls_agrees(&playback(live, "hls"), &Wanted::of(&asked, "hls")).await;
    rig.hls_agrees(&playback(live, "cmaf"), &Wanted::of(&asked, "cmaf")).await;
    rig.dash_agrees(&playback(live, "dash"), &Wanted::of(&asked, "dash")).await;
    // Would it notice? What was read is held against ladders that nobody asked for.
    let wrong = |path: &str, value: Value| {
        let mut other = asked.clone();
        *other.pointer_mut(path).unwrap() = value;
        Wanted::of(&other, "hls")[0].problems(&read[0]).join(", ")
    };
    let noticed = [
        ("/ladder/rungs/0/width", json!(428), "the size is 426x240"),
        ("/ladder/frameRate", json!(30), "the frame rate is \"25/1\""),
        ("/ladder/gopSeconds", json!(2), "the list of key frames is"),
        ("/endpoints/hls/segmentSeconds", json!(3), "the number of frames is 100"),
    ];
    for (path, value, said) in noticed {
        let problems = wrong(path, value);
        assert!(problems.contains(said), "{path}: {problems}");
    }
}

/// A piece for each rollover interval, and the rest: one video with its sound, complete from its first frame on.
async fn the_archive_is_in_its_bucket(rig: &Rig, id: &str) {
    let get = async |place: &str| {
        let request = reqwest::Client::new().get(format!("{}/{place}", rig.stack.aws_url));
        let credential =
            "AWS4-HMAC-SHA256 Credential=me/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        request.header("authorization", credential).send().await.unwrap()
    };
    let buckets = get("").await.text().await.unwrap();
    let mut names = buckets.split("<Name>").skip(1).filter_map(|rest| rest.split('<').next());
    let bucket =
        names.find(|name| name.contains("archive") && !name.contains("log")).unwrap_or_else(|| panic!("{buckets}"));
    let mut keys = Vec::new();
    let begun = Instant::now();
    while keys.len() < 2 {
        let list = get(&format!("{bucket}?list-type=2&prefix=archives/")).await.text().await.unwrap();
        keys = list.split("<Key>").skip(1).filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect();
        assert!(begun.elapsed() < NEVER, "{list}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(keys[0].contains(id) && keys[0].ends_with(".000000.m2ts"), "{keys:?}");
    let bytes = get(&format!("{bucket}/{}", keys[0])).await.bytes().await.unwrap();
    let read = probe::ffprobe(&bytes);
    let of = |kind: &str| read["streams"].as_array().unwrap().iter().find(|it| it["codec_type"] == kind).cloned();
    let (video, audio) = (of("video").unwrap(), of("audio").unwrap());
    assert_eq!((&video["width"], &video["height"]), (&json!(426), &json!(240)));
    assert_eq!((&audio["channel_layout"], &audio["sample_rate"]), (&json!("stereo"), &json!("48000")));
    let packets = read["packets"].as_array().unwrap();
    let frames: Vec<_> = packets.iter().filter(|packet| packet["codec_type"] == "video").collect();
    assert!(frames[0]["flags"].as_str().unwrap().starts_with('K'), "{}", frames[0]);
    assert_eq!(frames.len(), 250, "ten seconds, cut at a key frame");
}

/// Without its behaviour a format is refused, and with another secret all of them; the others go on.
async fn nothing_is_routed_that_is_not_configured(rig: &Rig, all: [&str; 3]) {
    let edit = |change: &dyn Fn(&mut headend_local::world::cloudfront::DistributionConfig)| {
        rig.stack.cloud.with_world(|world, _| {
            world.cloudfront.distributions.values_mut().for_each(|distribution| change(&mut distribution.config));
        });
    };
    let before = rig.stack.cloud.peek(|world| world.cloudfront.distributions.clone());
    for gone in all {
        let guid = gone.split("/out/v1/").nth(1).unwrap().split('/').next().unwrap();
        edit(&|config| {
            let behaviors = config.behaviors.len();
            config.behaviors.retain(|it| it.path_pattern.as_ref().is_none_or(|pattern| !pattern.contains(guid)));
            assert_eq!(config.behaviors.len(), behaviors - 1);
        });
        rig.view_until(gone, |answer| answer.status == 403).await;
        for other in all.into_iter().filter(|other| *other != gone) {
            assert_eq!(rig.view(other).await.status, 200, "{other} without the behaviour of {gone}");
        }
        rig.stack.cloud.with_world(|world, _| world.cloudfront.distributions = before.clone());
        rig.view_until(gone, |answer| answer.status == 200).await;
    }
    edit(&|config| {
        let headers = config.origins.iter_mut().flat_map(|origin| origin.headers.values_mut());
        headers.for_each(|value| *value = "another-identifier".to_owned());
    });
    for format in all {
        rig.view_until(format, |answer| answer.status == 403).await;
    }
    rig.stack.cloud.with_world(|world, _| world.cloudfront.distributions = before);
    for format in all {
        rig.view_until(format, |answer| answer.status == 200).await;
    }
}
