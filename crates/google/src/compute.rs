//! Compute Engine: which machine types there are.
//!
//! Source: <https://cloud.google.com/compute/docs/reference/rest/v1/machineTypes/aggregatedList>

use std::collections::BTreeMap;

use epycloud_config::ProjectId;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::Result;
use crate::client::Client;
use crate::endpoints::Service;
use crate::machine_types::{MachineType, MachineTypes};
use crate::pages::Page;
use crate::place::Place;
use crate::request::{ApiRequest, Method};

/// The machine types of all zones that a project may use: a listing of [`Zones`].
#[must_use]
pub fn list_machine_types(project: &ProjectId) -> ApiRequest {
    ApiRequest::new(
        Service::Compute,
        Method::Get,
        format!("compute/v1/projects/{project}/aggregated/machineTypes"),
        "list the machine types",
    )
    .with("maxResults", "500")
    .with("returnPartialSuccess", "true")
}

/// One page of zones with their machine types.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Zones {
    items: BTreeMap<String, Zone>,
    next_page_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Zone {
    machine_types: Vec<Listed>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Listed {
    name: String,
    guest_cpus: u32,
    memory_mb: u64,
    architecture: Option<String>,
}

impl Page for Zones {
    type Item = (String, MachineType);

    /// Zones and what is in them. The images are for x86-64, so machines of another kind are left
    /// out.
    fn into_parts(self) -> (Vec<Self::Item>, Option<String>) {
        let listed = self.items.into_iter().flat_map(|(zone, listed)| {
            let zone = zone.trim_start_matches("zones/").to_owned();
            let types = listed.machine_types.into_iter();
            types
                .filter(|listed| listed.architecture.as_deref() != Some("ARM64"))
                .map(move |listed| {
                    let machine = MachineType {
                        name: listed.name,
                        cpu_milli: u64::from(listed.guest_cpus) * 1_000,
                        // The API calls it MB and counts MiB.
                        memory_mib: listed.memory_mb,
                    };
                    (zone.clone(), machine)
                })
        });
        (listed.collect(), self.next_page_token)
    }
}

/// The machine types of a region: those of any of its zones.
///
/// # Errors
///
/// See [`GoogleError`](crate::GoogleError).
pub async fn machine_types(client: &Client, place: &Place) -> Result<MachineTypes> {
    let zones = format!("{}-", place.region);
    let listed = client
        .list_some::<Zones>(
            &list_machine_types(&place.project),
            |(zone, _)| zone.starts_with(&zones),
            usize::MAX,
        )
        .await?;
    Ok(MachineTypes::new(
        listed.into_iter().map(|(_, machine)| machine),
        TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date(),
    ))
}
