//! Who calls what where: the credential scope of a request's signature (`AKID/date/region/service/aws4_request`).
//!
//! The signature itself is not verified.

use http::HeaderMap;

/// What a request was signed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub access_key: String,
    pub region: String,
    pub service: String,
}

/// The scope of a signed request, from its Authorization header or, for a presigned one, its query.
pub fn of(headers: &HeaderMap, query: &[(String, String)]) -> Option<Scope> {
    let header = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let signed = header.filter(|text| text.starts_with("AWS4-HMAC-SHA256")).and_then(|text| {
        let (_, rest) = text.split_once("Credential=")?;
        rest.split([',', ' ']).next()
    });
    let presigned = query.iter().find(|(name, _)| name == "X-Amz-Credential").map(|(_, value)| value.as_str());
    parse(signed.or(presigned)?)
}

fn parse(credential: &str) -> Option<Scope> {
    // An access key id may hold slashes in theory; the last four parts never do.
    let mut parts = credential.rsplitn(5, '/');
    let terminator = parts.next()?;
    let (service, region, _date, access_key) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if terminator != "aws4_request" || service.is_empty() || region.is_empty() || access_key.is_empty() {
        return None;
    }
    Some(Scope { access_key: access_key.to_owned(), region: region.to_owned(), service: service.to_owned() })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn region_and_service_come_from_the_credential_scope() {
        let mut headers = HeaderMap::new();
        let text = "AWS4-HMAC-SHA256 Credential=AKIALOCALPROVISION/20260101/eu-west-1/medialive/aws4_request, \
                    SignedHeaders=host;x-amz-date, Signature=00";
        headers.insert("authorization", HeaderValue::from_static(text));
        let scope = of(&headers, &[]).unwrap();
        assert_eq!(
            scope,
            Scope { access_key: "AKIALOCALPROVISION".into(), region: "eu-west-1".into(), service: "medialive".into() }
        );
    }

    #[test]
    fn a_presigned_request_carries_its_scope_in_the_query() {
        let query = vec![("X-Amz-Credential".to_owned(), "AKIAX/20260101/us-east-1/s3/aws4_request".to_owned())];
        assert_eq!(of(&HeaderMap::new(), &query).map(|s| s.service), Some("s3".to_owned()));
    }

    #[test]
    fn an_unsigned_or_mangled_request_has_no_scope() {
        assert_eq!(of(&HeaderMap::new(), &[]), None);
        let query = vec![("X-Amz-Credential".to_owned(), "AKIAX/20260101/s3/aws4_request".to_owned())];
        assert_eq!(of(&HeaderMap::new(), &query), None);
    }
}
