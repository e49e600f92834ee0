//! An issuer of a test's own: keys that sign, and a server that publishes them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// An RSA key for tests, since ring makes none.
const RSA: &str = include_str!("rsa.base64");

pub(super) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs()
}

pub(super) fn encode(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// A token with any header and any signature.
pub(super) fn token(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// What a public key makes if it is taken for a secret.
pub(super) fn hmac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    ring::hmac::sign(&key, message).as_ref().to_vec()
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(EcdsaKeyPair, &'static str),
    Ed25519(Ed25519KeyPair),
}

/// A private key under a name.
pub(super) struct Signer {
    id: String,
    pub(super) algorithm: &'static str,
    pair: Pair,
}

impl Signer {
    pub(super) fn all() -> [Self; 5] {
        let mut pss = Self::rsa("pss");
        pss.algorithm = "PS256";
        let [rsa, p256] = [Self::rsa("rsa"), Self::p256("p256")];
        [rsa, pss, p256, Self::p384("p384"), Self::ed25519("ed")]
    }

    pub(super) fn rsa(id: &str) -> Self {
        let der = STANDARD.decode(RSA.replace('\n', "")).unwrap();
        let pair = Pair::Rsa(Box::new(RsaKeyPair::from_der(&der).unwrap()));
        Self::new(id, "RS256", pair)
    }

    pub(super) fn p256(id: &str) -> Self {
        Self::ecdsa(id, "ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING)
    }

    pub(super) fn p384(id: &str) -> Self {
        Self::ecdsa(id, "ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING)
    }

    fn ecdsa(
        id: &str,
        algorithm: &'static str,
        curve: &'static str,
        signing: &'static EcdsaSigningAlgorithm,
    ) -> Self {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(signing, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(signing, der.as_ref(), &random).unwrap();
        Self::new(id, algorithm, Pair::Ecdsa(pair, curve))
    }

    pub(super) fn ed25519(id: &str) -> Self {
        let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
        Self::new(id, "EdDSA", Pair::Ed25519(pair))
    }

    fn new(id: &str, algorithm: &'static str, pair: Pair) -> Self {
        let id = id.to_owned();
        Self {
            id,
            algorithm,
            pair,
        }
    }

    /// The public half, as issuers publish it.
    pub(super) fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.pair {
            Pair::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                let (n, e) = (text(&[&[0], &public.n[..]].concat()), text(&public.e));
                json!({ "kty": "RSA", "use": "sig", "kid": self.id, "n": n, "e": e })
            }
            Pair::Ecdsa(pair, curve) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({ "kty": "EC", "crv": curve, "kid": self.id, "alg": self.algorithm,
                        "x": text(x), "y": text(y) })
            }
            Pair::Ed25519(pair) => {
                let x = text(pair.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": self.id, "x": x })
            }
        }
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        self.sign_as(self.algorithm, claims)
    }

    pub(super) fn sign_as(&self, algorithm: &str, claims: &Value) -> String {
        let header = json!({ "alg": algorithm, "kid": self.id, "typ": "JWT" });
        token(&header, claims, |message| {
            self.signature_as(algorithm, message)
        })
    }

    pub(super) fn signature(&self, message: &[u8]) -> Vec<u8> {
        self.signature_as(self.algorithm, message)
    }

    fn signature_as(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let encoding: &dyn RsaEncoding = match algorithm {
                    "PS256" => &RSA_PSS_SHA256,
                    "RS512" => &RSA_PKCS1_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(encoding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Pair::Ecdsa(pair, _) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

/// A server that answers every request alike.
pub(super) struct Issuer {
    port: u16,
    answer: Arc<Mutex<String>>,
    requests: Arc<AtomicUsize>,
}

impl Issuer {
    /// Serves the public halves of keys.
    pub(super) async fn serve(signers: &[Signer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Self {
            port: listener.local_addr().unwrap().port(),
            answer: Arc::default(),
            requests: Arc::default(),
        };
        let keys: Vec<Value> = signers.iter().map(Signer::jwk).collect();
        issuer.publish(&keys);
        let (answer, requests) = (Arc::clone(&issuer.answer), Arc::clone(&issuer.requests));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                requests.fetch_add(1, Ordering::SeqCst);
                let answer = answer.lock().unwrap().clone();
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        issuer
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/keys", self.port)
    }

    pub(super) fn publish(&self, keys: &[Value]) {
        self.answer(200, &json!({ "keys": keys }).to_string());
    }

    pub(super) fn answer(&self, status: u16, body: &str) {
        *self.answer.lock().unwrap() = format!(
            "HTTP/1.1 {status} -\r\nlocation: {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            self.address(),
            body.len()
        );
    }

    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}
