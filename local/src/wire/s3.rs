//! S3, as far as archives and the demonstration need it: buckets that the stack makes, objects in memory, path style.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    body: Vec<u8>,
    content_type: String,
    etag: String,
    at: Ms,
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
        let object = Object { body: body.to_vec(), content_type: content_type.to_owned(), etag, at: now };
        let mut buckets = self.lock();
        let Some(bucket) = buckets.get_mut(bucket) else {
            return false;
        };
        bucket.objects.insert(key.to_owned(), object);
        true
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
        "GetObject" | "HeadObject" => get(&cloud.s3, &bucket, &key),
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
    let after = of("continuation-token").or_else(|| of("start-after")).unwrap_or_default();
    let buckets = s3.lock();
    let bucket = buckets.get(name).ok_or_else(|| no_bucket(name))?;
    let matching = || bucket.objects.iter().filter(|(key, _)| key.starts_with(&prefix) && **key > after);
    let page: Vec<_> = matching().take(PAGE).collect();
    let truncated = matching().count() > page.len();
    let mut out = format!("<ListBucketResult xmlns=\"{XMLNS}\">");
    xml::text_element("Name", name, &mut out);
    xml::text_element("Prefix", &prefix, &mut out);
    xml::text_element("KeyCount", &page.len().to_string(), &mut out);
    xml::text_element("MaxKeys", &PAGE.to_string(), &mut out);
    xml::text_element("IsTruncated", &truncated.to_string(), &mut out);
    if let Some((last, _)) = page.last().filter(|_| truncated) {
        xml::text_element("NextContinuationToken", last, &mut out);
    }
    for (key, object) in page {
        out.push_str("<Contents>");
        xml::text_element("Key", key, &mut out);
        xml::text_element("LastModified", &rfc3339(object.at), &mut out);
        xml::text_element("ETag", &object.etag, &mut out);
        xml::text_element("Size", &object.body.len().to_string(), &mut out);
        xml::text_element("StorageClass", "STANDARD", &mut out);
        out.push_str("</Contents>");
    }
    out.push_str("</ListBucketResult>");
    Ok(Reply::new(200, "application/xml", out))
}

fn get(s3: &S3, bucket: &str, key: &str) -> Result<Reply, AwsError> {
    let buckets = s3.lock();
    let bucket = buckets.get(bucket).ok_or_else(|| no_bucket(bucket))?;
    let missing = || AwsError::new(404, "NoSuchKey", "The specified key does not exist.");
    let object = bucket.objects.get(key).ok_or_else(missing)?;
    Ok(Reply::new(200, &object.content_type, object.body.clone()).with("etag", object.etag.clone()))
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
}
