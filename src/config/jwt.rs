//! Options of users whom an identity provider vouches for.

use super::ConfigError;
use crate::oidc::{Settings, SigningAlgorithm, Source};
use clap::Args;

/// Which JSON Web Tokens are accepted beside the server's own tokens.
#[derive(Clone, Debug, Args)]
pub(super) struct JwtOptions {
    /// Accept JWTs of this issuer (`iss`) as well; needs --jwt-audience and --jwt-keys
    #[arg(long, value_name = "ISSUER", env = "UNDERSTORY_JWT_ISSUER")]
    jwt_issuer: Option<String>,
    /// What names this server in JWTs (`aud`)
    #[arg(long, value_name = "AUDIENCE", env = "UNDERSTORY_JWT_AUDIENCE")]
    jwt_audience: Option<String>,
    /// Where the issuer's public keys (JWKS) are: an https address, or a file
    #[arg(long, value_name = "URL|PATH", env = "UNDERSTORY_JWT_KEYS")]
    jwt_keys: Option<Source>,
    /// With what JWTs may be signed; asymmetric algorithms only
    #[arg(
        long,
        value_name = "NAME",
        env = "UNDERSTORY_JWT_ALGORITHM",
        value_delimiter = ',',
        default_values = ["RS256", "ES256", "EdDSA"]
    )]
    jwt_algorithm: Vec<SigningAlgorithm>,
    /// The claim that names the user
    #[arg(
        long,
        value_name = "CLAIM",
        env = "UNDERSTORY_JWT_USER_CLAIM",
        default_value = "sub"
    )]
    jwt_user_claim: String,
    /// The claim with the user's roles, such as `roles` or `realm_access.roles`; without it, the
    /// issuer does not decide who is an administrator
    #[arg(long, value_name = "CLAIM", env = "UNDERSTORY_JWT_ROLE_CLAIM")]
    jwt_role_claim: Option<String>,
    /// The values of that claim that make an administrator
    #[arg(
        long,
        value_name = "ROLE",
        env = "UNDERSTORY_JWT_ADMIN_ROLE",
        value_delimiter = ',',
        default_value = "admin"
    )]
    jwt_admin_role: Vec<String>,
}

impl JwtOptions {
    /// The settings, if there is an issuer.
    pub(super) fn settings(self) -> Result<Option<Settings>, ConfigError> {
        let missing = |option: &str| {
            ConfigError(format!(
                "{option} is missing: expected jwt-issuer, jwt-audience and jwt-keys, or none of them"
            ))
        };
        let (issuer, audience, keys) = (self.jwt_issuer, self.jwt_audience, self.jwt_keys);
        if issuer.is_none() && audience.is_none() && keys.is_none() {
            return Ok(None);
        }
        Ok(Some(Settings {
            issuer: issuer.ok_or_else(|| missing("jwt-issuer"))?,
            audience: audience.ok_or_else(|| missing("jwt-audience"))?,
            keys: keys.ok_or_else(|| missing("jwt-keys"))?,
            algorithms: self.jwt_algorithm,
            user_claim: self.jwt_user_claim,
            role_claim: self.jwt_role_claim,
            admin_roles: self.jwt_admin_role,
        }))
    }
}
