//! The `understory` binary: everything is in the library; see `cli`.

/// Many small allocations are the cost of a GraphQL answer; this allocator halves it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    understory::cli::main()
}
