//! S3, as far as archives and the demonstration need it: buckets that the stack makes, path style. Objects are in memory;
//! those that services of the account write in large are files, which go with the object.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::fields::not_simulated;
use super::message::{Protocol, Reply, Request};
use super::{error, rest, xml};
use crate::cloud::Cloud;
use crate::world::{AwsError, Ms, rfc3339};

/// What ListObjectsV2 gives at once.
const PAGE: usize = 1000;
const XMLNS: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The account's buckets.
#[derive(Default)]
pub struct S3 {
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

struct Bucket {
    made_at: Ms,
    objects: BTreeMap<String, Object>,
}

struct Object {
    body: Body,
    content_type: String,
    etag: String,
    at: Ms,
}

enum Body {
    Memory(Vec<u8>),
    File(Arc<StoredFile>),
}

/// A file that objects are made of; removed with the last of them.
pub struct StoredFile {
    pub path: PathBuf,
    pub size: u64,
}

impl Drop for StoredFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Body {
    fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(file) => file.size,
        }
    }

    /// `size` bytes from `from` on.
    fn read(&self, from: u64, size: u64) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Memory(bytes) => Ok(bytes[from as usize..(from + size) as usize].to_vec()),
            Self::File(kept) => {
                let mut file = std::fs::File::open(&kept.path)?;
                file.seek(SeekFrom::Start(from))?;
                let mut bytes = Vec::new();
                file.take(size).read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }
}

impl S3 {
    /// Makes a bucket. One that is there already stays as it is.
    pub fn create_bucket(&self, name: &str, now: Ms) {
        let fresh = || Bucket { made_at: now, objects: BTreeMap::new() };
        self.lock().entry(name.to_owned()).or_insert_with(fresh);
    }

    /// Puts an object, as a service of the account would. False when there is no such bucket.
    pub fn put(&self, bucket: &str, key: &str, body: &[u8], content_type: &str, now: Ms) -> bool {
        let etag = format!("\"{}\"", &hex::encode(Sha256::digest(body))[..32]);
        let body = Body::Memory(body.to_vec());
        self.insert(bucket, key, Object { body, content_type: content_type.to_owned(), etag, at: now })
    }

    /// The same with a file, which from now on belongs to the object.
    pub fn put_file(&self, bucket: &str, key: &str, file: Arc<StoredFile>, content_type: &str, now: Ms) -> bool {
        // As of an upload in parts, an entity tag is not the hash of the content.
        let etag = format!("\"{}-1\"", &hex::encode(Sha256::digest(format!("{key} {now} {}", file.size)))[..32]);
        let body = Body::File(file);
        self.insert(bucket, key, Object { body, content_type: content_type.to_owned(), etag, at: now })
    }

    fn insert(&self, bucket: &str, key: &str, object: Object) -> bool {
        let mut buckets = self.lock();
        let Some(bucket) = buckets.get_mut(bucket) else {
            return false;
        };
        bucket.objects.insert(key.to_owned(), object);
        true
    }

    /// An object as a whole, as a service of the account would read it.
    pub fn read(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        let buckets = self.lock();
        let body = &buckets.get(bucket)?.objects.get(key)?.body;
        body.read(0, body.size()).ok()
    }

    /// How many bytes the files of all objects take.
    pub fn bytes_in_files(&self) -> u64 {
        let buckets = self.lock();
        let objects = buckets.values().flat_map(|bucket| bucket.objects.values());
        objects.filter(|object| matches!(object.body, Body::File(_))).map(|object| object.body.size()).sum()
    }

    /// The keys in a bucket.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.lock().get(bucket).map(|b| b.objects.keys().cloned().collect()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which operation a request means.
pub fn operation(request: &Request) -> Result<&'static str, AwsError> {
    let (bucket, key) = place(request.path());
    let list = request.query().iter().any(|(name, value)| name == "list-type" && value == "2");
    match (request.method.as_str(), bucket.is_empty(), key.is_empty()) {
        ("GET", true, true) => Ok("ListBuckets"),
        ("GET", false, true) if list => Ok("ListObjectsV2"),
        ("HEAD", false, true) => Ok("HeadBucket"),
        ("GET", false, false) => Ok("GetObject"),
        ("HEAD", false, false) => Ok("HeadObject"),
        ("PUT", false, false) => Ok("PutObject"),
        ("DELETE", false, false) => Ok("DeleteObject"),
        (method, ..) => {
            let message = format!("the local cloud has no operation {method} {} of service s3", request.uri);
            Err(AwsError::new(404, "UnknownOperationException", message))
        }
    }
}

/// Answers one call.
pub fn answer(cloud: &Cloud, operation: &str, request: &Request, request_id: &str) -> Reply {
    let (bucket, key) = place(request.path());
    let answer = match operation {
        "ListBuckets" => Ok(list_buckets(&cloud.s3)),
        "ListObjectsV2" => list_objects(&cloud.s3, &bucket, request),
        "HeadBucket" => known(&cloud.s3, &bucket).map(|()| Reply { status: 200, ..Reply::default() }),
        "GetObject" | "HeadObject" => get(&cloud.s3, &bucket, &key, request),
        "PutObject" => put(cloud, &bucket, &key, request),
        "DeleteObject" => delete(&cloud.s3, &bucket, &key),
        other => Err(not_simulated("s3", other)),
    };
    answer.unwrap_or_else(|refusal| error::reply("s3", Protocol::RestXml, &refusal, request_id))
}

fn place(path: &str) -> (String, String) {
    let path = path.trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    (rest::decode(bucket), rest::decode(key))
}

fn no_bucket(bucket: &str) -> AwsError {
    AwsError::new(404, "NoSuchBucket", format!("The specified bucket does not exist: {bucket}"))
}

fn known(s3: &S3, bucket: &str) -> Result<(), AwsError> {
    if s3.lock().contains_key(bucket) { Ok(()) } else { Err(no_bucket(bucket)) }
}

fn list_buckets(s3: &S3) -> Reply {
    let mut out = format!("<ListAllMyBucketsResult xmlns=\"{XMLNS}\"><Buckets>");
    for (name, bucket) in s3.lock().iter() {
        out.push_str("<Bucket>");
        xml::text_element("Name", name, &mut out);
        xml::text_element("CreationDate", &rfc3339(bucket.made_at), &mut out);
        out.push_str("</Bucket>");
    }
    out.push_str("</Buckets></ListAllMyBucketsResult>");
    Reply::new(200, "application/xml", out)
}

fn list_objects(s3: &S3, name: &str, request: &Request) -> Result<Reply, AwsError> {
    let query = request.query();
    let of = |wanted: &str| query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let prefix = of("prefix").unwrap_or_default();
    let delimiter = of("delimiter").unwrap_or_default();
    let after = of("continuation-token").or_else(|| of("start-after")).unwrap_or_default();
    let buckets = s3.lock();
    let bucket = buckets.get(name).ok_or_else(|| no_bucket(name))?;
    let matching = || bucket.objects.iter().filter(|(key, _)| key.starts_with(&prefix) && **key > after);
    let page: Vec<_> = matching().take(PAGE).collect();
    let truncated = matching().count() > page.len();
    // Keys with a delimiter behind the prefix are shown as what they have in common.
    let folder = |key: &str| {
        let at = key[prefix.len()..].find(&delimiter).filter(|_| !delimiter.is_empty())?;
        Some(key[..prefix.len() + at + delimiter.len()].to_owned())
    };
    let folders: BTreeSet<String> = page.iter().filter_map(|(key, _)| folder(key)).collect();
    let objects: Vec<_> = page.iter().filter(|(key, _)| folder(key).is_none()).collect();
    let mut out = format!("<ListBucketResult xmlns=\"{XMLNS}\">");
    xml::text_element("Name", name, &mut out);
    xml::text_element("Prefix", &prefix, &mut out);
    if !delimiter.is_empty() {
        xml::text_element("Delimiter", &delimiter, &mut out);
    }
    xml::text_element("KeyCount", &(objects.len() + folders.len()).to_string(), &mut out);
    xml::text_element("MaxKeys", &PAGE.to_string(), &mut out);
    xml::text_element("IsTruncated", &truncated.to_string(), &mut out);
    if let Some((last, _)) = page.last().filter(|_| truncated) {
        xml::text_element("NextContinuationToken", last, &mut out);
    }
    for (key, object) in objects {
        out.push_str("<Contents>");
        xml::text_element("Key", key, &mut out);
        xml::text_element("LastModified", &rfc3339(object.at), &mut out);
        xml::text_element("ETag", &object.etag, &mut out);
        xml::text_element("Size", &object.body.size().to_string(), &mut out);
        xml::text_element("StorageClass", "STANDARD", &mut out);
        out.push_str("</Contents>");
    }
    for folder in folders {
        out.push_str("<CommonPrefixes>");
        xml::text_element("Prefix", &folder, &mut out);
        out.push_str("</CommonPrefixes>");
    }
    out.push_str("</ListBucketResult>");
    Ok(Reply::new(200, "application/xml", out))
}

/// An object, or a range of it: what is large is fetched in parts.
fn get(s3: &S3, bucket: &str, key: &str, request: &Request) -> Result<Reply, AwsError> {
    let buckets = s3.lock();
    let bucket = buckets.get(bucket).ok_or_else(|| no_bucket(bucket))?;
    let missing = || AwsError::new(404, "NoSuchKey", "The specified key does not exist.");
    let object = bucket.objects.get(key).ok_or_else(missing)?;
    let size = object.body.size();
    let range = request.header("range").and_then(|text| range(text, size));
    let (from, length) = range.unwrap_or((0, size));
    let at = jiff::Timestamp::from_millisecond(object.at).unwrap_or_default();
    let head = request.method == "HEAD";
    let gone = |error: std::io::Error| AwsError::new(500, "InternalError", format!("{key}: {error}"));
    let bytes = if head { Vec::new() } else { object.body.read(from, length).map_err(gone)? };
    let reply = Reply::new(if range.is_some() { 206 } else { 200 }, &object.content_type, bytes)
        .with("etag", object.etag.clone())
        .with("accept-ranges", "bytes")
        .with("last-modified", at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    let reply = if head { reply.with("content-length", length.to_string()) } else { reply };
    Ok(match range {
        Some(_) => reply.with("content-range", format!("bytes {from}-{}/{size}", from + length - 1)),
        None => reply,
    })
}

/// `bytes=FROM-TO` as the first byte and how many; anything else, and what is not there, is the whole.
fn range(text: &str, size: u64) -> Option<(u64, u64)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let to = to.parse().unwrap_or(u64::MAX).min(size.checked_sub(1)?);
    (from <= to).then(|| (from, to - from + 1))
}

fn put(cloud: &Cloud, bucket: &str, key: &str, request: &Request) -> Result<Reply, AwsError> {
    let body = if request.header("x-amz-content-sha256").is_some_and(|text| text.starts_with("STREAMING-")) {
        let malformed = || AwsError::new(400, "IncompleteBody", "the body's chunks do not add up");
        unchunked(&request.body).ok_or_else(malformed)?
    } else {
        request.body.to_vec()
    };
    let content_type = request.header("content-type").unwrap_or("binary/octet-stream");
    if !cloud.s3.put(bucket, key, &body, content_type, cloud.now()) {
        return Err(no_bucket(bucket));
    }
    Ok(Reply { status: 200, ..Reply::default() })
}

/// Takes a body out of its signed chunks: `size[;extensions]CRLF data CRLF`, until size 0.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(out);
        }
        out.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

fn delete(s3: &S3, bucket: &str, key: &str) -> Result<Reply, AwsError> {
    let mut buckets = s3.lock();
    let found = buckets.get_mut(bucket).ok_or_else(|| no_bucket(bucket))?;
    found.objects.remove(key);
    Ok(Reply { status: 204, ..Reply::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_chunks_become_the_body_they_carry() {
        let chunked = b"4;chunk-signature=0\r\nabcd\r\n1\r\ne\r\n0\r\nx-amz-checksum-crc32:AA==\r\n\r\n";
        assert_eq!(unchunked(chunked).unwrap(), b"abcde");
        assert_eq!(unchunked(b"4\r\nabc"), None);
    }

    #[test]
    fn a_range_is_cut_at_the_end_of_the_object() {
        assert_eq!(range("bytes=2-4", 10), Some((2, 3)));
        assert_eq!(range("bytes=2-99", 10), Some((2, 8)));
        assert_eq!(range("bytes=2-", 10), Some((2, 8)));
        assert_eq!(range("bytes=10-", 10), None);
        assert_eq!(range("bytes=-", 0), None);
    }
}
