//! A repository's files as one archive.

mod pack;
mod unpack;

pub use pack::pack;
pub use unpack::unpack;

/// The most that a repository's files may have, in bytes, together.
pub(crate) const LARGEST: u64 = 2 << 30;
/// The most files, folders and links that it may have.
pub(crate) const MOST: usize = 200_000;

/// Whether a link stays below the root: where it is, and where it points to, both with `/`.
pub(crate) fn stays_inside(name: &str, target: &str) -> bool {
    let mut depth = name.matches('/').count();
    if target.starts_with('/') || target.contains('\\') {
        return false;
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return false,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::stays_inside;

    #[test]
    fn links_are_followed_on_paper() {
        for (name, target) in [
            ("a", "b"),
            ("a/b", "../c"),
            ("a/b/c", "../../d"),
            ("a", "./b/../c"),
        ] {
            assert!(stays_inside(name, target), "{name} -> {target}");
        }
        for (name, target) in [
            ("a", "/etc/passwd"),
            ("a", ".."),
            ("a", "../b"),
            ("a/b", "../../c"),
            ("a", "b/../../c"),
            ("a", "..\\c"),
        ] {
            assert!(!stays_inside(name, target), "{name} -> {target}");
        }
    }
}
