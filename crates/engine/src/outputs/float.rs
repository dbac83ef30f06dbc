//! Numbers as Python writes them, so that tables equal those of pandas character for character.

/// A number as Python's `repr(float)` writes it: the shortest decimal that reads back as the same
/// double, in exponent form below 1e-4 and from 1e16 on.
///
/// ```
/// use epycloud_engine::outputs::python_float;
///
/// assert_eq!(python_float(177152.63), "177152.63");
/// assert_eq!(python_float(1e16), "1e+16");
/// assert_eq!(python_float(1e-5), "1e-05");
/// ```
#[must_use]
pub fn python_float(value: f64) -> String {
    let mut text = Vec::new();
    write_float(&mut text, value);
    String::from_utf8_lossy(&text).into_owned()
}

/// Appends a number as [`python_float`] writes it.
pub(super) fn write_float(text: &mut Vec<u8>, value: f64) {
    if !write_thousandths(text, value) {
        write_shortest(text, value);
    }
}

/// Appends a count as the float it is: `12` as `12.0`. Counts are below 2^53.
pub(super) fn write_count(text: &mut Vec<u8>, count: i64) {
    debug_assert!(count.unsigned_abs() < 1 << 53);
    if count == 0 {
        text.extend_from_slice(b"0.0");
    } else {
        text.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
        text.extend_from_slice(b".0");
    }
}

/// Writes a multiple of 0.001 below 1e12, or nothing.
///
/// Quantiles of counts are mostly such multiples. If n/1000, correctly rounded, is the value, then
/// the decimal n/1000 reads back as the value; and as it has at most 15 significant digits, and no
/// two decimals of up to 15 digits read as the same double, no shorter one does. So it is the
/// shortest, which is what the general algorithm would find at several times the cost.
fn write_thousandths(text: &mut Vec<u8>, value: f64) -> bool {
    if !(value.is_sign_positive() && value < 1e12) {
        return false;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 1e15"
    )]
    let n = (value * 1000.0 + 0.5) as u64;
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let exact = n as f64 / 1000.0 == value;
    if exact {
        text.extend_from_slice(itoa::Buffer::new().format(n / 1000).as_bytes());
        let (digits, length) = FRACTIONS[(n % 1000) as usize];
        text.extend_from_slice(&digits[..length]);
    }
    exact
}

/// `.0` to `.999`, without trailing zeros after the first digit.
const FRACTIONS: [([u8; 4], usize); 1000] = {
    let mut table = [([0; 4], 0); 1000];
    let mut n: u16 = 0;
    while n < 1000 {
        let digits = [n / 100, n / 10 % 10, n % 10];
        let length = if digits[2] != 0 {
            4
        } else if digits[1] != 0 {
            3
        } else {
            2
        };
        let text = [
            b'.',
            b'0' + digits[0] as u8,
            b'0' + digits[1] as u8,
            b'0' + digits[2] as u8,
        ];
        table[n as usize] = (text, length);
        n += 1;
    }
    table
};

/// Writes any number, through the general algorithm.
///
/// zmij lays numbers out as Python does, except that its exponent form begins below 1e-5 and that
/// its exponents aren't padded to two digits.
fn write_shortest(text: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        text.extend_from_slice(b"nan");
    } else if value.is_infinite() {
        text.extend_from_slice(if value > 0.0 { b"inf" } else { b"-inf" });
    } else {
        let mut buffer = zmij::Buffer::new();
        let shortest = buffer.format_finite(value);
        if let Some((digits, exponent)) = shortest.split_once('e') {
            write_exponent_form(text, digits, exponent);
        } else if value != 0.0 && value.abs() < 1e-4 {
            write_hundred_thousandths(text, shortest);
        } else {
            text.extend_from_slice(shortest.as_bytes());
        }
    }
}

/// Writes `1.5` and `-7` as `1.5e-07`.
fn write_exponent_form(text: &mut Vec<u8>, digits: &str, exponent: &str) {
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => (b'-', exponent),
        None => (b'+', exponent.trim_start_matches('+')),
    };
    text.extend_from_slice(digits.strip_suffix(".0").unwrap_or(digits).as_bytes());
    text.extend_from_slice(&[b'e', sign]);
    if exponent.len() < 2 {
        text.push(b'0');
    }
    text.extend_from_slice(exponent.as_bytes());
}

/// Writes `0.0000123` as `1.23e-05`.
fn write_hundred_thousandths(text: &mut Vec<u8>, decimal: &str) {
    let (sign, decimal) = match decimal.strip_prefix('-') {
        Some(decimal) => ("-", decimal),
        None => ("", decimal),
    };
    let (first, rest) = decimal.trim_start_matches(['0', '.']).split_at(1);
    text.extend_from_slice(sign.as_bytes());
    text.extend_from_slice(first.as_bytes());
    if !rest.is_empty() {
        text.push(b'.');
        text.extend_from_slice(rest.as_bytes());
    }
    text.extend_from_slice(b"e-05");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `repr` of CPython 3.11.
    const RECORDED: [(f64, &str); 30] = [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.1, "0.1"),
        (0.09, "0.09"),
        (0.001, "0.001"),
        (0.0005, "0.0005"),
        (0.0001, "0.0001"),
        (9.999e-5, "9.999e-05"),
        (1e-5, "1e-05"),
        (1.5e-7, "1.5e-07"),
        (1e-100, "1e-100"),
        (5e-324, "5e-324"),
        (0.1 + 0.2, "0.30000000000000004"),
        (177152.63, "177152.63"),
        (177152.63000000003, "177152.63000000003"),
        (2.675, "2.675"),
        (-2.5, "-2.5"),
        (-1.5e-5, "-1.5e-05"),
        (999_999_999_999.999, "999999999999.999"),
        (1e12, "1000000000000.0"),
        (123456789012345.6, "123456789012345.6"),
        (9007199254740992.0, "9007199254740992.0"),
        (9999999999999998.0, "9999999999999998.0"),
        (1e16, "1e+16"),
        (1.2345678901234568e17, "1.2345678901234568e+17"),
        (f64::MAX, "1.7976931348623157e+308"),
        (f64::NAN, "nan"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
    ];

    #[test]
    fn floats_are_written_as_python_writes_them() {
        for (value, text) in RECORDED {
            assert_eq!(python_float(value), text);
        }
    }

    #[test]
    fn the_short_way_gives_what_the_general_one_gives() {
        for n in (0..2_000_000_u32).chain((1..1000).map(|n| n * 4_294_967)) {
            let value = f64::from(n) / 1000.0;
            let (mut short, mut general) = (Vec::new(), Vec::new());
            assert!(write_thousandths(&mut short, value));
            write_shortest(&mut general, value);
            assert_eq!(short, general);
        }
    }

    #[test]
    fn counts_are_written_as_floats() {
        for (count, expected) in [(0, "0.0"), (7, "7.0"), (1_300_012, "1300012.0")] {
            let mut text = Vec::new();
            write_count(&mut text, count);
            assert_eq!(text, expected.as_bytes());
        }
    }
}
