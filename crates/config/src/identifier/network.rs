//! Names of networks and their parts.

use super::{Refusal, identifier};

identifier! {
    /// A network or a subnetwork in Google Cloud: its name, or its resource name in a project
    /// (`projects/…/global/networks/…`), as where another project shares its own.
    ///
    /// Source: <https://cloud.google.com/compute/docs/naming-resources>
    ///
    /// ```
    /// use epycloud_config::NetworkName;
    ///
    /// assert!("epymodelingsuite".parse::<NetworkName>().is_ok());
    /// assert!("projects/lab-net/global/networks/shared".parse::<NetworkName>().is_ok());
    /// assert!("https://example.org/x".parse::<NetworkName>().is_err());
    /// ```
    NetworkName("a network's name", check)
}

fn check(text: &str) -> Result<&str, Refusal> {
    let is_name = |part: &str| {
        (1..=63).contains(&part.len())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let is_project = |part: &str| {
        (1..=130).contains(&part.len())
            && part.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:".contains(&byte)
            })
    };
    let parts: Vec<&str> = text.split('/').collect();
    let is_resource = match parts.as_slice() {
        [name] => is_name(name),
        ["projects", project, "global", "networks", name] => is_project(project) && is_name(name),
        ["projects", project, "regions", region, "subnetworks", name] => {
            is_project(project) && is_name(region) && is_name(name)
        }
        _ => false,
    };
    if is_resource {
        Ok(text)
    } else {
        Err(Refusal::new(
            "1 to 63 of a-z 0-9 -, perhaps after `projects/PROJECT/global/networks/` or \
             `projects/PROJECT/regions/REGION/subnetworks/`",
        ))
    }
}
