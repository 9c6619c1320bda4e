//! Who may call the API: the authorizer of an HTTP API, and Cognito's user pool behind it. Of the pool the local cloud
//! simulates clients, scopes and tokens; how people sign in (passwords, MFA, recovery) is read and has no effect.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

/// `Auth` of `AWS::Serverless::HttpApi`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ApiAuth {
    pub default_authorizer: Option<String>,
    #[serde(default)]
    pub authorizers: BTreeMap<String, JwtAuthorizer>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct JwtAuthorizer {
    pub identity_source: String,
    pub jwt_configuration: JwtConfiguration,
    #[serde(default)]
    pub authorization_scopes: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtConfiguration {
    pub issuer: String,
    pub audience: Vec<String>,
}

/// `Auth` of a route.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RouteAuth {
    /// The name of an authorizer, or `NONE`.
    pub authorizer: Option<String>,
    /// In place of the authorizer's own.
    pub authorization_scopes: Option<Vec<String>>,
}

/// `AWS::Cognito::UserPool`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct UserPoolProperties {
    pub user_pool_name: Option<String>,
    pub user_pool_tier: Option<String>,
    pub deletion_protection: Option<String>,
    pub admin_create_user_config: Option<Json>,
    pub alias_attributes: Option<Vec<String>>,
    pub auto_verified_attributes: Option<Vec<String>>,
    pub username_configuration: Option<Json>,
    pub user_attribute_update_settings: Option<Json>,
    pub account_recovery_setting: Option<Json>,
    pub policies: Option<Json>,
    pub mfa_configuration: Option<String>,
    pub enabled_mfas: Option<Vec<String>>,
    pub user_pool_tags: Option<BTreeMap<String, String>>,
}

/// `AWS::Cognito::UserPoolDomain`: where the pages to sign in and the token endpoint are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct UserPoolDomainProperties {
    pub domain: String,
    pub user_pool_id: String,
}

/// `AWS::Cognito::UserPoolResourceServer`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ResourceServerProperties {
    pub user_pool_id: String,
    pub identifier: String,
    pub name: String,
    #[serde(default)]
    pub scopes: Vec<ResourceServerScope>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ResourceServerScope {
    pub scope_name: String,
    pub scope_description: String,
}

/// `AWS::Cognito::UserPoolClient`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct UserPoolClientProperties {
    pub user_pool_id: String,
    pub client_name: Option<String>,
    #[serde(default)]
    pub generate_secret: bool,
    #[serde(default, rename = "AllowedOAuthFlowsUserPoolClient")]
    pub oauth: bool,
    #[serde(default, rename = "AllowedOAuthFlows")]
    pub flows: Vec<String>,
    #[serde(default, rename = "AllowedOAuthScopes")]
    pub scopes: Vec<String>,
    #[serde(default, rename = "CallbackURLs")]
    pub callback_urls: Vec<String>,
    #[serde(default, rename = "LogoutURLs")]
    pub logout_urls: Vec<String>,
    pub explicit_auth_flows: Option<Vec<String>>,
    pub supported_identity_providers: Option<Vec<String>>,
    pub prevent_user_existence_errors: Option<String>,
    pub enable_token_revocation: Option<bool>,
    pub access_token_validity: Option<u32>,
    pub id_token_validity: Option<u32>,
    pub refresh_token_validity: Option<u32>,
    pub token_validity_units: Option<Json>,
}

/// `AWS::Cognito::UserPoolGroup`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct UserPoolGroupProperties {
    pub user_pool_id: String,
    pub group_name: String,
    pub description: Option<String>,
}

/// The resources of Cognito.
#[derive(Debug, Clone)]
pub enum SignIn {
    Pool(Box<UserPoolProperties>),
    Domain(UserPoolDomainProperties),
    ResourceServer(ResourceServerProperties),
    Client(Box<UserPoolClientProperties>),
    Group(UserPoolGroupProperties),
}
