//! Decimal numbers as the suite's pandas reads them.

use epycloud_config::SuiteBehaviour;

/// Digits that pandas 2 takes into account; the rest only move the exponent.
const MAX_DIGITS: u32 = 17;

/// Reads a decimal number; `None` if it isn't one.
///
/// pandas 3, under the newest suite, rounds correctly. pandas 2, under suite 0.1.0, doesn't: it
/// builds the number digit by digit in floating point and divides by a power of ten, which is off
/// by one or two units in the last place for a third of the numbers with 15 digits. That is enough
/// to change a simulation, so 0.1.0 is read in the same way.
pub(crate) fn parse_number(text: &str, behaviour: SuiteBehaviour) -> Option<f64> {
    let exact = text.parse::<f64>().ok().filter(|_| is_decimal(text))?;
    match behaviour {
        SuiteBehaviour::Latest => Some(exact),
        SuiteBehaviour::V0_1_0 => Some(digit_by_digit(text)),
    }
}

/// Whether the text is an optional sign, digits with an optional point, and an optional exponent
/// (Rust also reads `inf` and `nan`, and so does pandas, but no table of ours may have them).
fn is_decimal(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
}

fn digit_by_digit(text: &str) -> f64 {
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let split = unsigned.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (mantissa, written) = split.map_or((unsigned, &[][..]), |at| unsigned.split_at(at));
    let mut value = 0.0;
    let mut n_digits = 0;
    let mut exponent = 0_i64;
    let mut after_point = false;
    for &byte in mantissa {
        if byte == b'.' {
            after_point = true;
        } else if n_digits < MAX_DIGITS {
            value = value * 10.0 + f64::from(byte - b'0');
            n_digits += 1;
            exponent -= i64::from(after_point);
        } else {
            exponent += i64::from(!after_point);
        }
    }
    exponent += written_exponent(written);
    scale(if negative { -value } else { value }, exponent)
}

/// The exponent after `e`, held within what no double reaches.
fn written_exponent(text: &[u8]) -> i64 {
    let digits = std::str::from_utf8(text)
        .unwrap_or_default()
        .trim_start_matches(['e', 'E']);
    digits.parse::<i64>().unwrap_or(0).clamp(-10_000, 10_000)
}

fn scale(value: f64, exponent: i64) -> f64 {
    match exponent {
        309.. => value * f64::INFINITY,
        1..=308 => value * power_of_ten(exponent),
        -308..=0 => value / power_of_ten(-exponent),
        _ => value / power_of_ten((-308 - exponent).min(308)) / power_of_ten(308),
    }
}

/// The double nearest to a power of ten, as it is written in pandas' table.
fn power_of_ten(exponent: i64) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_suite_reads_numbers_correctly_rounded() {
        assert_eq!(
            parse_number("0.30075990650301615", SuiteBehaviour::Latest),
            Some(0.300_759_906_503_016_15)
        );
        assert_eq!(parse_number("1e3", SuiteBehaviour::Latest), Some(1000.0));
    }

    #[test]
    fn suite_0_1_0_reads_them_as_pandas_2_does() {
        // text and the bits that pandas 2.3.3 `read_csv` gives
        let recorded = [
            ("0.30075990650301615", 0x3fd3_3fa6_7a98_38e2), // one unit below the nearest double
            ("5.875806061435594252", 0x4017_80d3_4dde_048c), // one unit above
            ("3.80318321102301", 0x400e_6ceb_51c0_521d),
            ("0.1", 0x3fb9_9999_9999_999a),
            ("-2.5e-7", 0xbe90_c6f7_a0b5_ed8d),
            ("1234567890123456789012", 0x4450_bb44_8ec2_f608),
            ("1234567890123456789.75", 0x43b1_2210_f47d_e981),
            ("1e-310", 0x0000_1268_8b70_e62b),
            ("1.7976931348623157e308", 0x7fef_ffff_ffff_ffff),
            ("000123.456", 0x405e_dd2f_1a9f_be77),
            (".5", 0x3fe0_0000_0000_0000),
            ("4.9e-322", 0x0000_0000_0000_0063),
        ];
        for (text, bits) in recorded {
            let number = parse_number(text, SuiteBehaviour::V0_1_0).unwrap();
            assert_eq!(number.to_bits(), bits, "{text}");
        }
    }

    #[test]
    fn what_is_no_decimal_number_is_refused() {
        for text in ["inf", "nan", "NaN", "1,5", "", "abc", "1e", "--1", "0x10"] {
            for behaviour in [SuiteBehaviour::Latest, SuiteBehaviour::V0_1_0] {
                assert_eq!(parse_number(text, behaviour), None, "{text}");
            }
        }
    }
}
