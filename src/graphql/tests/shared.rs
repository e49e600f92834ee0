//! `jobStatus` as transports subscribe to it: one stream for all who watch a job.

use super::world::{World, id};
use crate::domain::{AccessLevel, JobId, StructureId, Subject, Viewer};
use crate::events::Event;
use crate::graphql::service::{Answer, Operation, Service};
use crate::store::{jobs, permissions};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// No answer takes this long, whatever else the machine does.
const PATIENCE: Duration = Duration::from_secs(60);

type Answers = BoxStream<'static, Answer>;

fn watch(service: &Service, viewer: &Viewer, job: JobId) -> Answers {
    let query =
        "subscription($id: ID!) { jobStatus(id: $id) { state revision progress { phase } } }";
    let request = json!({ "query": query, "variables": { "id": id(job) } });
    let operation = Operation::from_json(request).unwrap();
    let prepared = service.prepare(operation).unwrap();
    service.subscribe(prepared, viewer).boxed()
}

async fn next(answers: &mut Answers) -> Value {
    let answer = tokio::time::timeout(PATIENCE, answers.next()).await;
    let answer = answer.expect("an answer in time").expect("an answer");
    serde_json::from_slice(answer.body()).unwrap()
}

async fn status(answers: &mut Answers) -> Value {
    next(answers).await["data"]["jobStatus"].take()
}

async fn ends(answers: &mut Answers) {
    let answer = tokio::time::timeout(PATIENCE, answers.next()).await;
    assert!(answer.expect("an end in time").is_none());
}

fn advance(world: &World, job: JobId, revision: i64) {
    let phase = (format!("Phase {revision}"), revision);
    world.fakes.progress.lock().unwrap().insert(job, phase);
}

fn tell(world: &World, job: JobId, structure: StructureId) {
    let event = Event::Job(job, structure, None);
    world.api.store.events().publish(event);
}

#[tokio::test]
async fn watchers_of_a_job_are_told_of_one_look_and_who_joins_sees_it_as_it_stands() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let job = world
        .job(structure, world.synchronizer(structure).await)
        .await;
    let service = world.service();
    let mut all: Vec<_> = (0..50).map(|_| watch(&service, &world.olga, job)).collect();
    for answers in &mut all {
        assert_eq!(status(answers).await["state"], "QUEUED");
    }
    world
        .write(move |tx| jobs::start(tx, &jobs::find(tx, job)?.unwrap()).map(|_| ()))
        .await;
    for answers in &mut all {
        assert_eq!(status(answers).await["state"], "RUNNING");
    }
    let looks = || world.fakes.looks.load(Ordering::SeqCst);
    let before = looks();
    advance(&world, job, 100);
    tell(&world, job, structure);
    for answers in &mut all {
        assert_eq!(status(answers).await["progress"]["phase"], "Phase 100");
    }
    // One to see that there is news, one when it is time to show it.
    assert!(looks() - before <= 2, "{} looks", looks() - before);

    // Nobody tells of this, so that only a look of its own can show it to the newcomer.
    advance(&world, job, 200);
    let mut late = watch(&service, &world.olga, job);
    assert_eq!(status(&mut late).await["progress"]["phase"], "Phase 200");
    all.push(late);
    for answers in all.iter_mut().take(50) {
        assert_eq!(status(answers).await["progress"]["phase"], "Phase 200");
    }
    // What one newcomer looks for is no news for the others.
    let mut later = watch(&service, &world.olga, job);
    assert_eq!(status(&mut later).await["progress"]["phase"], "Phase 200");
    assert!(all.iter_mut().all(|it| it.next().now_or_never().is_none()));
}

#[tokio::test]
async fn who_loses_access_is_told_and_who_keeps_it_listens_on() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let job = world
        .job(structure, world.synchronizer(structure).await)
        .await;
    let (service, subject) = (world.service(), Subject::User(world.sam.user_id));
    let refused = next(&mut watch(&service, &world.sam, job)).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "NOT_FOUND");
    let rule = permissions::Rule {
        subject,
        level: AccessLevel::View,
    };
    world
        .write(move |tx| permissions::set_rule(tx, structure, rule))
        .await;
    let mut owner = watch(&service, &world.olga, job);
    let mut guests: Vec<_> = (0..3).map(|_| watch(&service, &world.sam, job)).collect();
    for answers in guests.iter_mut().chain([&mut owner]) {
        assert_eq!(status(answers).await["state"], "QUEUED");
    }
    world
        .write(move |tx| permissions::remove_rule(tx, structure, subject).map(|_| ()))
        .await;
    for answers in &mut guests {
        let lost = next(answers).await;
        assert_eq!(lost["errors"][0]["extensions"]["code"], "NOT_FOUND");
        ends(answers).await;
    }
    advance(&world, job, 100);
    tell(&world, job, structure);
    assert_eq!(status(&mut owner).await["revision"], 100);
}
