//! One cell read as a number: the same bits as `str::parse::<f64>`, without its cost on short decimals.

/// Which decimal signs a cell may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decimal {
    Point,
    Comma,
    /// Not known yet: both are read, and the file is refused later if it uses both.
    #[cfg(feature = "csv")]
    Either,
}

/// The decimal sign a cell did use. `groups` tells that `1,234` might as well be a thousand and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    None,
    Point { groups: bool },
    Comma { groups: bool },
}

/// What a trimmed, non-empty cell says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    Number(f64, Sign),
    Infinite,
    Text,
}

impl Decimal {
    pub(super) fn from_char(sign: char) -> Self {
        if sign == ',' { Self::Comma } else { Self::Point }
    }

    fn allows(self, sign: u8) -> bool {
        match self {
            Self::Point => sign == b'.',
            Self::Comma => sign == b',',
            #[cfg(feature = "csv")]
            Self::Either => true,
        }
    }
}

/// The number a text says; none where it says none.
pub(crate) fn number(text: &str, decimal: char) -> Option<f64> {
    match parse(text.trim().as_bytes(), Decimal::from_char(decimal)) {
        Cell::Number(value, _) => Some(value),
        Cell::Infinite | Cell::Text => None,
    }
}

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Reads digits with at most one decimal sign. Up to 15 digits are an exact integer, and one division of two
/// exact doubles rounds as the standard library does; everything else goes the slow way.
pub(super) fn parse(cell: &[u8], decimal: Decimal) -> Cell {
    let (negative, body) = match cell {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, cell),
    };
    if body.len() > 16 {
        return slow(cell, decimal);
    }
    let mut mantissa = 0_u64;
    let mut digits = 0_usize;
    let mut sign = None;
    for &byte in body {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                digits += 1;
            }
            b'.' | b',' if sign.is_none() && decimal.allows(byte) => sign = Some((byte, digits)),
            _ => return slow(cell, decimal),
        }
    }
    let whole = sign.map_or(digits, |(_, before)| before);
    let after = digits - whole;
    let (1..=15, Some(power)) = (digits, POWERS.get(after)) else { return slow(cell, decimal) };
    let size = mantissa as f64 / power;
    let groups = after == 3 && (1..=3).contains(&whole) && body.first() != Some(&b'0');
    Cell::Number(if negative { -size } else { size }, used(sign.map(|(byte, _)| byte), groups))
}

fn used(sign: Option<u8>, groups: bool) -> Sign {
    match sign {
        None => Sign::None,
        Some(b',') => Sign::Comma { groups },
        Some(_) => Sign::Point { groups },
    }
}

/// Exponents, long numbers, words for infinity, and everything that is no number.
fn slow(cell: &[u8], decimal: Decimal) -> Cell {
    let body = cell.strip_prefix(b"-").or_else(|| cell.strip_prefix(b"+")).unwrap_or(cell);
    if body.eq_ignore_ascii_case(b"inf") || body.eq_ignore_ascii_case(b"infinity") || body == "∞".as_bytes()
    {
        return Cell::Infinite;
    }
    // Seventeen-digit exports are common: no allocation for them.
    let mut short = [0_u8; 64];
    let mut long;
    let plain: &mut [u8] = if let Some(part) = short.get_mut(..cell.len()) {
        part
    } else {
        long = vec![0; cell.len()];
        &mut long
    };
    let mut sign = None;
    for (to, &from) in plain.iter_mut().zip(cell) {
        *to = match from {
            b'0'..=b'9' | b'+' | b'-' | b'e' | b'E' => from,
            b'.' | b',' if sign.is_none() && decimal.allows(from) => {
                sign = Some(from);
                b'.'
            }
            _ => return Cell::Text,
        };
    }
    match str::from_utf8(plain).ok().and_then(|text| text.parse::<f64>().ok()) {
        Some(value) if value.is_finite() => Cell::Number(value, used(sign, false)),
        Some(_) => Cell::Infinite,
        None => Cell::Text,
    }
}

/// The cell without the blanks around it, no-break spaces included.
#[cfg(feature = "csv")]
pub(super) fn trim(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    match (cell.first(), cell.last()) {
        (Some(first), Some(last)) if first.is_ascii() && last.is_ascii() => cell,
        _ => str::from_utf8(cell).map_or(cell, |text| text.trim().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, decimal: Decimal) -> Option<f64> {
        match parse(text.as_bytes(), decimal) {
            Cell::Number(value, _) => Some(value),
            _ => None,
        }
    }

    #[test]
    fn numbers_have_the_bits_of_the_standard_library() {
        let texts = [
            "0",
            "-0",
            "+7",
            "007",
            "3.5",
            ".5",
            "5.",
            "-0.1",
            "123456789012345",
            "0.123456789012345",
            "9007199254740993",
            "0.30000000000000004",
            "2.2250738585072014e-308",
            "1e5",
            "1E-7",
            "+1.5e+3",
            "12345678901234567890",
            "99999999.9999999",
            "0.1234567890123456789012345678901234567890123456789012345678901234567890",
        ];
        for text in texts {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(value(text, Decimal::Point).map(f64::to_bits), Some(expected.to_bits()), "{text}");
            let comma = text.replace('.', ",");
            assert_eq!(value(&comma, Decimal::Comma).map(f64::to_bits), Some(expected.to_bits()), "{comma}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_short_decimal_has_the_bits_of_the_standard_library(text in "[-+]?[0-9]{1,12}(\\.[0-9]{0,12})?") {
            let expected: f64 = text.parse().unwrap();
            proptest::prop_assert_eq!(value(&text, Decimal::Point).map(f64::to_bits), Some(expected.to_bits()));
        }
    }

    #[test]
    fn what_is_no_finite_number() {
        for text in [
            "", ".", "-", "+", "+-1", "1..2", "1.2.3", "1,2", "0x10", "1_000", "1 000", "NaN", "nan", "e5",
            "1e", "abc", "−1",
        ] {
            assert_eq!(parse(text.as_bytes(), Decimal::Point), Cell::Text, "{text}");
        }
        for text in ["inf", "-Inf", "+INFINITY", "1e999", "-1e999", "∞"] {
            assert_eq!(parse(text.as_bytes(), Decimal::Point), Cell::Infinite, "{text}");
        }
        assert_eq!(parse(b"1.2", Decimal::Comma), Cell::Text);
        assert_eq!(parse("9".repeat(400).as_bytes(), Decimal::Point), Cell::Infinite);
    }

    #[cfg(feature = "csv")]
    #[test]
    fn the_sign_is_reported_and_thousands_are_suspected() {
        let sign = |text: &str| match parse(text.as_bytes(), Decimal::Either) {
            Cell::Number(_, sign) => Some(sign),
            _ => None,
        };
        assert_eq!(sign("12"), Some(Sign::None));
        assert_eq!(sign("1,234"), Some(Sign::Comma { groups: true }));
        assert_eq!(sign("-999.123"), Some(Sign::Point { groups: true }));
        for text in ["0,234", "1,23", "1,2345", "1234,567", ",123", "1,234e0"] {
            assert_eq!(sign(text), Some(Sign::Comma { groups: false }), "{text}");
        }
        assert_eq!(sign("1.234,5"), None);
    }

    #[cfg(feature = "csv")]
    #[test]
    fn blanks_are_trimmed() {
        assert_eq!(trim(" a b\t".as_bytes()), b"a b");
        assert_eq!(trim("\u{a0} ä \u{202f}".as_bytes()), "ä".as_bytes());
        assert_eq!(trim(b"  "), b"");
    }
}
