//! The site: CloudFront's resources in front of a bucket and the API. `plan::site` checks them, `plan::pages` reads from them what
//! `crate::site` serves.

use serde::Deserialize;
use serde_json::Value as Json;

/// `AWS::CloudFront::Distribution`. Its members are checked against CloudFront's own interface (`plan::site`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DistributionProperties {
    pub distribution_config: Json,
    pub tags: Option<Json>,
}

/// `AWS::CloudFront::OriginAccessControl`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct OriginAccessControlProperties {
    pub origin_access_control_config: OriginAccessControlConfig,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct OriginAccessControlConfig {
    pub name: String,
    pub description: Option<String>,
    pub origin_access_control_origin_type: OriginType,
    pub signing_behavior: SigningBehavior,
    pub signing_protocol: SigningProtocol,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OriginType {
    S3,
    MediaStore,
    MediaPackageV2,
    Lambda,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SigningBehavior {
    Always,
    Never,
    NoOverride,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SigningProtocol {
    SigV4,
}

/// `AWS::CloudFront::CachePolicy`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CachePolicyProperties {
    pub cache_policy_config: CachePolicyConfig,
}

/// Times in seconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CachePolicyConfig {
    pub name: String,
    pub comment: Option<String>,
    #[serde(rename = "MinTTL")]
    pub min_ttl: u32,
    #[serde(rename = "DefaultTTL")]
    pub default_ttl: u32,
    #[serde(rename = "MaxTTL")]
    pub max_ttl: u32,
    pub parameters_in_cache_key_and_forwarded_to_origin: CacheKey,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CacheKey {
    pub enable_accept_encoding_brotli: Option<bool>,
    pub enable_accept_encoding_gzip: bool,
    pub headers_config: HeadersConfig,
    pub cookies_config: CookiesConfig,
    pub query_strings_config: QueryStringsConfig,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct HeadersConfig {
    pub header_behavior: String,
    pub headers: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CookiesConfig {
    pub cookie_behavior: String,
    pub cookies: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct QueryStringsConfig {
    pub query_string_behavior: String,
    pub query_strings: Option<Vec<String>>,
}

/// `AWS::CloudFront::ResponseHeadersPolicy`, as far as it secures a page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ResponseHeadersPolicyProperties {
    pub response_headers_policy_config: ResponseHeadersPolicyConfig,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ResponseHeadersPolicyConfig {
    pub name: String,
    pub comment: Option<String>,
    pub security_headers_config: SecurityHeadersConfig,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct SecurityHeadersConfig {
    pub content_security_policy: ContentSecurityPolicy,
    pub content_type_options: Overriding,
    /// Absent where any page may show this one.
    pub frame_options: Option<FrameOptions>,
    pub referrer_policy: ReferrerPolicy,
    pub strict_transport_security: StrictTransportSecurity,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ContentSecurityPolicy {
    pub content_security_policy: String,
    #[serde(rename = "Override")]
    pub overrides: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Overriding {
    #[serde(rename = "Override")]
    pub overrides: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct FrameOptions {
    pub frame_option: FrameOption,
    #[serde(rename = "Override")]
    pub overrides: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FrameOption {
    Deny,
    SameOrigin,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ReferrerPolicy {
    pub referrer_policy: String,
    #[serde(rename = "Override")]
    pub overrides: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct StrictTransportSecurity {
    pub access_control_max_age_sec: u32,
    pub include_subdomains: Option<bool>,
    pub preload: Option<bool>,
    #[serde(rename = "Override")]
    pub overrides: bool,
}

/// `AWS::CloudFront::Function`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct EdgeFunctionProperties {
    pub name: String,
    pub auto_publish: bool,
    pub function_config: EdgeFunctionConfig,
    pub function_code: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct EdgeFunctionConfig {
    pub comment: String,
    pub runtime: EdgeRuntime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum EdgeRuntime {
    #[serde(rename = "cloudfront-js-1.0")]
    Js1,
    #[serde(rename = "cloudfront-js-2.0")]
    Js2,
}
