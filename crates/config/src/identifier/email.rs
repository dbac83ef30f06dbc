//! Addresses that are written to.

use super::{Refusal, identifier};

identifier! {
    /// An email address: visible ASCII around one `@`, with a domain behind it.
    ///
    /// Whether anybody reads it can't be known; what is caught is a name in its place.
    EmailAddress("an email address", check_email)
}

fn check_email(text: &str) -> Result<&str, Refusal> {
    let fits = text.len() <= 254
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && text.split_once('@').is_some_and(|(user, domain)| {
            !user.is_empty() && !domain.contains('@') && is_domain(domain)
        });
    if fits {
        Ok(text)
    } else {
        Err(Refusal::new("an address such as `lab@example.org`"))
    }
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && text.split('.').all(super::is_segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_user_and_a_domain() {
        assert!("lab+flu@example.org".parse::<EmailAddress>().is_ok());
        for text in [
            "",
            "lab",
            "@example.org",
            "a@b",
            "a@b@c.d",
            "a b@c.d",
            "a@.d",
        ] {
            assert!(text.parse::<EmailAddress>().is_err(), "{text:?}");
        }
    }
}
