//! Which public types can be compared, be keys and be sorted: the table in the guide's page on requests and responses.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::marker::PhantomData;
use std::path::Path;

use genesiscloud::*;

/// Of a type, whether it has a trait: the inherent constant exists only if it does, and takes precedence.
struct Has<T: ?Sized>(PhantomData<T>);

trait Lacks {
    const PARTIAL_EQ: bool = false;
    const EQ: bool = false;
    const HASH: bool = false;
    const ORD: bool = false;
}

impl<T: ?Sized> Lacks for Has<T> {}

impl<T: ?Sized + PartialEq> Has<T> {
    const PARTIAL_EQ: bool = true;
}

impl<T: ?Sized + Eq> Has<T> {
    const EQ: bool = true;
}

impl<T: ?Sized + Hash> Has<T> {
    const HASH: bool = true;
}

impl<T: ?Sized + Ord> Has<T> {
    const ORD: bool = true;
}

/// What each public type has: `PartialEq`, `Eq`, `Hash` and `Ord`.
fn traits() -> BTreeMap<&'static str, [bool; 4]> {
    macro_rules! traits {
        ($($Type:ident $(($($of:tt)+))?),+ $(,)?) => {
            BTreeMap::from([$((
                stringify!($Type),
                [
                    Has::<$Type $(<$($of)+>)?>::PARTIAL_EQ,
                    Has::<$Type $(<$($of)+>)?>::EQ,
                    Has::<$Type $(<$($of)+>)?>::HASH,
                    Has::<$Type $(<$($of)+>)?>::ORD,
                ],
            )),+])
        };
    }
    traits!(
        Accelerators,
        AccessToken,
        AnyResource,
        AttemptEnd('static),
        AttemptStart('static),
        AuthScheme,
        Call(Volume),
        CallEnd('static),
        CallOutcome,
        Change(Volume),
        Client,
        ClientBuilder,
        CloneSnapshot,
        CreateFilesystem,
        CreateFloatingIp,
        CreateInstance,
        CreateInstanceSnapshot,
        CreateSecurityGroup,
        CreateSnapshot,
        CreateSshKey,
        CreateVolume,
        Decision,
        Deletion,
        Error,
        ErrorCode,
        ErrorKind,
        FailedPlacement,
        FileLedger,
        Filesystem,
        FilesystemStatus,
        FilesystemType,
        FindByName(Volume),
        FloatingIp,
        FloatingIpStatus,
        FloatingIpVersion,
        Holder,
        Image,
        ImageType,
        Instance,
        InstanceAction,
        InstanceBillingType,
        InstancePhase,
        InstanceScope,
        InstanceStatus,
        InstanceTypeAvailability,
        InstanceTypeSpec,
        LedgerEntry,
        LedgerRecord,
        List(Volume),
        Marker,
        MemoryLedger,
        NoCapacity,
        ObservedCall('static),
        Offer,
        OrphanedResource,
        OsType,
        Page(Volume),
        Pages(Volume),
        PlacementFailure,
        PlacementSearch,
        PlannedCreate,
        Progress('static, Volume),
        Quota,
        QuotaFlavor,
        Rate,
        RateLimiter,
        Reconcile,
        Reconciliation,
        Reference,
        Region,
        RegionAvailability,
        Reservation,
        ReservationQuota,
        ResourceKind,
        RetryPolicy,
        Scope,
        ScopeBuilder,
        ScopeError(Error),
        ScopeFailure(Error),
        SecurityGroup,
        SecurityGroupRule,
        SecurityGroupRuleDirection,
        SecurityGroupRuleProtocol,
        SecurityGroupStatus,
        Snapshot,
        SnapshotStatus,
        SshKey,
        StatusChanges(Volume),
        StatusCode,
        Store(Volume),
        Sweep,
        SystemClock,
        TlsBackend,
        TokenFile,
        Unconfirmed,
        Undecided,
        UpdateFilesystem,
        UpdateFloatingIp,
        UpdateInstance,
        UpdateSecurityGroup,
        UpdateSnapshot,
        UpdateSshKey,
        UpdateVolume,
        UserDataPart,
        UserMetadata,
        Volume,
        VolumeStatus,
        VolumeType,
        WaitError,
        WaitErrorKind,
        Waiter(Volume),
        Watch(Volume),
        WithSecrets('static, CreateInstance),
    )
}

/// The public types by the sources: what `lib.rs` and the resources export, and what the latter define with `struct`.
fn public() -> BTreeSet<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wrapper/src");
    let mut files = vec![sources.join("lib.rs")];
    for folder in ["resources", "resources/instances", "resources/offers"] {
        files.extend(std::fs::read_dir(sources.join(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    let texts = files.iter().filter(|path| path.is_file()).map(|path| std::fs::read_to_string(path).unwrap());
    texts.flat_map(|text| exported(&text)).filter(|name| !NO_TYPES.contains(&&**name)).collect()
}

/// Traits and aliases of futures.
const NO_TYPES: [&str; 13] = [
    "Acquire",
    "Clock",
    "CreateParameters",
    "Ledger",
    "LedgerFuture",
    "Limiter",
    "Listable",
    "Observer",
    "Result",
    "Sleep",
    "TokenFuture",
    "TokenProvider",
    "Waitable",
];

fn exported(text: &str) -> Vec<String> {
    let statements = text.split("\npub use ").skip(1).map(|rest| rest.split(';').next().unwrap());
    let structs =
        text.split("pub struct ").skip(1).map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap());
    let names = statements.chain(structs).flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    names.filter(|name| name.starts_with(char::is_uppercase)).map(str::to_owned).collect()
}

#[test]
fn the_guide_has_what_each_type_can_be_used_for() {
    let guide = include_str!("../../wrapper/src/guide/requests_and_responses.md");
    let table =
        guide.split("| types | `PartialEq` | `Eq` | `Hash` | `Ord` | why not more |").nth(1).expect("the table");
    let table = table.split("\n\n").next().unwrap();
    let (traits, mut listed) = (traits(), BTreeSet::new());
    for row in table.lines().skip(2) {
        let cells: Vec<_> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let expected = [1, 2, 3, 4].map(|cell| cells[cell] == "yes");
        for name in cells[0].split('`').skip(1).step_by(2).map(|name| name.trim_matches(['[', ']'])) {
            assert_eq!(traits.get(name), Some(&expected), "{name}");
            assert!(listed.insert(name), "{name} is listed twice");
        }
    }
    assert_eq!(listed, traits.keys().copied().collect());
    let public = public();
    let of_sources: BTreeSet<_> = public.iter().map(String::as_str).collect();
    assert_eq!(of_sources, listed, "a public type is not in the table, or the other way round");
}
