# Short ways to what is done often. `just` lists them.

_default:
    @just --list --unsorted

# Serve a throw-away database with something in it
demo *options:
    cargo run --release -- demo {{ options }}

# Run the tests, or those whose names contain a word
test *words:
    cargo test {{ words }}

# Run what a change has to pass: formatting, lints, documentation
lint:
    cargo fmt --check
    cargo clippy --all-targets --all-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# Count the instructions of what has to stay fast (needs valgrind); UPDATE_INSTRUCTIONS=1 keeps them
instructions *case:
    CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=0 cargo test --bench instructions -- {{ case }}

# Format the code
fmt:
    cargo fmt

# Write schema/schema.graphql and schema/database.sql from the code
schema:
    UPDATE_EXPORTS=1 cargo test --test main exports

# Check licences, sources and duplicates of dependencies (needs cargo-deny)
deny:
    cargo fetch --locked
    cargo deny --offline check licenses bans sources

# Lint the schema for clients, and run the examples for front ends, the cookbook and the README
examples:
    cargo build
    cd tests/clients && npm ci && UNDERSTORY_BIN="{{ justfile_directory() }}/target/debug/understory" npm test

# Rebuild the playground's bundle and check the example operations
playground:
    cd playground && npm ci && npm run build && npm run check:operations

# Drive the playground in Chromium
browser:
    cargo build
    cd playground && npm ci && UNDERSTORY_BIN="{{ justfile_directory() }}/target/debug/understory" npm run test:browser

# Everything that continuous integration runs
ci:
    .ci/run
