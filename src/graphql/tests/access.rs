//! What a viewer may not view does not exist for them, whichever way they come.

use super::world::{World, error_code, id};
use futures_util::StreamExt;
use serde_json::{Value, json};

#[tokio::test]
async fn a_structure_of_another_member_does_not_exist() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Secret").await;
    let row = world.folders(structure, 1).await[0];
    let synchronizer = world.synchronizer(structure).await;
    let job = world.job(structure, synchronizer).await;
    let (structure, row) = (id(structure), id(row));
    let (synchronizer, job) = (id(synchronizer), id(job));
    let query = format!(
        "{{ structures {{ totalCount nodes {{ name viewerAccess }} }}
            structure(id: {structure:?}) {{ name }}
            synchronizer(id: {synchronizer:?}) {{ name state runAs {{ name }} structure {{ name }} }}
            job(id: {job:?}) {{ state structure {{ name }} }}
            jobs {{ totalCount nodes {{ id }} }}
            ofStructure: jobs(structureId: {structure:?}) {{ totalCount }}
            nodes(ids: [{structure:?}, {row:?}, {synchronizer:?}, {job:?}]) {{ __typename }} }}"
    );
    let hidden = world.data(&world.sam, query.as_str()).await;
    assert_eq!(
        hidden,
        json!({
            "structures": { "totalCount": 0, "nodes": [] },
            "structure": null,
            "synchronizer": null,
            "job": null,
            "jobs": { "totalCount": 0, "nodes": [] },
            "ofStructure": { "totalCount": 0 },
            "nodes": [null, null, null, null],
        })
    );
    for viewer in [&world.ada, &world.olga] {
        let shown = world.data(viewer, query.as_str()).await;
        assert_eq!(shown["structures"]["nodes"][0]["viewerAccess"], "CONTROL");
        assert_eq!(shown["synchronizer"]["structure"]["name"], "Secret");
        assert_eq!(shown["synchronizer"]["state"], "DISABLED");
        assert_eq!(shown["job"]["structure"]["name"], "Secret");
        assert_eq!(shown["jobs"]["totalCount"], 1);
        assert_eq!(shown["ofStructure"]["totalCount"], 1);
        let names: Vec<&Value> = shown["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["__typename"])
            .collect();
        assert_eq!(names, ["Structure", "Row", "Synchronizer", "Job"]);
    }
}

#[tokio::test]
async fn a_hidden_structure_cannot_be_changed_or_watched() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Secret").await;
    let row = id(world.folders(structure, 1).await[0]);
    let synchronizer = world.synchronizer(structure).await;
    let job = id(world.job(structure, synchronizer).await);
    let structure = id(structure);
    for mutation in [
        format!("updateStructure(input: {{ id: {structure:?}, name: \"mine\" }})"),
        format!("deleteStructure(id: {structure:?})"),
        format!(
            "addRows(input: {{ structureId: {structure:?}, rows: [{{ folder: \"f\" }}], position: {{}} }})"
        ),
        format!(
            "moveRows(input: {{ structureId: {structure:?}, rowIds: [{row:?}], position: {{}} }})"
        ),
        format!("removeRows(input: {{ structureId: {structure:?}, rowIds: [{row:?}] }})"),
    ] {
        let request = format!("mutation {{ it: {mutation} {{ userErrors {{ code field }} }} }}");
        let data = world.data(&world.sam, request).await;
        assert_eq!(
            data["it"]["userErrors"][0]["code"], "NOT_FOUND",
            "{mutation}"
        );
        assert_ne!(
            data["it"]["userErrors"][0]["field"],
            Value::Null,
            "{mutation}"
        );
    }
    for subscription in [
        format!("jobStatus(id: {job:?}) {{ state }}"),
        format!("structureChanges(id: {structure:?}) {{ version }}"),
    ] {
        let request = format!("subscription {{ {subscription} }}");
        let answers: Vec<_> = world.watch(&world.sam, request).collect().await;
        assert_eq!(answers.len(), 1, "{subscription}");
        assert_eq!(error_code(&answers[0]), "NOT_FOUND", "{subscription}");
    }
}

#[tokio::test]
async fn everybody_knows_who_and_where_they_are() {
    let world = World::new().await;
    let query = "{ viewer { name role } serverInfo { version synchronizersEnabled tracker } }";
    let data = world.data(&world.ada, query).await;
    assert_eq!(
        data,
        json!({
            "viewer": { "name": "ada", "role": "ADMIN" },
            "serverInfo": { "version": "1.2.3", "synchronizersEnabled": true, "tracker": "embedded" },
        })
    );
    let other = format!(
        "{{ node(id: {:?}) {{ ... on User {{ name role }} }} }}",
        id(world.ada.user_id)
    );
    let data = world.data(&world.sam, other).await;
    assert_eq!(data["node"], json!({ "name": "ada", "role": "ADMIN" }));
}
