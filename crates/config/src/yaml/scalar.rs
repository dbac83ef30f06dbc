//! The type of a plain scalar, as PyYAML's `safe_load` resolves it (YAML 1.1).

use super::node::Value;

/// The value of a plain scalar. Dates and times stay text.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    int(text)
        .or_else(|| float(text))
        .unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// Reads a whole number: decimal, `0b`, `0x`, octal with a leading zero, or sexagesimal (`1:30`).
pub(super) fn int(text: &str) -> Option<Value> {
    let (negative, digits) = sign(text);
    let (radix, digits) = if let Some(rest) = digits.strip_prefix("0b") {
        (2, rest)
    } else if let Some(rest) = digits.strip_prefix("0x") {
        (16, rest)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, digits)
    } else {
        (10, digits)
    };
    if radix == 10 {
        if let Some(value) = sexagesimal_int(digits) {
            return Some(whole(negative, Some(value), 0.0));
        }
        if !digits.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
    }
    if digits.is_empty()
        || !digits
            .chars()
            .all(|digit| digit == '_' || digit.is_digit(radix))
    {
        return None;
    }
    let digits: String = digits.chars().filter(|&digit| digit != '_').collect();
    if digits.is_empty() {
        return None;
    }
    let approximate = digits.chars().fold(0.0, |sum, digit| {
        sum * f64::from(radix) + f64::from(digit.to_digit(radix).unwrap_or(0))
    });
    let approximate = if radix == 10 {
        digits.parse().unwrap_or(approximate)
    } else {
        approximate
    };
    Some(whole(
        negative,
        i128::from_str_radix(&digits, radix).ok(),
        approximate,
    ))
}

/// Reads a number with a point, `.inf` or `.nan`. An exponent needs its sign in YAML 1.1
/// (`1.0e+3`); other forms are text here, and numbers where the schema wants one.
pub(super) fn float(text: &str) -> Option<Value> {
    let (negative, rest) = sign(text);
    let signed = |value: f64| Some(Value::Float(if negative { -value } else { value }));
    match rest {
        ".inf" | ".Inf" | ".INF" => return signed(f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if rest.len() == text.len() => {
            return Some(Value::Float(f64::NAN));
        }
        _ => {}
    }
    if let Some(value) = sexagesimal_float(rest) {
        return signed(value);
    }
    let rest_is_unsigned = rest.len() == text.len();
    let (whole, rest) = rest.split_once('.')?;
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let digits = |part: &str| {
        part.chars()
            .all(|digit| digit == '_' || digit.is_ascii_digit())
    };
    // A number that starts with its point has no sign: PyYAML takes `-.5` for text.
    let starts_well = if whole.is_empty() {
        rest_is_unsigned && fraction.starts_with(|first: char| first.is_ascii_digit())
    } else {
        whole.starts_with(|first: char| first.is_ascii_digit())
    };
    let exponent_is_signed = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['+', '-'])
            .is_some_and(|power| !power.is_empty() && power.bytes().all(|b| b.is_ascii_digit()))
    });
    if !starts_well || !digits(whole) || !digits(fraction) || !exponent_is_signed {
        return None;
    }
    let plain: String = text.chars().filter(|&digit| digit != '_').collect();
    plain.parse().ok().map(Value::Float)
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn whole(negative: bool, value: Option<i128>, approximate: f64) -> Value {
    let exact = value
        .map(|value| if negative { -value } else { value })
        .and_then(|value| i64::try_from(value).ok());
    match exact {
        Some(value) => Value::Int(value),
        None => {
            #[expect(
                clippy::cast_precision_loss,
                reason = "beyond 64 bits only the size matters"
            )]
            let size = value.map_or(approximate, |value| value as f64);
            Value::Float(if negative { -size } else { size })
        }
    }
}

/// `1:30:00`: the first part without a leading zero, the others below 60.
fn sexagesimal_int(digits: &str) -> Option<i128> {
    let mut parts = digits.split(':');
    let first = parts.next().filter(|first| {
        first.starts_with(|digit: char| ('1'..='9').contains(&digit))
            && first
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'_')
    })?;
    let mut sum: i128 = first.replace('_', "").parse().ok()?;
    let mut count = 0;
    for part in parts {
        sum = sum.checked_mul(60)?.checked_add(sexagesimal_digit(part)?)?;
        count += 1;
    }
    (count > 0).then_some(sum)
}

/// `1:30.5`
fn sexagesimal_float(digits: &str) -> Option<f64> {
    let (whole, fraction) = digits.split_once('.')?;
    if !fraction
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'_')
    {
        return None;
    }
    let mut parts = whole.split(':');
    let first = parts.next().filter(|first| {
        first.starts_with(|digit: char| digit.is_ascii_digit())
            && first
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'_')
    })?;
    let mut parts = parts.peekable();
    parts.peek()?;
    let mut sum: f64 = first.replace('_', "").parse().ok()?;
    for part in parts {
        #[expect(clippy::cast_precision_loss, reason = "below 60")]
        let digit = sexagesimal_digit(part)? as f64;
        sum = sum * 60.0 + digit;
    }
    let fraction: f64 = format!("0.{}", fraction.replace('_', ""))
        .parse()
        .unwrap_or(0.0);
    Some(sum + fraction)
}

fn sexagesimal_digit(part: &str) -> Option<i128> {
    let valid = matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
    part.parse()
        .ok()
        .filter(|&digit: &i128| valid && digit < 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &Value) {
        // Debug tells `-0.0` from `0.0` and makes `.nan` equal to itself.
        assert_eq!(
            format!("{:?}", resolve(text)),
            format!("{expected:?}"),
            "{text}"
        );
    }

    #[test]
    fn whole_numbers_are_pyyamls() {
        for (text, value) in [
            ("1", 1),
            ("-0", 0),
            ("+5", 5),
            ("007", 7),
            ("-010", -8),
            ("0_", 0),
            ("0x1F", 31),
            ("0x_F", 15),
            ("-0b11", -3),
            ("1__0", 10),
            ("1_", 1),
            ("1:30:15", 5415),
            ("+1:30", 90),
            ("1_0:30", 630),
            ("-9223372036854775808", i64::MIN),
            ("9223372036854775807", i64::MAX),
        ] {
            check(text, &Value::Int(value));
        }
    }

    #[test]
    fn other_numbers_are_pyyamls() {
        for (text, value) in [
            ("-1.5", -1.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("1.e+3", 1000.0),
            ("1.0E-3", 0.001),
            ("1_.5", 1.5),
            ("0.1_2", 0.12),
            ("-0.0", -0.0),
            ("+.Inf", f64::INFINITY),
            ("-.inf", f64::NEG_INFINITY),
            (".NaN", f64::NAN),
            ("190:20:30.15", 685_230.15),
            // Beyond 64 bits; PyYAML's are exact.
            ("9223372036854775808", 9_223_372_036_854_775_808.0),
            ("-12345678901234567890", -12_345_678_901_234_567_890.0),
        ] {
            check(text, &Value::Float(value));
        }
    }

    #[test]
    fn what_looks_like_a_number_but_is_none_to_pyyaml_stays_text() {
        for text in [
            "08",
            "-08",
            "0o17",
            "0X1F",
            "_1",
            "+.5",
            "-.5",
            "1e3",
            "1e-3",
            "1.0e3",
            "-.nan",
            "1:60",
            "01:30",
            "0:30",
            "._5",
            ".",
            ".e+3",
            "1.2.3",
            "0x",
            "0b",
            "0b2",
            "1e",
            "1.5e",
            "1.5e+",
            "2024-01-05",
            "1/1.5",
            "0-4",
            "65+",
            "-",
            "=",
            "yEs",
            "y",
            "n",
            "tRue",
            "nULL",
        ] {
            check(text, &Value::Text(text.to_owned()));
        }
    }

    #[test]
    fn words_for_booleans_and_nothing_are_pyyamls() {
        for text in ["yes", "Yes", "YES", "on", "true", "True", "TRUE"] {
            check(text, &Value::Bool(true));
        }
        for text in ["no", "No", "NO", "Off", "OFF", "false"] {
            check(text, &Value::Bool(false));
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            check(text, &Value::Null);
        }
    }
}
