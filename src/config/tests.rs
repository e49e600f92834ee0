use super::layers::{self, Source, Wrong};
use super::*;
use clap::Parser;
use std::ffi::OsString;

#[derive(Parser, Debug)]
struct Line {
    #[command(subcommand)]
    command: Sub,
}

#[derive(clap::Subcommand, Debug)]
enum Sub {
    Serve(Box<ServeOptions>),
    Deep {
        #[command(flatten)]
        database: DatabaseOptions,
        #[command(subcommand)]
        command: Deeper,
    },
}

#[derive(clap::Subcommand, Debug)]
enum Deeper {
    List,
}

fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("understory.toml");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn read(line: &[&str]) -> Result<layers::Parsed<Line>, Wrong> {
    layers::try_parse(["understory"].iter().chain(line).map(OsString::from))
}

fn config(line: &[&str]) -> Config {
    match read(line).unwrap().value.command {
        Sub::Serve(options) => (*options).try_into().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let (_folder, path) = file(
        "listen = \"127.0.0.1:9000\"\nworkers = 2\nenable = [\"synchronizers\"]\ncors-origin = []",
    );
    let config = config(&["serve", "--config", &path, "--workers", "3"]);
    assert_eq!(config.jobs.workers, 3);
    assert_eq!(config.listen.port(), 9000);
    assert!(config.synchronizers);
    assert_eq!(config.database, PathBuf::from("understory.db"));
    assert!(config.web.cors_origins.is_empty());
}

#[test]
fn each_value_is_told_with_where_it_comes_from() {
    let (_folder, path) = file("workers = 2\nlisten = \"127.0.0.1:9000\"");
    let line = ["serve", "--config", &path, "--workers", "3"];
    let settings = read(&line).unwrap().settings;
    let told = |name: &str| {
        let found = settings
            .iter()
            .find(|setting| setting.name == name)
            .unwrap();
        (found.values.join(","), found.source.clone())
    };
    assert_eq!(told("workers"), ("3".to_owned(), Source::Flag));
    assert_eq!(
        told("listen"),
        ("127.0.0.1:9000".to_owned(), Source::File(path.into()))
    );
    assert_eq!(told("keep-jobs-days"), ("90".to_owned(), Source::Default));
    assert_eq!(told("cors-origin"), (String::new(), Source::Default));
}

#[test]
fn a_command_inside_a_command_takes_its_database_from_the_file() {
    let (_folder, path) = file("database = \"work.db\"\nworkers = 2");
    for line in [
        ["deep", "--config", &path, "list"],
        ["deep", "list", "--config", &path],
    ] {
        let Sub::Deep { database, command } = read(&line).unwrap().value.command else {
            panic!("{line:?}");
        };
        assert_eq!(database.database, PathBuf::from("work.db"));
        assert!(matches!(command, Deeper::List));
    }
}

#[test]
fn a_wrong_file_says_what_is_wrong() {
    for (text, says) in [
        ("colour = 1", "colour"),
        ("colour = 1", "keep-jobs-days"),
        ("config = \"other.toml\"", "no such option"),
        ("listen = \"nowhere\"", "an IP address and a port"),
        ("listen = true", "expected a text"),
        ("listen = [\"127.0.0.1:80\"]", "expected a text"),
        ("enable = [\"magic\"]", "expected synchronizers"),
        ("log-format = \"xml\"", "text or json"),
        ("workers = 0", "1 to 64"),
        ("workers = \"many\"", "1 to 64"),
        ("cors-origin = [\"example.com\"]", "scheme"),
        ("listen", "config file"),
    ] {
        let (_folder, path) = file(text);
        let Err(Wrong::File(error)) = read(&["serve", "--config", &path]) else {
            panic!("{text}");
        };
        let error = error.to_string();
        assert!(error.contains(says), "{text}: {error}");
        assert!(error.contains(&path), "{text}: {error}");
    }
    let Err(Wrong::File(missing)) = read(&["serve", "--config", "/no/such/file"]) else {
        panic!("a missing file is refused");
    };
    assert!(missing.to_string().contains("/no/such/file"));
}

#[test]
fn an_origin_is_kept_as_browsers_send_it() {
    for (given, kept) in [
        ("https://A.example:443", "https://a.example"),
        ("HTTP://a.example:80", "http://a.example"),
        ("https://a.example:80", "https://a.example:80"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("http://[0:0::1]:80", "http://[::1]"),
        ("http://[::A]", "http://[::a]"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ] {
        let config = Config::from_flags(&["--cors-origin", given]).unwrap();
        assert_eq!(config.web.cors_origins, [kept]);
    }
}

#[test]
fn metrics_have_an_address_that_the_api_does_not_take() {
    for (listen, metrics, taken) in [
        ("127.0.0.1:8000", "127.0.0.1:8000", true),
        ("127.0.0.1:8000", "0.0.0.0:8000", true),
        ("[::]:8000", "[::1]:8000", true),
        ("127.0.0.1:8000", "127.0.0.1:8001", false),
        ("127.0.0.1:8000", "127.0.0.2:8000", false),
        ("127.0.0.1:0", "127.0.0.1:0", false),
    ] {
        let config = Config::from_flags(&["--listen", listen, "--metrics-listen", metrics]);
        assert_eq!(config.is_err(), taken, "{listen} {metrics}");
    }
}

#[test]
fn a_wrong_flag_names_the_option_the_value_and_what_was_expected() {
    for (line, says) in [
        (["--listen", "nowhere"], "an IP address and a port"),
        (["--workers", "-1"], "1 to 64"),
        (["--cors-origin", "example.com"], "a scheme and a host"),
        (["--cors-origin", "ftp://a.example"], "a scheme and a host"),
        (
            ["--cors-origin", "https://a.example/"],
            "a scheme and a host",
        ),
        (
            ["--cors-origin", "https://*.example"],
            "a scheme and a host",
        ),
        (
            ["--cors-origin", "https://u@a.example"],
            "a scheme and a host",
        ),
        (["--cors-origin", "https://"], "a scheme and a host"),
        (["--cors-origin", "https://a.example:"], "0 to 65535"),
        (["--cors-origin", "https://a.example:70000"], "0 to 65535"),
        (["--cors-origin", "https://bücher.example"], "xn--"),
        (
            ["--allowed-host", "http://example.com"],
            "the name of a host",
        ),
        (["--allowed-host", "example.com:80"], "the name of a host"),
        (["--allowed-host", "[::g]"], "the name of a host"),
        (["--jwt-keys", "http://example.com/keys"], "expected https"),
        (
            ["--jwt-keys", "ftp://example.com/keys"],
            "https://example.com/keys",
        ),
        (["--jwt-algorithm", "HS256"], "RS256"),
        (["--jwt-algorithm", "none"], "RS256"),
    ] {
        let Err(Wrong::Line(error)) = read(&["serve", line[0], line[1]]) else {
            panic!("{line:?}");
        };
        let error = error.to_string();
        assert!(line.iter().all(|it| error.contains(it)), "{error}");
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn an_issuer_comes_with_its_keys_and_an_audience() {
    let all = [
        "--jwt-issuer",
        "https://id.example.com",
        "--jwt-audience",
        "understory",
        "--jwt-keys",
        "keys.json",
    ];
    let settings = Config::from_flags(&all).unwrap().jwt.unwrap();
    assert_eq!(settings.user_claim, "sub");
    assert_eq!(settings.role_claim, None);
    assert_eq!(settings.algorithms.len(), 3);
    assert!(Config::from_flags(&[]).unwrap().jwt.is_none());
    for left_out in 0..3 {
        let some: Vec<_> = all
            .chunks(2)
            .enumerate()
            .filter(|(at, _)| *at != left_out)
            .collect();
        let some: Vec<&str> = some
            .into_iter()
            .flat_map(|(_, pair)| pair.to_vec())
            .collect();
        let error = Config::from_flags(&some).unwrap_err().to_string();
        let missing = all[2 * left_out].trim_start_matches("--");
        assert!(
            error.starts_with(&format!("{missing} is missing")),
            "{error}"
        );
    }
}

#[test]
fn a_mistyped_variable_is_told_with_the_one_that_was_meant() {
    let names = [
        "UNDERSTORY_DATABSE",
        "UNDERSTORY_DATABASE",
        "UNDERSTORY_XQZ",
        "UNDERSTORY_PORT_8000_TCP",
        "PATH",
    ];
    let command = <Line as clap::CommandFactory>::command();
    let told: Vec<String> = environment::unknown(&command, names.into_iter().map(str::to_owned))
        .iter()
        .map(ToString::to_string)
        .collect();
    let said = [
        "UNDERSTORY_DATABSE in the environment is no option: did you mean UNDERSTORY_DATABASE?",
        "UNDERSTORY_XQZ in the environment is no option, and nothing reads it",
    ];
    assert_eq!(told, said);
}

#[test]
fn help_tells_the_range_of_a_number() {
    let Err(Wrong::Line(help)) = read(&["serve", "--help"]) else {
        panic!("help is no command");
    };
    let help = help.to_string();
    for range in ["[1 to 64]", "[50 to 500]", "[1 to 36500]"] {
        assert!(help.contains(range), "{range} in {help}");
    }
}

#[test]
fn every_limit_is_documented_with_its_range() {
    let page = include_str!("../../OPERATING.md").replace(',', "");
    let ranges = file::ranges();
    let limits = LimitOptions::augment_args(Command::new("limits"));
    for arg in limits.get_arguments() {
        let name = arg.get_long().unwrap();
        assert!(
            ranges.iter().any(|(it, _)| it == name),
            "{name} has no range"
        );
    }
    for (name, range) in ranges {
        let flag = format!("`--{name}");
        let said = |line: &str| line.contains(&flag) && line.contains(&range);
        assert!(
            page.lines().any(said),
            "{flag}: {range} is not in OPERATING.md"
        );
    }
}
