//! Values from outside made fit for a message: one line, not too long, no credentials.

/// Longer values are cut, since a message should be read, not scrolled.
const LONGEST: usize = 120;
const MASK: &str = "********";

/// What GitHub's tokens begin with.
///
/// Source: <https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/>
const TOKEN_STARTS: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];

/// Whether a GitHub token stands anywhere in the text.
pub(crate) fn contains_token(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    TOKEN_STARTS.iter().any(|start| lower.contains(start))
}

/// The value as a message shows it.
pub(crate) fn shown(value: &str) -> String {
    let masked = mask_tokens(&mask_user_info(value));
    let mut text = String::with_capacity(masked.len());
    for (position, character) in masked.chars().enumerate() {
        if position == LONGEST {
            text.push('…');
            break;
        }
        if character.is_control() || is_invisible(character) {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}

/// Characters that reorder or hide what is around them.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
    )
}

/// `scheme://user:password@host` without what comes before the `@`.
fn mask_user_info(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..authority_end].rfind('@') {
        Some(at) => format!("{scheme}://{MASK}{}", &rest[at..]),
        None => text.to_owned(),
    }
}

fn mask_tokens(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let Some((at, start)) = TOKEN_STARTS
        .iter()
        .filter_map(|start| lower.find(start).map(|at| (at, start)))
        .min()
    else {
        return text.to_owned();
    };
    let value_from = at + start.len();
    let value_to = text[value_from..]
        .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .map_or(text.len(), |length| value_from + length);
    format!(
        "{}{MASK}{}",
        &text[..value_from],
        mask_tokens(&text[value_to..])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_masked_and_the_rest_kept() {
        assert_eq!(
            shown("https://me:pw@github.com/a"),
            "https://********@github.com/a"
        );
        assert_eq!(
            shown("x ghp_abc123, y github_pat_Z_9!"),
            "x ghp_********, y github_pat_********!"
        );
        assert_eq!(shown("plain@value"), "plain@value");
    }

    #[test]
    fn control_and_invisible_characters_are_escaped() {
        assert_eq!(shown("a\nb\u{202e}c\u{7f}"), "a\\nb\\u{202e}c\\u{7f}");
        assert_eq!(shown("zürich"), "zürich");
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(shown(&"x".repeat(500)).chars().count(), LONGEST + 1);
    }
}
