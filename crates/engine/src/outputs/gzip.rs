//! One gzip member made of chunks that are compressed apart.
//!
//! Every chunk is a run of DEFLATE blocks that ends on a byte boundary (RFC 1951, a sync flush),
//! so chunks can be compressed by several threads and put one after the other, as pigz does. The
//! member's checksum is combined from the chunks'.

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress};

/// Magic number, DEFLATE, no flags, no time, fastest compression, unknown system (RFC 1952).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

/// An empty last block with fixed codes.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// Compresses chunks; keeps its tables from one to the next.
pub(super) struct ChunkCompressor(Compress);

/// A compressed chunk.
pub(super) struct DeflateChunk {
    /// DEFLATE blocks, none of them the last, up to a byte boundary.
    pub(super) blocks: Vec<u8>,
    checksum: u32,
    length: u64,
}

impl ChunkCompressor {
    pub(super) fn new() -> Self {
        Self(Compress::new(Compression::fast(), false))
    }

    /// # Errors
    /// When the library fails on the bytes, which would be a fault of its own.
    pub(super) fn compress(&mut self, bytes: &[u8]) -> Result<DeflateChunk, std::io::Error> {
        self.0.reset();
        let mut blocks = Vec::with_capacity(bytes.len() / 2 + 64);
        loop {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "at most the chunk's length"
            )]
            let done = self.0.total_in() as usize;
            self.0
                .compress_vec(&bytes[done..], &mut blocks, FlushCompress::Sync)?;
            if self.0.total_in() == bytes.len() as u64 && blocks.len() < blocks.capacity() {
                break;
            }
            blocks.reserve(bytes.len() / 4 + 64);
        }
        let checksum = crc32fast::hash(bytes);
        Ok(DeflateChunk {
            blocks,
            checksum,
            length: bytes.len() as u64,
        })
    }
}

/// The frame around the chunks of a file.
#[derive(Default)]
pub(super) struct GzipMember {
    checksum: Hasher,
    length: u64,
    begun: bool,
}

impl GzipMember {
    /// The file's next bytes: the chunk's, after the header if it is the first.
    pub(super) fn append(&mut self, chunk: DeflateChunk) -> Vec<u8> {
        self.checksum
            .combine(&Hasher::new_with_initial_len(chunk.checksum, chunk.length));
        self.length += chunk.length;
        if self.begun {
            return chunk.blocks;
        }
        self.begun = true;
        [&HEADER[..], &chunk.blocks].concat()
    }

    /// The file's last bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut bytes = if self.begun {
            Vec::new()
        } else {
            HEADER.to_vec()
        };
        bytes.extend_from_slice(&LAST_BLOCK);
        bytes.extend_from_slice(&self.checksum.finalize().to_le_bytes());
        #[expect(
            clippy::cast_possible_truncation,
            reason = "gzip stores the length modulo 2^32"
        )]
        bytes.extend_from_slice(&(self.length as u32).to_le_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn gunzip(bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        let mut decoder = flate2::bufread::GzDecoder::new(bytes);
        decoder.read_to_end(&mut text).unwrap();
        assert!(decoder.into_inner().is_empty(), "more than one member");
        text
    }

    #[test]
    fn chunks_make_one_member() {
        let mut compressor = ChunkCompressor::new();
        let mut member = GzipMember::default();
        let chunks: Vec<Vec<u8>> = [0, 1, 70_000, 5, 1_000_000]
            .map(|length| {
                (0..length)
                    .map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
                    .collect()
            })
            .to_vec();
        let mut bytes = Vec::new();
        for chunk in &chunks {
            bytes.extend(member.append(compressor.compress(chunk).unwrap()));
        }
        bytes.extend(member.finish());
        assert_eq!(gunzip(&bytes), chunks.concat());
    }

    #[test]
    fn no_chunk_makes_an_empty_file() {
        assert_eq!(gunzip(&GzipMember::default().finish()), b"");
    }
}
