//! The audit of the npm package graphql-http, and the npm clients, against this server.
//!
//! They need Node and the packages of `audit/package.json`, so they run only if the environment
//! variable `UNDERSTORY_HTTP_AUDIT_NODE_MODULES` names a `node_modules` folder with them.

use std::process::Stdio;

use tokio::process::Command;

use super::support::{TOKEN, start};

#[tokio::test]
async fn node_audits_and_clients_are_content() {
    let Some(modules) = std::env::var_os("UNDERSTORY_HTTP_AUDIT_NODE_MODULES") else {
        return;
    };
    let server = start().await;
    for script in ["audit.mjs", "clients.mjs"] {
        let output = Command::new("node")
            .arg(format!(
                "{}/tests/http/audit/{script}",
                env!("CARGO_MANIFEST_DIR")
            ))
            .args([
                format!("http://{}/graphql", server.address),
                TOKEN.to_owned(),
            ])
            .env("UNDERSTORY_HTTP_AUDIT_NODE_MODULES", &modules)
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        println!("{script}: {text}");
        assert!(output.status.success(), "{script}: {text}");
    }
}
