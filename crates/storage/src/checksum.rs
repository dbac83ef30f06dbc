//! CRC32C, the checksum that Google's object store keeps of every object.

use crc_fast::{CrcAlgorithm, Digest};
use object_store::Extensions;

/// The CRC32C (Castagnoli) of an object's stored bytes.
///
/// It travels in a request's or an answer's extensions: a backend whose store takes or gives the
/// checksum translates it to and from the store's own header; others ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crc32c(pub(crate) u32);

impl Crc32c {
    /// Of bytes.
    pub(crate) fn of(data: &[u8]) -> Self {
        let mut running = Running::new();
        running.update(data);
        running.value()
    }

    /// What a store says of an object, if it says anything.
    pub(crate) fn given_by(extensions: &Extensions) -> Option<Self> {
        extensions.get().copied()
    }

    /// The extensions of a request that tells the store.
    pub(crate) fn into_extensions(self) -> Extensions {
        let mut extensions = Extensions::new();
        extensions.insert(self);
        extensions
    }
}

/// A checksum of bytes that come piece by piece.
pub(crate) struct Running(Digest);

impl Running {
    pub(crate) fn new() -> Self {
        Self(Digest::new(CrcAlgorithm::Crc32Iscsi))
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    pub(crate) fn value(&self) -> Crc32c {
        // A 32-bit checksum is in the lower half.
        Crc32c(u32::try_from(self.0.finalize()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_castagnolis() {
        // Source: RFC 3720, appendix B.4.
        assert_eq!(Crc32c::of(&[0; 32]), Crc32c(0x8a91_36aa));
        assert_eq!(Crc32c::of(&[0xff; 32]), Crc32c(0x62a8_ab43));
        assert_eq!(Crc32c::of(b"123456789"), Crc32c(0xe306_9283));
    }

    #[test]
    fn pieces_add_up() {
        let mut running = Running::new();
        running.update(b"1234");
        running.update(b"");
        running.update(b"56789");
        assert_eq!(running.value(), Crc32c::of(b"123456789"));
    }
}
