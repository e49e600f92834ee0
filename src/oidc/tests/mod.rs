//! Tokens as issuers make them and as attackers do, against keys that are served over HTTP.

mod issuer;

use super::{Disbelief, Identity, Settings, SigningAlgorithm, Source, Verifier};
use issuer::{Issuer, Signer, now, token};
use serde_json::{Value, json};
use std::time::Duration;

const ISSUER: &str = "https://id.example.com";
const AUDIENCE: &str = "understory";

fn settings(keys: Source) -> Settings {
    let algorithms = ["RS256", "ES256", "ES384", "EdDSA", "PS256"];
    let algorithms = algorithms.map(|name| name.parse::<SigningAlgorithm>().unwrap());
    Settings {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        keys,
        algorithms: algorithms.to_vec(),
        user_claim: "sub".to_owned(),
        role_claim: Some("realm_access.roles".to_owned()),
        admin_roles: vec!["boss".to_owned()],
    }
}

async fn verifier(issuer: &Issuer) -> Verifier {
    let source: Source = issuer.address().parse().unwrap();
    Verifier::start(settings(source)).await.unwrap()
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": 1_700_000_000, "exp": now() + 60 })
}

/// The claims with one of them changed; null takes it out.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

#[tokio::test]
async fn each_kind_of_key_is_believed() {
    let signers = Signer::all();
    let issuer = Issuer::serve(&signers).await;
    let verifier = verifier(&issuer).await;
    for signer in &signers {
        let found = verifier.verify(&signer.sign(&claims())).await;
        let found = found.unwrap_or_else(|error| panic!("{}: {error}", signer.algorithm));
        assert_eq!(found.user, "ada");
        let mut broken = signer.sign(&claims());
        let last = if broken.pop() == Some('A') { 'B' } else { 'A' };
        broken.insert(broken.rfind('.').unwrap() + 1, last);
        assert!(verifier.verify(&broken).await.is_err(), "{broken}");
    }
}

#[tokio::test]
async fn claims_must_be_those_of_the_issuer_for_this_server_and_now() {
    let signer = Signer::ed25519("one");
    let issuer = Issuer::serve(std::slice::from_ref(&signer)).await;
    let verifier = verifier(&issuer).await;
    for (name, value) in [
        ("iss", json!("https://other.example.com")),
        ("iss", json!("https://id.example.com/")),
        ("iss", Value::Null),
        ("aud", json!("another")),
        ("aud", json!([])),
        ("aud", json!(["another"])),
        ("aud", Value::Null),
        ("exp", json!(now() - 40)),
        ("exp", json!("tomorrow")),
        ("exp", Value::Null),
        ("nbf", json!(now() + 40)),
        ("sub", json!("")),
        ("sub", json!("a\nb")),
        ("sub", json!(" ada")),
        ("sub", json!("ada\u{a0}")),
        ("sub", json!("x".repeat(256))),
        ("sub", json!(7)),
        ("sub", Value::Null),
    ] {
        let found = verifier
            .verify(&signer.sign(&with(name, value.clone())))
            .await;
        assert!(found.is_err(), "{name} {value}: {found:?}");
    }
    for (name, value) in [
        ("aud", json!(["another", AUDIENCE])),
        // Within the time by which clocks may differ.
        ("exp", json!(now() - 10)),
        ("nbf", json!(now() + 10)),
        ("sub", json!("x".repeat(255))),
    ] {
        let found = verifier
            .verify(&signer.sign(&with(name, value.clone())))
            .await;
        assert!(found.is_ok(), "{name} {value}: {found:?}");
    }
}

#[tokio::test]
async fn the_issuer_decides_on_roles_if_asked() {
    let signer = Signer::ed25519("one");
    let issuer = Issuer::serve(std::slice::from_ref(&signer)).await;
    let verifier = verifier(&issuer).await;
    for (value, admin) in [
        (json!({ "roles": ["staff", "boss"] }), true),
        (json!({ "roles": "boss" }), true),
        (json!({ "roles": ["staff"] }), false),
        (json!({ "roles": ["Boss", "bosses", 1] }), false),
        (json!({ "roles": {} }), false),
        (json!(["boss"]), false),
        (Value::Null, false),
    ] {
        let found = verifier
            .verify(&signer.sign(&with("realm_access", value.clone())))
            .await;
        let found = found.unwrap();
        // Its minute, and the leeway to its last second.
        let lasts = found.lasts;
        assert!(lasts.as_secs() <= 60 + 31 && !lasts.is_zero(), "{lasts:?}");
        let wanted = Identity {
            user: "ada".to_owned(),
            admin: Some(admin),
            issued_at: Some(1_700_000_000),
            lasts,
        };
        assert_eq!(found, wanted, "{value}");
    }
    let mut settings = settings(issuer.address().parse().unwrap());
    settings.role_claim = None;
    let verifier = Verifier::start(settings).await.unwrap();
    let token = signer.sign(&with("realm_access", json!({ "roles": ["boss"] })));
    assert_eq!(verifier.verify(&token).await.unwrap().admin, None);
}

#[tokio::test]
async fn signatures_that_prove_nothing_are_refused() {
    let (rsa, other) = (Signer::rsa("one"), Signer::ed25519("one"));
    let issuer = Issuer::serve(std::slice::from_ref(&rsa)).await;
    let verifier = verifier(&issuer).await;
    let good = rsa.sign(&claims());
    let parts: Vec<_> = good.split('.').collect();
    let none = json!({ "alg": "none", "kid": "one" });
    let shared = json!({ "alg": "HS256", "kid": "one" });
    let secret = rsa.jwk()["n"].as_str().unwrap().as_bytes().to_vec();
    let critical = json!({ "alg": "RS256", "kid": "one", "crit": ["exp"] });
    let embedded = json!({ "alg": "EdDSA", "kid": "mine", "jwk": other.jwk() });
    for forged in [
        token(&none, &claims(), |_| Vec::new()),
        token(&none, &claims(), |_| b"x".to_vec()),
        token(&shared, &claims(), |message| issuer::hmac(&secret, message)),
        token(&critical, &claims(), |message| rsa.signature(message)),
        // Brings its own key along.
        token(&embedded, &claims(), |message| other.signature(message)),
        // Signed by another key, under the name of the right one.
        other.sign(&claims()),
        // Not among the algorithms that are allowed, though the key would do.
        rsa.sign_as("RS512", &claims()),
        // Other claims under a signature that was good.
        format!(
            "{}.{}.{}",
            parts[0],
            issuer::encode(&with("sub", json!("root"))),
            parts[2]
        ),
        format!("{}.{}.", parts[0], parts[1]),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!("{good}."),
    ] {
        assert!(verifier.verify(&forged).await.is_err(), "{forged}");
    }
    let long = rsa.sign(&with("pad", json!("x".repeat(16 * 1024))));
    assert!(matches!(
        verifier.verify(&long).await,
        Err(Disbelief::TooLong)
    ));
    assert!(verifier.verify(&good).await.is_ok());
}

#[tokio::test]
async fn keys_rotate_while_the_server_runs() {
    let (old, new) = (Signer::p256("old"), Signer::p256("new"));
    let issuer = Issuer::serve(std::slice::from_ref(&old)).await;
    let verifier = verifier(&issuer).await;
    assert!(verifier.verify(&old.sign(&claims())).await.is_ok());
    assert_eq!(issuer.requests(), 1);

    issuer.publish(&[Signer::ed25519("unrelated").jwk(), new.jwk()]);
    let fresh = new.sign(&claims());
    let both = tokio::join!(verifier.verify(&fresh), verifier.verify(&fresh));
    assert!(both.0.is_ok() && both.1.is_ok());
    assert_eq!(issuer.requests(), 2, "those who wait share a fetch");

    for name in ["a", "b", "c"] {
        let found = verifier.verify(&Signer::p256(name).sign(&claims())).await;
        assert!(matches!(found, Err(Disbelief::UnknownKey)));
    }
    assert_eq!(
        issuer.requests(),
        2,
        "unknown keys do not make it ask again at once"
    );
    let found = verifier.verify(&old.sign(&claims())).await;
    assert!(matches!(found, Err(Disbelief::UnknownKey)));
}

#[tokio::test]
async fn a_fetch_that_fails_keeps_the_keys() {
    let signer = Signer::p384("one");
    let issuer = Issuer::serve(std::slice::from_ref(&signer)).await;
    let verifier = verifier(&issuer).await;
    let long = format!("{{\"keys\":[{}]}}", " ".repeat(300_000));
    for (status, body) in [
        (500, "{}"),
        (302, "{}"),
        (200, "no JSON"),
        (200, "{\"keys\":[]}"),
        (
            200,
            "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":\"one\"}]}",
        ),
        (200, &long),
    ] {
        issuer.answer(status, body);
        verifier.keys.refresh(Duration::ZERO).await;
        let found = verifier.verify(&signer.sign(&claims())).await;
        assert!(found.is_ok(), "{status} {body:.60}: {found:?}");
    }
    assert_eq!(issuer.requests(), 7);
}

#[tokio::test]
async fn keys_may_stand_in_a_file_and_must_then_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let source = Source::File(path.clone());
    let missing = Verifier::start(settings(source.clone()))
        .await
        .err()
        .unwrap();
    assert!(missing.contains("keys.json"), "{missing}");
    let signer = Signer::ed25519("one");
    std::fs::write(&path, json!({ "keys": [signer.jwk()] }).to_string()).unwrap();
    let verifier = Verifier::start(settings(source)).await.unwrap();
    let unnamed = json!({ "alg": "EdDSA" });
    let unnamed = token(&unnamed, &claims(), |message| signer.signature(message));
    assert!(
        verifier.verify(&unnamed).await.is_ok(),
        "the only key needs no name"
    );
}

#[tokio::test]
async fn an_issuer_that_is_away_is_waited_for() {
    let signer = Signer::ed25519("one");
    let issuer = Issuer::serve(std::slice::from_ref(&signer)).await;
    issuer.answer(503, "");
    let verifier = verifier(&issuer).await;
    issuer.publish(&[signer.jwk()]);
    assert!(verifier.verify(&signer.sign(&claims())).await.is_ok());
}
