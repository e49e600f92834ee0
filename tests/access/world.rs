//! A server with a structure that is hidden from one user and shown to another, and all that may
//! hang on a structure: rows, rules, synchronizers, jobs of every kind, edits of issues.

use crate::scenarios::generated::write_issues;
use crate::support::client::Client;
use crate::support::server::{
    self, TOKEN, add_token, create_structure, id, install, resync, watch,
};
use base64::Engine;
use serde_json::{Value, json};
use understory::app::Server;
use understory::domain::{
    AccessLevel, Direction, GlobalPermission, JobKind, JobState, Role, StructureId, Subject,
    SynchronizerId, UserId,
};
use understory::store::permissions::{self, Grant, Rule};
use understory::store::{StoreError, jobs, users};

/// In every name that a user without access must not read.
pub(crate) const SECRET: &str = "SECRET";

/// Ids of one kind of thing each: of what is hidden, or of what never was.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    pub(crate) structure: String,
    pub(crate) row: String,
    pub(crate) synchronizer: String,
    pub(crate) job: String,
    pub(crate) token: String,
}

impl Ids {
    pub(crate) fn all(&self) -> [&str; 5] {
        [
            &self.structure,
            &self.row,
            &self.synchronizer,
            &self.job,
            &self.token,
        ]
    }

    /// Ids as the server gives them, of things that it never made.
    pub(crate) fn never() -> Self {
        Self {
            structure: global("Structure", 987_654),
            row: global("Row", 987_654),
            synchronizer: global("Synchronizer", 987_654),
            job: global("Job", 987_654),
            token: global("Token", 987_654),
        }
    }
}

/// The id of a thing, as the server gives it.
pub(crate) fn global(kind: &str, number: i64) -> String {
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(format!("{kind}:{number}"))
}

fn number(id: &str) -> i64 {
    let text = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(id).unwrap();
    let text = String::from_utf8(text).unwrap();
    text.split_once(':').unwrap().1.parse().unwrap()
}

/// The users: `admin`; `olga`, who owns what is hidden; `sam`, who sees nothing of it; `vera`, who
/// may view it.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) hidden: Ids,
    /// Of a structure of sam's own.
    pub(crate) own: Ids,
    pub(crate) users: [UserId; 3],
    world: server::World,
    _files: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let world = server::World::new(&[write_issues(files.path(), 12)]).await;
        // A walk over the whole schema costs more than anybody would ask for at once.
        let server = world
            .serve_with(&[
                "--enable",
                "synchronizers",
                "--complexity-limit",
                "1000000000",
            ])
            .await;
        let users = server.store().write(make_users).await.unwrap();
        let link_type = world.link_type(&server, "Blocks").await;
        let mut olga = Client::connect(server.address(), "us_olga").await;
        let mut sam = Client::connect(server.address(), "us_sam").await;
        let hidden = fill(&mut olga, SECRET, &link_type).await;
        let own = fill(&mut sam, "Own", &link_type).await;
        let world = Self {
            server,
            hidden,
            own,
            users,
            world,
            _files: files,
        };
        world.rule(2, AccessLevel::View).await;
        world.occupy_the_queue().await;
        world.wait_for_it(&mut sam).await;
        world
    }

    pub(crate) async fn client(&self, user: &str) -> Client {
        Client::connect(self.server.address(), &format!("us_{user}")).await
    }

    pub(crate) async fn admin(&self) -> Client {
        Client::connect(self.server.address(), TOKEN).await
    }

    /// Gives one of the users a level of access to what is hidden.
    pub(crate) async fn rule(&self, user: usize, level: AccessLevel) {
        let structure = StructureId(number(&self.hidden.structure));
        let rule = Rule {
            subject: Subject::User(self.users[user]),
            level,
        };
        let set = self
            .server
            .store()
            .write(move |tx| permissions::set_rule(tx, structure, rule));
        set.await.unwrap();
    }

    pub(crate) fn database(&self) -> std::path::PathBuf {
        self.world.database()
    }

    /// A job of the hidden structure that runs and does not end: nobody in this process runs it.
    pub(crate) async fn occupy_the_queue(&self) {
        let structure = StructureId(number(&self.hidden.structure));
        let synchronizer = SynchronizerId(number(&self.hidden.synchronizer));
        let job = jobs::NewJob {
            kind: JobKind::Resync,
            direction: Some(Direction::FromStructure),
            dry_run: false,
            structure,
            synchronizer: Some(synchronizer),
            settings: None,
            reverts: None,
            writes_issues: true,
            enable_afterwards: false,
            preview: None,
            max_removal_percent: Some(50),
            requested_by: Some(self.users[0]),
        };
        let begun = self.server.store().write(move |tx| {
            let id = jobs::enqueue(tx, &job)?;
            let job = jobs::find(tx, id)?.expect("a job");
            jobs::start(tx, &job)
        });
        assert!(begun.await.unwrap());
    }

    /// Ends the jobs that nobody runs.
    pub(crate) async fn release_the_queue(&self) {
        let done = self.server.store().write(|tx| {
            for job in jobs::active(tx)?
                .iter()
                .filter(|job| job.state == JobState::Running)
            {
                let end = jobs::End {
                    state: JobState::Cancelled,
                    counts: job.counts,
                    error: None,
                    ticks: 0,
                    log: vec![],
                };
                jobs::finish(tx, job, &end)?;
            }
            Ok::<_, StoreError>(())
        });
        done.await.unwrap();
    }

    /// A job of sam's own that has to wait for the hidden one.
    async fn wait_for_it(&self, sam: &mut Client) {
        let data = sam
            .ask(
                "mutation($input: StartResyncInput!) { startResync(input: $input)
                   { job { waitingReason } userErrors { message } } }",
                json!({ "input": { "synchronizerId": self.own.synchronizer,
                                   "direction": "FROM_STRUCTURE", "confirm": true } }),
            )
            .await;
        let waits = data["startResync"]["job"]["waitingReason"].as_str();
        assert!(waits.unwrap().contains("another structure"), "{data}");
    }
}

fn make_users(tx: &understory::store::Tx<'_>) -> Result<[UserId; 3], StoreError> {
    let make = |name: &str| {
        let user = users::ensure(tx, name, Role::Member)?;
        add_token(tx, user, &format!("us_{name}"))?;
        let grant = Grant {
            permission: GlobalPermission::ControlSynchronizers,
            subject: Subject::User(user),
        };
        permissions::grant(tx, grant)?;
        Ok::<_, StoreError>(user)
    };
    Ok([make("olga")?, make("sam")?, make("vera")?])
}

/// Makes a structure with everything that hangs on one; all its names carry `mark`.
async fn fill(client: &mut Client, mark: &str, link_type: &str) -> Ids {
    let structure = create_structure(client, &format!("{mark}-structure")).await;
    let added = client
        .ask(
            "mutation($input: AddRowsInput!) { addRows(input: $input) { rows { id } userErrors { message } } }",
            json!({ "input": { "structureId": structure, "position": {}, "rows": [
                { "folder": format!("{mark}-folder") }, { "issueKey": "GEN-1" }, { "issueKey": "GEN-2" } ] } }),
        )
        .await;
    let row = id(&added["addRows"]["rows"][0]);
    let issue = id(&added["addRows"]["rows"][1]);
    client
        .ask(
            "mutation($input: MoveRowsInput!) { moveRows(input: $input) { userErrors { message } } }",
            json!({ "input": { "structureId": structure, "position": { "under": issue },
                               "rowIds": [id(&added["addRows"]["rows"][2])] } }),
        )
        .await;
    let links = json!({ "links": { "linkTypeId": link_type, "parentEnd": "SOURCE" } });
    let synchronizer = install(client, &structure, links).await;
    let named = "mutation($input: UpdateSynchronizerInput!) { updateSynchronizer(input: $input) { userErrors { message } } }";
    let name = format!("{mark}-links");
    client
        .ask(
            named,
            json!({ "input": { "id": synchronizer, "name": name } }),
        )
        .await;
    install(
        client,
        &structure,
        json!({ "savedFilter": { "jql": "key = GEN-3" } }),
    )
    .await;
    let out = json!({ "direction": "FROM_STRUCTURE" });
    let done = resync(client, &synchronizer, out).await;
    assert_eq!(done["state"], "SUCCEEDED", "{done}");
    let job = id(&done);
    let undone = client
        .ask(
            "mutation($id: ID!) { revertJob(id: $id, confirm: true) { job { id } userErrors { message } } }",
            json!({ "id": job }),
        )
        .await;
    watch(client, undone["revertJob"]["job"]["id"].as_str().unwrap()).await;
    let token = client
        .ask(
            "mutation($input: CreateTokenInput!) { createToken(input: $input) { token { id } userErrors { message } } }",
            json!({ "input": { "name": format!("{mark}-token") } }),
        )
        .await;
    let token = id(&token["createToken"]["token"]);
    Ids {
        structure,
        row,
        synchronizer,
        job,
        token,
    }
}

/// What is told of a refusal, and nothing else.
pub(crate) fn codes(payload: &Value) -> Vec<&str> {
    let errors = payload["userErrors"].as_array().unwrap().iter();
    errors.map(|it| it["code"].as_str().unwrap()).collect()
}
