//! `understory resync`: the careful way to run a resync on a server. A dry run first, its summary
//! and a question, then the job, bound to that dry run, with its progress as it happens.

use super::client::{self, Client};
use super::{CliError, output};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

/// Changes shown before the question.
const SHOWN: u64 = 20;

#[derive(clap::Args)]
pub(super) struct Resync {
    /// The id of the synchronizer, as the API gives it
    synchronizer: String,
    /// Which side is overwritten: the structure (into) or the issues (from)
    #[arg(long)]
    direction: DirectionName,
    /// Stop after the dry run
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Enable the synchronizer as soon as the resync has succeeded
    #[arg(long, conflicts_with = "dry_run")]
    enable_afterwards: bool,
    /// Fail when more than this share of the rows or links in scope would be removed
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(i64).range(0..=100))]
    max_removal_percent: i64,
    /// The server, such as http://127.0.0.1:8000/
    #[arg(long, env = "UNDERSTORY_URL", value_parser = server_url)]
    url: String,
    /// A token; better given in the environment
    #[arg(long, env = "UNDERSTORY_TOKEN", hide_env_values = true)]
    token: String,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum DirectionName {
    Into,
    From,
}

fn server_url(text: &str) -> Result<String, String> {
    match client::socket_address(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("expected an address such as http://127.0.0.1:8000/".to_owned()),
    }
}

const START: &str = "mutation Start($input: StartResyncInput!) {
  startResync(input: $input) { job { id } userErrors { code message } }
}";
const WATCH: &str = "subscription Watch($id: ID!) { jobStatus(id: $id) {
  state waitingFor { id } waitingReason progress { phase done total } error { code message }
} }";
const RESULT: &str = "query Result($id: ID!, $first: Int!) { job(id: $id) {
  counts { issuesScanned rowsAdded rowsMoved rowsRemoved linksAdded linksRemoved
    ranksChanged epicsChanged statusesChanged conflicts skipped failed }
  changes(first: $first) { totalCount nodes { kind summary } }
} }";

impl Resync {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        let mut client = Client::connect(&self.url, &self.token).await?;
        let preview = self
            .start(
                &mut client,
                json!({ "dryRun": true, "maxRemovalPercent": self.max_removal_percent }),
            )
            .await?;
        if !watch(&mut client, &preview, "dry run").await? {
            return Ok(ExitCode::FAILURE);
        }
        let result = client
            .ask(RESULT, json!({ "id": preview, "first": SHOWN }))
            .await?;
        summarize(&result["job"])?;
        if self.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        if !self.yes && !ask(self.direction)? {
            eprintln!("nothing was changed");
            return Ok(ExitCode::FAILURE);
        }
        let rest = json!({
            "confirm": true,
            "previewJobId": preview,
            "enableAfterwards": self.enable_afterwards,
            "maxRemovalPercent": self.max_removal_percent,
        });
        let job = self.start(&mut client, rest).await?;
        output::line(format_args!("job {job}"))?;
        let succeeded = watch(&mut client, &job, "resync").await?;
        let result = client.ask(RESULT, json!({ "id": job, "first": 0 })).await?;
        output::line(format_args!("done: {}", counted(&result["job"]["counts"])))?;
        Ok(if succeeded {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn start(&self, client: &mut Client, mut input: Value) -> Result<String, CliError> {
        input["synchronizerId"] = json!(self.synchronizer);
        input["direction"] = json!(match self.direction {
            DirectionName::Into => "INTO_STRUCTURE",
            DirectionName::From => "FROM_STRUCTURE",
        });
        let mut data = client.ask(START, json!({ "input": input })).await?;
        let payload = data["startResync"].take();
        if let Some(error) = payload["userErrors"].get(0) {
            let text = |field: &str| error[field].as_str().unwrap_or_default();
            return Err(CliError::Failed(format!(
                "{}: {}",
                text("code"),
                text("message")
            )));
        }
        let id = payload["job"]["id"].as_str();
        id.map(str::to_owned)
            .ok_or_else(|| CliError::Failed("the server named no job".to_owned()))
    }
}

/// Follows a job to its end; whether it succeeded.
async fn watch(client: &mut Client, job: &str, what: &str) -> Result<bool, CliError> {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(None, target);
    let spinner = ProgressStyle::with_template("{spinner} {prefix}: {msg}");
    let counting = ProgressStyle::with_template("{prefix}: {msg} [{bar:30}] {pos}/{len}");
    bar.set_prefix(what.to_owned());
    client.subscribe(WATCH, json!({ "id": job })).await?;
    let mut last = Value::Null;
    while let Some(mut data) = client.next().await? {
        last = data["jobStatus"].take();
        let progress = &last["progress"];
        match (progress["total"].as_u64(), &counting, &spinner) {
            (Some(total), Ok(style), _) => {
                bar.set_style(style.clone());
                bar.set_length(total);
                bar.set_position(progress["done"].as_u64().unwrap_or_default());
            }
            (_, _, Ok(style)) => bar.set_style(style.clone()),
            _ => {}
        }
        let waiting = last["waitingReason"].as_str();
        let phase = waiting.or(progress["phase"].as_str()).unwrap_or_default();
        bar.set_message(phase.to_owned());
        bar.tick();
    }
    bar.finish_and_clear();
    let state = last["state"].as_str().unwrap_or("unknown");
    let error = last["error"]["message"]
        .as_str()
        .map(|it| format!(": {it}"))
        .unwrap_or_default();
    eprintln!("{what}: {state}{error}");
    Ok(state == "SUCCEEDED")
}

fn counted(counts: &Value) -> String {
    let count = |name: &str| counts[name].as_u64().unwrap_or_default();
    format!(
        "{} issues scanned; rows: {} added, {} moved, {} removed; links: {} added, {} removed; \
         ranks: {}, epics: {}, statuses: {} changed; conflicts: {}, skipped: {}, failed: {}",
        count("issuesScanned"),
        count("rowsAdded"),
        count("rowsMoved"),
        count("rowsRemoved"),
        count("linksAdded"),
        count("linksRemoved"),
        count("ranksChanged"),
        count("epicsChanged"),
        count("statusesChanged"),
        count("conflicts"),
        count("skipped"),
        count("failed"),
    )
}

fn summarize(job: &Value) -> Result<(), CliError> {
    output::line(format_args!("would do: {}", counted(&job["counts"])))?;
    let changes = &job["changes"];
    for change in changes["nodes"].as_array().into_iter().flatten() {
        let text = |field: &str| change[field].as_str().unwrap_or_default();
        let (kind, summary) = (text("kind"), text("summary"));
        output::line(format_args!("  {kind:<14} {summary}"))?;
    }
    let total = changes["totalCount"].as_u64().unwrap_or_default();
    if total > SHOWN {
        output::line(format_args!("  … and {} more", total - SHOWN))?;
    }
    Ok(())
}

/// Asks on the terminal; anything but yes is no.
fn ask(direction: DirectionName) -> Result<bool, CliError> {
    let overwritten = match direction {
        DirectionName::Into => "the structure is overwritten from the issues",
        DirectionName::From => "the issues are overwritten from the structure",
    };
    eprint!("Run it? Then {overwritten}. [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| CliError::Failed(error.to_string()))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
