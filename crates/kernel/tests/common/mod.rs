//! What the comparisons with Python share: running the oracle, records, digests.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(
    clippy::panic,
    clippy::print_stderr,
    reason = "clippy takes helpers of tests for no tests"
)]

pub(crate) mod models;
pub(crate) mod oracle;
pub(crate) mod record;

/// Cases of a property test; `cargo xtask soak` asks for more.
pub(crate) fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(usual)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("text takes everything");
    }
    text
}

/// FNV-1a, to record many results in one number.
pub(crate) fn digest(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325, |digest: u64, byte| {
            (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

pub(crate) fn digest_of_doubles(values: &[f64]) -> u64 {
    digest(
        values
            .iter()
            .flat_map(|value| value.to_bits().to_le_bytes()),
    )
}
