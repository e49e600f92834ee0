//! A soak: followers, readers, editors and resyncs on a server that is killed and restarted, then
//! left running. At its end nobody may have missed anything.
//!
//! `UNDERSTORY_SOAK_MINUTES=20 cargo test --release --test main soak -- --nocapture` runs it in
//! earnest and tells the memory of the server; otherwise it takes some seconds.

mod ending;
mod followers;
mod host;
mod traffic;

use crate::support::client::Client;
use crate::support::server::{TOKEN, World, create_structure, install, resync, small_files};
use host::Host;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Followers of structures, of all jobs, of one job after another.
const FOLLOWERS: (usize, usize, usize) = (100, 50, 50);
/// The share of the time in which the server is not left in peace.
const UNREST: f64 = 0.6;
/// Kills and restarts.
const ENDS: u32 = 12;

/// What is worked on.
struct Ground {
    structures: Vec<String>,
    /// Each with the direction of its resyncs.
    synchronizers: Vec<(String, &'static str)>,
    link_type: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missed_in_unrest_and_memory_stays_flat() {
    let minutes = std::env::var("UNDERSTORY_SOAK_MINUTES").ok();
    let time = match minutes {
        Some(minutes) => Duration::from_secs_f64(60.0 * minutes.parse::<f64>().unwrap()),
        None => Duration::from_secs(15),
    };
    let world = World::new(&small_files()).await;
    let ground = Arc::new(prepare(&world).await);
    let mut host = Host::start(&world);

    let (of_structures, of_jobs, of_one) = FOLLOWERS;
    let structures = (0..of_structures)
        .map(|at| {
            let structure = &ground.structures[at % ground.structures.len()];
            tokio::spawn(followers::hierarchy(host.place(), structure.clone()))
        })
        .collect::<Vec<_>>();
    let jobs: Vec<_> = (0..of_jobs)
        .map(|_| tokio::spawn(followers::jobs(host.place())))
        .collect();
    let each: Vec<_> = (0..of_one)
        .map(|_| tokio::spawn(followers::one_job_after_another(host.place())))
        .collect();
    let traffic = traffic::start(&host, &ground);

    let begun = Instant::now();
    for number in 1..=ENDS {
        let at = time.mul_f64(UNREST * f64::from(number) / f64::from(ENDS));
        tokio::time::sleep_until((begun + at).into()).await;
        host.end_and_start_again(number % 2 == 0);
    }
    let memory = host.watch_memory(begun + time).await;
    let done = traffic.stop().await;
    eprintln!("{done}");

    ending::wait_for_peace(&host).await;
    ending::check_memory(&memory);
    ending::check_what_was_acknowledged(&host, &done.created).await;
    let versions = ending::check_synchronizers(&host, &ground).await;
    host.say_that_it_is_over(versions);
    for follower in structures {
        let replica = follower.await.unwrap();
        ending::check_replica(&host, &replica).await;
    }
    let mut seen = 0;
    for follower in jobs.into_iter().chain(each) {
        let told = follower.await.unwrap();
        seen += told.len();
        ending::check_jobs(&host, told).await;
    }
    eprintln!("{seen} ends of jobs were told to followers");
    host.stop();
}

/// Structures that synchronizers of every kind keep, each enabled after a resync.
async fn prepare(world: &World) -> Ground {
    let server = world.serve().await;
    let link_type = world.link_type(&server, "Soak").await;
    let mut asker = Client::connect(server.address(), TOKEN).await;
    let mut ground = Ground {
        structures: Vec::new(),
        synchronizers: Vec::new(),
        link_type: link_type.clone(),
    };
    let filter = |jql: &str| json!({ "savedFilter": { "jql": jql } });
    let links = json!({ "links": { "linkTypeId": link_type, "parentEnd": "SOURCE" } });
    let agile = json!({ "agile": { "projectKeys": ["MOD"] } });
    let rollup = json!({ "statusRollup": { "statuses": ["Open", "In Progress", "Closed"] } });
    for (name, kinds) in [
        ("Linked", vec![filter("project = MOD"), links]),
        (
            "Nested",
            vec![
                filter("project = DAEMON"),
                json!({ "subTasks": {} }),
                rollup,
            ],
        ),
        ("Planned", vec![filter("project = MOD"), agile]),
    ] {
        let structure = create_structure(&mut asker, name).await;
        for settings in kinds {
            let direction = match settings.get("statusRollup") {
                Some(_) => "FROM_STRUCTURE",
                None => "INTO_STRUCTURE",
            };
            let how = json!({ "direction": direction, "enableAfterwards": true, "maxRemovalPercent": 100 });
            let synchronizer = install(&mut asker, &structure, settings).await;
            let job = resync(&mut asker, &synchronizer, how).await;
            assert_eq!(job["state"], "SUCCEEDED", "{job}");
            ground.synchronizers.push((synchronizer, direction));
        }
        ground.structures.push(structure);
    }
    server.stop().await;
    ground
}
