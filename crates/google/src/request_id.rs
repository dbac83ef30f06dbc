//! IDs by which a server knows a request again.

use std::hash::{BuildHasher as _, RandomState};

/// A request ID: one that a server takes for the same request when it comes again (a UUID of
/// version 4).
#[must_use]
pub fn request_id() -> String {
    let bits =
        || getrandom::u64().unwrap_or_else(|_| RandomState::new().hash_one(std::process::id()));
    let (high, low) = (bits(), bits());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn request_ids_are_uuids_and_differ() {
        let id = super::request_id();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(&id[14..15], "4");
        assert!("89ab".contains(&id[19..20]));
        assert_ne!(id, super::request_id());
    }
}
