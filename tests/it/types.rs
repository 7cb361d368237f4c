//! The generated types as programs hold them: examples that the provider's document allows, and what can be compared and be a
//! key.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hash;

use genesiscloud::bindings::types;
use genesiscloud::{
    AuthScheme, CallOutcome, CloneSnapshot, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateInstanceSnapshot,
    CreateSecurityGroup, CreateSnapshot, CreateSshKey, CreateVolume, ErrorCode, ErrorKind, Filesystem, FloatingIp,
    Holder, Image, Instance, InstancePhase, InstanceStatus, InstanceTypeSpec, LedgerEntry, Marker, Quota, Reference,
    Region, Reservation, ResourceKind, SecurityGroup, SecurityGroupRule, Snapshot, SshKey, StatusCode, TlsBackend,
    UpdateFilesystem, UpdateFloatingIp, UpdateInstance, UpdateSecurityGroup, UpdateSnapshot, UpdateSshKey,
    UpdateVolume, Volume, VolumeStatus, WaitErrorKind,
};
use genesiscloud_tests::document;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Checks that an example is what it was after it was written and read, and returns it as JSON.
fn written<T: Serialize + DeserializeOwned + PartialEq + Debug>(example: T) -> Value {
    let json = serde_json::to_value(&example).unwrap();
    assert_eq!(serde_json::from_value::<T>(json.clone()).unwrap(), example);
    json
}

/// The examples, each with the place of its schema in the document.
fn examples() -> Vec<(&'static str, Value)> {
    macro_rules! examples {
        ($($place:literal: $Type:ty),+ $(,)?) => {
            vec![$(($place, written(<$Type>::example()))),+]
        };
    }
    examples!(
        "/components/schemas/Filesystem": Filesystem,
        "/components/schemas/FloatingIP": FloatingIp,
        "/components/schemas/Image": Image,
        "/components/schemas/Instance": Instance,
        "/components/schemas/InstancesAvailability": types::InstancesAvailability,
        "/components/schemas/Quota": Quota,
        "/components/schemas/Reservation": Reservation,
        "/components/schemas/SSHKey": SshKey,
        "/components/schemas/SecurityGroup": SecurityGroup,
        "/components/schemas/SecurityGroup.Rule": SecurityGroupRule,
        "/components/schemas/Snapshot": Snapshot,
        "/components/schemas/Volume": Volume,
        "/components/schemas/Volume/properties/instances/items": Reference,
        "/components/schemas/Error": types::Error,
        "/components/responses/PaginatedVolumesResponse/content/application~1json/schema":
            types::PaginatedVolumesResponse,
        "/components/responses/SingleInstanceResponse/content/application~1json/schema": types::SingleInstanceResponse,
    )
}

/// Returns where a value is not what a schema allows, and the fields that it lacks.
fn faults(schema: &'static Value, value: &Value, place: &str) -> Vec<String> {
    let schema = document::resolved(schema);
    let listed = schema["enum"].as_array().is_none_or(|values| values.contains(value));
    let is_time = |text: &str| genesiscloud::chrono::DateTime::parse_from_rfc3339(text).is_ok();
    let is_typed = match schema["type"].as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.as_array().is_some_and(|values| !values.is_empty()),
        "string" if schema["format"] == "date-time" => value.as_str().is_some_and(is_time),
        "string" => value.as_str().is_some_and(|text| !text.is_empty()),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        other => panic!("{other} in the document"),
    };
    if !is_typed || !listed {
        return vec![format!("{place}: {value}")];
    }
    let properties = schema["properties"].as_object().into_iter().flatten();
    let of_properties = properties.flat_map(|(name, property)| match value.get(name) {
        Some(value) => faults(property, value, &format!("{place}.{name}")),
        None => vec![format!("{place}.{name}: absent")],
    });
    let items = value.as_array().into_iter().flatten();
    of_properties.chain(items.flat_map(|item| faults(&schema["items"], item, place))).collect()
}

#[test]
fn the_examples_are_what_the_document_allows_with_all_fields() {
    for (place, example) in examples() {
        let schema = document::document().pointer(place).unwrap_or_else(|| panic!("{place}"));
        let mut faults = faults(schema, &example, "it");
        if place.ends_with("/Snapshot") {
            // One that was taken of an instance was not cloned.
            faults.retain(|fault| fault != "it.source_snapshot_id: absent");
        }
        assert_eq!(faults, [""; 0], "{place}");
    }
}

#[test]
fn an_example_is_changed_by_assignment_and_its_id_is_that_of_no_other() {
    let mut vm = Instance::example();
    assert_eq!((vm.phase(), vm.status.is_known()), (InstancePhase::Running, true));
    vm.status = InstanceStatus::Stopped;
    vm.public_ip = None;
    assert_eq!(vm.phase(), InstancePhase::Stopped);
    let ids: BTreeSet<String> = examples().iter().filter_map(|(_, json)| Some(json["id"].as_str()?.into())).collect();
    assert_eq!(ids.len(), 10);
}

#[test]
fn the_examples_of_the_document_are_those_of_the_type() {
    let error = types::Error::example();
    assert_eq!((&*error.code, &*error.message), ("02008", "instance not found"));
}

/// Compiles if the types are `Eq`.
macro_rules! assert_total {
    ($($Type:ty),+ $(,)?) => { $(let _: fn(&$Type) = total::<$Type>;)+ };
}

fn total<T: Eq + Clone + Debug>(_: &T) {}

/// Compiles if the types can be keys.
macro_rules! assert_key {
    ($($Type:ty),+ $(,)?) => { $(let _: fn(&$Type) = key::<$Type>;)+ };
}

fn key<T: Eq + Hash + Clone + Debug>(_: &T) {}

#[test]
fn parameters_are_equal_or_not_and_enums_are_keys() {
    assert_total!(
        CloneSnapshot,
        CreateFilesystem,
        CreateFloatingIp,
        CreateInstance,
        CreateInstanceSnapshot,
        CreateSecurityGroup,
        CreateSnapshot,
        CreateSshKey,
        CreateVolume,
        UpdateFilesystem,
        UpdateFloatingIp,
        UpdateInstance,
        UpdateSecurityGroup,
        UpdateSnapshot,
        UpdateSshKey,
        UpdateVolume,
        SecurityGroupRule,
        types::UserDataPart,
        types::InstanceUpdateVolumes,
        genesiscloud::bindings::Secret,
        LedgerEntry,
        Marker,
    );
    assert_key!(
        Region,
        InstanceStatus,
        VolumeStatus,
        types::InstanceBillingType,
        InstancePhase,
        InstanceTypeSpec,
        ErrorKind,
        ErrorCode,
        WaitErrorKind,
        ResourceKind,
        CallOutcome,
        AuthScheme,
        TlsBackend,
        Holder,
        StatusCode,
    );
    let new = || CreateVolume::new("data", Region::NordNoKrs1, 50);
    assert_eq!(new().description("a"), new().description("a"));
    assert_ne!(new().description("a"), new());
}
