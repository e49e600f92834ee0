//! What is exported from the code stands in `schema/` as the code has it. To write it anew:
//! `UPDATE_EXPORTS=1 cargo test --test main exports`.

use std::path::Path;
use understory::{graphql, store};

fn check(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema")
        .join(name);
    if std::env::var_os("UPDATE_EXPORTS").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "schema/{name} is not what the code makes: run UPDATE_EXPORTS=1 cargo test --test main exports"
    );
}

#[test]
fn the_graphql_schema_is_the_one_that_is_kept() {
    check(
        "schema.graphql",
        &graphql::sdl(graphql::Synchronizers::Shown),
    );
}

#[test]
fn the_database_schema_is_the_one_that_is_kept() {
    check("database.sql", &store::schema().unwrap());
}
