//! Names of container images, by part.

use super::{Refusal, identifier, is_segment};

identifier! {
    /// A registry's address without scheme: a host, with a port and folders where it has them.
    ///
    /// ```
    /// use epycloud_config::Registry;
    ///
    /// assert!("us-central1-docker.pkg.dev".parse::<Registry>().is_ok());
    /// assert!("localhost:5000".parse::<Registry>().is_ok());
    /// assert!("https://ghcr.io".parse::<Registry>().is_err());
    /// ```
    Registry("a registry", check_registry)
}

fn check_registry(text: &str) -> Result<&str, Refusal> {
    let expected = "a host such as `us-central1-docker.pkg.dev`, with `:port` and folders if any";
    if text.contains("://") {
        return Err(Refusal::with_hint(expected, "leave out the scheme"));
    }
    let (host, folders) = text
        .split_once('/')
        .map_or((text, None), |(host, rest)| (host, Some(rest)));
    let (name, port) = host
        .split_once(':')
        .map_or((host, None), |(name, port)| (name, Some(port)));
    let fits = text.len() <= 255
        && is_segment(name)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
        && folders.is_none_or(|folders| folders.split('/').all(is_component));
    if fits {
        Ok(text)
    } else {
        Err(Refusal::new(expected))
    }
}

identifier! {
    /// An image's name, or a repository's of a registry: lowercase letters and digits, joined by
    /// `.`, `_` and `-`; several joined by `/`.
    ///
    /// Source: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests>
    ImageName("an image name", check_name)
}

fn check_name(text: &str) -> Result<&str, Refusal> {
    if text.len() <= 255 && text.split('/').all(is_component) {
        Ok(text)
    } else {
        Err(Refusal::new(
            "a-z and 0-9, joined by `.`, `_` and `-`, such as `epymodelingsuite`",
        ))
    }
}

fn is_component(text: &str) -> bool {
    let edge = |byte: Option<u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    edge(text.bytes().next())
        && edge(text.bytes().last())
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte)
        })
}

identifier! {
    /// An image's tag: 1 to 128 of `A-Z a-z 0-9 _ . -`, not beginning with `.` or `-`.
    ///
    /// Source: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests>
    ImageTag("an image tag", check_tag)
}

fn check_tag(text: &str) -> Result<&str, Refusal> {
    let first = text.bytes().next();
    let fits = text.len() <= 128
        && first.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if fits {
        Ok(text)
    } else {
        Err(Refusal::new(
            "1 to 128 of A-Z a-z 0-9 _ . -, such as `v1.0.0`",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_hosts() {
        for text in [
            "ghcr.io",
            "localhost:5000",
            "eu.gcr.io/lab/x",
            "us-central1-docker.pkg.dev",
        ] {
            assert!(text.parse::<Registry>().is_ok(), "{text}");
        }
        for text in [
            "",
            "https://ghcr.io",
            "host:port",
            "a/B",
            "a//b",
            "a b",
            "a/",
        ] {
            assert!(text.parse::<Registry>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_and_tags_follow_the_distribution_specification() {
        for text in ["epymodelingsuite", "a/b-c", "x.y_z"] {
            assert!(text.parse::<ImageName>().is_ok(), "{text}");
        }
        for text in ["", "Epi", "-a", "a-", "a:b", "a b"] {
            assert!(text.parse::<ImageName>().is_err(), "{text:?}");
        }
        for text in ["latest", "v1.0.0", "_x", "A"] {
            assert!(text.parse::<ImageTag>().is_ok(), "{text}");
        }
        for text in ["", ".a", "-a", "a/b", "a:b", &"a".repeat(129)] {
            assert!(text.parse::<ImageTag>().is_err(), "{text:?}");
        }
    }
}
