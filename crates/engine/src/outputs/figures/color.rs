//! Colours as matplotlib names them.

use plotters::style::RGBColor;

/// matplotlib's cycle, `C0` to `C9`.
const CYCLE: [u32; 10] = [
    0x1f_77b4, 0xff_7f0e, 0x2c_a02c, 0xd6_2728, 0x94_67bd, 0x8c_564b, 0xe3_77c2, 0x7f_7f7f,
    0xbc_bd22, 0x17_becf,
];
/// The names that plots are likely to use.
const NAMED: [(&str, u32); 12] = [
    ("black", 0x00_0000),
    ("blue", 0x00_00ff),
    ("brown", 0xa5_2a2a),
    ("cyan", 0x00_ffff),
    ("gray", 0x80_8080),
    ("green", 0x00_8000),
    ("grey", 0x80_8080),
    ("magenta", 0xff_00ff),
    ("orange", 0xff_a500),
    ("purple", 0x80_0080),
    ("red", 0xff_0000),
    ("teal", 0x00_8080),
];

/// The colour that a text names (`C0`, `#1f77b4`, `tab:blue`, `red`); `None` if there is none.
pub(super) fn parse(text: &str) -> Option<RGBColor> {
    const TABLEAU: [&str; 10] = [
        "blue", "orange", "green", "red", "purple", "brown", "pink", "gray", "olive", "cyan",
    ];
    let number = if let Some(digits) = text.strip_prefix('#') {
        let digits = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        u32::from_str_radix(&digits, 16).ok()?
    } else if let Some(index) = text.strip_prefix('C') {
        *CYCLE.get(index.parse::<usize>().ok()? % CYCLE.len())?
    } else if let Some(name) = text.strip_prefix("tab:") {
        CYCLE[TABLEAU.iter().position(|known| *known == name)?]
    } else {
        NAMED.iter().find(|(name, _)| *name == text)?.1
    };
    let [_, red, green, blue] = number.to_be_bytes();
    Some(RGBColor(red, green, blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_matplotlibs() {
        assert_eq!(parse("C1"), Some(RGBColor(255, 127, 14)));
        assert_eq!(parse("C11"), Some(RGBColor(255, 127, 14)));
        assert_eq!(parse("tab:blue"), Some(RGBColor(31, 119, 180)));
        assert_eq!(parse("#476a6f"), Some(RGBColor(0x47, 0x6a, 0x6f)));
        assert_eq!(parse("#f0a"), Some(RGBColor(255, 0, 170)));
        assert_eq!(parse("red"), Some(RGBColor(255, 0, 0)));
        assert_eq!(parse("reddish"), None);
    }
}
