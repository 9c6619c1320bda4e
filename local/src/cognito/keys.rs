//! RSA keys for the simulated pool, and the one algorithm that its tokens are signed with: RS256. `jsonwebtoken` leaves the
//! cryptography to a provider; its own would bring elliptic curves along and other features of the crates that the AWS SDK
//! is made of (docs/decisions/009).

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Once;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{CryptoProvider, JwkUtils, JwtSigner, JwtVerifier};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey};
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _};
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Cognito's keys have this many bits.
const KEY_BITS: usize = 2048;

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("no RSA key could be made: {0}")]
    Make(rsa::Error),
    #[error("the key of the user pool, {path}, cannot be kept: {source}")]
    Keep { path: String, source: std::io::Error },
    #[error("{path} is no RSA key; remove it, and a new one is made: {problem}")]
    Read { path: String, problem: String },
}

/// A key pair.
#[derive(Debug)]
pub struct SigningKey {
    pub private: EncodingKey,
    pub public: PublicKey,
}

/// What is published of it.
#[derive(Debug)]
pub struct PublicKey {
    pub kid: String,
    pub key: DecodingKey,
    modulus: String,
    exponent: String,
}

impl SigningKey {
    pub fn new() -> Result<Self, KeyError> {
        Self::of(&RsaPrivateKey::new(&mut OsRng, KEY_BITS).map_err(KeyError::Make)?)
    }

    /// The key of the file; a new one where there is none yet.
    pub fn kept(file: Option<&Path>) -> Result<Self, KeyError> {
        let Some(path) = file else { return Self::new() };
        let shown = path.display().to_string();
        match std::fs::read(path) {
            Ok(der) => {
                let read = RsaPrivateKey::from_pkcs1_der(&der);
                Self::of(&read.map_err(|error| KeyError::Read { path: shown, problem: error.to_string() })?)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = Self::new()?;
                // Nobody else on the machine reads it.
                let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
                let kept = file.and_then(|mut file| file.write_all(key.private.inner()));
                kept.map_err(|source| KeyError::Keep { path: shown, source })?;
                Ok(key)
            }
            Err(source) => Err(KeyError::Keep { path: shown, source }),
        }
    }

    fn of(key: &RsaPrivateKey) -> Result<Self, KeyError> {
        install();
        let der = key.to_pkcs1_der().map_err(|error| KeyError::Make(rsa::Error::Pkcs1(error)))?;
        let (modulus, exponent) = (key.n().to_bytes_be(), key.e().to_bytes_be());
        let public = PublicKey {
            kid: URL_SAFE_NO_PAD.encode(Sha256::digest(&modulus)),
            key: DecodingKey::from_rsa_raw_components(&modulus, &exponent),
            modulus: URL_SAFE_NO_PAD.encode(&modulus),
            exponent: URL_SAFE_NO_PAD.encode(&exponent),
        };
        Ok(Self { private: EncodingKey::from_rsa_der(der.as_bytes()), public })
    }
}

impl PublicKey {
    /// As a JSON Web Key (RFC 7517).
    pub fn jwk(&self) -> Value {
        json!({"alg": "RS256", "e": self.exponent, "kid": self.kid, "kty": "RSA", "n": self.modulus, "use": "sig"})
    }
}

/// DigestInfo of SHA-256 (RFC 8017, 9.2), and the digest.
fn scheme() -> Pkcs1v15Sign {
    const PREFIX: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
        0x20,
    ];
    Pkcs1v15Sign { hash_len: Some(32), prefix: Box::new(PREFIX) }
}

struct Rs256Signer(RsaPrivateKey);

impl Signer<Vec<u8>> for Rs256Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        self.0.sign(scheme(), &Sha256::digest(message)).map_err(|error| SignatureError::from_source(error.to_string()))
    }
}

impl JwtSigner for Rs256Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

struct Rs256Verifier(RsaPublicKey);

impl Verifier<Vec<u8>> for Rs256Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        self.0
            .verify(scheme(), &Sha256::digest(message), signature)
            .map_err(|error| SignatureError::from_source(error.to_string()))
    }
}

impl JwtVerifier for Rs256Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

type Made<T> = jsonwebtoken::errors::Result<Box<T>>;

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Made<dyn JwtSigner> {
    if *algorithm != Algorithm::RS256 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let key = RsaPrivateKey::from_pkcs1_der(key.inner());
    Ok(Box::new(Rs256Signer(key.map_err(|error| ErrorKind::InvalidRsaKey(error.to_string()))?)))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Made<dyn JwtVerifier> {
    let DecodingKeyKind::RsaModulusExponent { n, e } = key.kind() else {
        return Err(ErrorKind::InvalidKeyFormat.into());
    };
    if *algorithm != Algorithm::RS256 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let key = RsaPublicKey::new(BigUint::from_bytes_be(n), BigUint::from_bytes_be(e));
    Ok(Box::new(Rs256Verifier(key.map_err(|error| ErrorKind::InvalidRsaKey(error.to_string()))?)))
}

static PROVIDER: CryptoProvider =
    CryptoProvider { signer_factory: signer, verifier_factory: verifier, jwk_utils: JwkUtils::new_unimplemented() };

/// Once in a process; keys come from here only, so that it is done before a token is read or signed.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = PROVIDER.install_default();
    });
}
