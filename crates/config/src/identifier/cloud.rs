//! Names of things in a cloud.

use super::{Refusal, identifier};

identifier! {
    /// A bucket, by Google Cloud Storage's rules: 3 to 63 characters of `a-z 0-9 - _ .` that start
    /// and end with a letter or digit (222 in all when dots part it into pieces of at most 63).
    ///
    /// Source: <https://cloud.google.com/storage/docs/buckets#naming>
    ///
    /// ```
    /// use epycloud_config::BucketName;
    ///
    /// assert!("my-lab-forecasts".parse::<BucketName>().is_ok());
    /// assert!("gs://my-lab-forecasts".parse::<BucketName>().is_err());
    /// ```
    BucketName("a bucket name", check_bucket)
}

fn check_bucket(text: &str) -> Result<&str, Refusal> {
    let expected = "3 to 63 of a-z 0-9 - _ . that start and end with a letter or digit";
    if text.contains("://") || text.contains('/') {
        return Err(Refusal::with_hint(
            expected,
            "give the bucket's name only, without `gs://` and without a path",
        ));
    }
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let longest = if text.contains('.') { 222 } else { 63 };
    let shape = (3..=longest).contains(&text.len())
        && edge(text.bytes().next())
        && edge(text.bytes().last())
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte)
        })
        && text.split('.').all(|piece| (1..=63).contains(&piece.len()));
    if !shape {
        return Err(Refusal::new(expected));
    }
    if text.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err(Refusal::with_hint(
            expected,
            "an IP address can't be a bucket's name",
        ));
    }
    if text.starts_with("goog") || text.contains("google") {
        return Err(Refusal::with_hint(
            expected,
            "a bucket's name can't begin with `goog` or contain `google`",
        ));
    }
    Ok(text)
}

identifier! {
    /// The name of a secret in Google Secret Manager, never its value: 1 to 255 of
    /// `A-Z a-z 0-9 _ -`.
    ///
    /// A text that looks like a GitHub token is refused, since a name is shown and logged.
    ///
    /// ```
    /// use epycloud_config::SecretName;
    ///
    /// assert_eq!(SecretName::default().as_str(), "github-pat");
    /// ```
    SecretName("a secret's name", check_secret)
}

fn check_secret(text: &str) -> Result<&str, Refusal> {
    let expected = "the name of a secret in Secret Manager: 1 to 255 of A-Z a-z 0-9 _ -";
    if crate::shown::contains_token(text) {
        return Err(Refusal::with_hint(
            expected,
            "this looks like a token itself: store it in Secret Manager, give its name here, and \
             revoke it if it has been seen",
        ));
    }
    let shape = (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if shape {
        Ok(text)
    } else {
        Err(Refusal::new(expected))
    }
}

impl Default for SecretName {
    /// `github-pat`, as in the original.
    fn default() -> Self {
        Self("github-pat".to_owned())
    }
}

identifier! {
    /// A Google Cloud project: its ID (6 to 30 of `a-z 0-9 -`, from a letter, not ending with a
    /// hyphen, perhaps after `domain:`) or its number.
    ///
    /// Source: <https://cloud.google.com/resource-manager/docs/creating-managing-projects>
    ProjectId("a Google Cloud project ID", check_project)
}

fn check_project(text: &str) -> Result<&str, Refusal> {
    let number = !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit());
    let id = text.rsplit_once(':').map_or(text, |(_, id)| id);
    let domain = text
        .rsplit_once(':')
        .is_none_or(|(domain, _)| is_domain(domain));
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let shape = (6..=30).contains(&id.len())
        && id
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_lowercase())
        && !id.ends_with('-')
        && id.bytes().all(lower);
    if number || shape && domain {
        return Ok(text);
    }
    Err(Refusal::new(
        "6 to 30 of a-z 0-9 - that start with a letter and don't end with a hyphen",
    ))
}

fn is_domain(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_googles_rules() {
        for text in [
            "abc",
            "my-bucket",
            "a_b",
            "lab.example.com",
            &"a".repeat(63),
        ] {
            assert!(text.parse::<BucketName>().is_ok(), "{text}");
        }
        for text in [
            "",
            "ab",
            "My-bucket",
            "-ab",
            "ab-",
            ".abc",
            "a..b",
            "192.168.5.4",
            "goog-x",
            "mygoogle",
            "a b c",
            &"a".repeat(64),
            "gs://abc",
            "abc/def",
        ] {
            assert!(text.parse::<BucketName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_token_in_place_of_a_secrets_name_is_refused_and_not_shown() {
        let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        let error = token.parse::<SecretName>().unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("0123456789"),
            "{error}"
        );
        assert!("github-pat".parse::<SecretName>().is_ok());
        assert!("projects/1/secrets/x".parse::<SecretName>().is_err());
    }

    #[test]
    fn projects_are_ids_or_numbers() {
        for text in ["my-project-1", "example.com:my-project", "123456789012"] {
            assert!(text.parse::<ProjectId>().is_ok(), "{text}");
        }
        for text in [
            "",
            "short",
            "My-Project",
            "1project",
            "project-",
            "a:b:c-project",
            ":project",
        ] {
            assert!(text.parse::<ProjectId>().is_err(), "{text:?}");
        }
    }
}
