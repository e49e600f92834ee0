//! One job, thousands who watch it.

use crate::measure::{Outcome, Unit, median};
use crate::place::{self, Process};
use crate::sockets::{self, Crowd, Heard};
use crate::support::server::{TOKEN, client, create_structure, install, start_resync};
use crate::yardstick;
use serde_json::json;

/// Issues of the tracker: enough that a job on them takes seconds.
const ISSUES: usize = 300_000;

const STATUS: &str = "subscription($id: ID!) { jobStatus(id: $id) {
    revision state progress { phase done total } counts { rowsAdded } } }";

/// Deliveries a second, ours and of the same bytes written to as many sockets.
pub(super) fn deliveries(subscribers: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new(Unit::PerSecond);
    for _ in 0..rounds {
        outcome.yardstick.push(raw(subscribers)?.per_second());
        let (heard, peak) = ours(subscribers)?;
        outcome.ours.push(heard.per_second());
        outcome.saw_peak(peak);
    }
    Ok(outcome)
}

/// How much later than to the first one a snapshot comes to the others, in the middle.
pub(super) fn delay(subscribers: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new(Unit::Seconds);
    for _ in 0..rounds {
        let (heard, peak) = ours(subscribers)?;
        outcome.ours.push(median(&heard.delays()));
        outcome.yardstick.push(0.100);
        outcome.saw_peak(peak);
    }
    Ok(outcome)
}

fn ours(subscribers: usize) -> anyhow::Result<(Heard, u64)> {
    let database = place::tracker(ISSUES)?;
    let (many, connections) = (subscribers.to_string(), (subscribers + 100).to_string());
    let flags = [
        "--workers",
        "1",
        "--connection-limit",
        &connections,
        "--user-subscription-limit",
    ];
    let server = Process::spawn(&database.path(), &[&flags[..], &[&many]].concat())?;
    let heard = place::run(async {
        let mut asking = client(server.address).await;
        let mut jobs = Vec::new();
        // The first one keeps the second waiting until everybody listens.
        for name in ["First", "Second"] {
            let structure = create_structure(&mut asking, name).await;
            let settings = json!({ "savedFilter": { "jql": "ORDER BY rank" } });
            let synchronizer = install(&mut asking, &structure, settings).await;
            let input = json!({ "synchronizerId": synchronizer, "direction": "INTO_STRUCTURE",
                                "confirm": true });
            jobs.push(start_resync(&mut asking, input).await["job"]["id"].clone());
        }
        let variables = json!({ "id": jobs[1] });
        let greet = async |stream| sockets::subscribe(stream, TOKEN, STATUS, &variables).await;
        let crowd = Crowd::connect(subscribers, greet, server.address).await?;
        let is_last = |payload: &[u8]| payload.ends_with(b"\"complete\"}");
        let which = |payload: &[u8]| {
            // While it waits it says so to whoever comes; what counts is what all hear.
            let runs = !payload.windows(8).any(|it| it == b"\"QUEUED\"");
            sockets::number(payload, "\"revision\"").filter(|_| runs)
        };
        crowd.listen(which, is_last).await
    })?;
    Ok((heard, server.peak()?))
}

fn raw(subscribers: usize) -> anyhow::Result<Heard> {
    let server = yardstick::serve_snapshots(subscribers)?;
    place::run(async {
        let crowd = Crowd::connect(subscribers, async |it| Ok(it), server.address).await?;
        let is_last = |payload: &[u8]| payload.ends_with(b"\"last\"}");
        let which = |payload: &[u8]| sockets::number(payload, "\"revision\"");
        crowd.listen(which, is_last).await
    })
}
