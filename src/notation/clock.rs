//! Times of the day.

/// A time such as `23:30` or `7:05:30` as hours from 0 to below 24; none for any other text.
pub(crate) fn hours(text: &str) -> Option<f64> {
    let mut parts = text.trim().split(':');
    let mut next = |below: u32, digits: std::ops::RangeInclusive<usize>| -> Option<Option<u32>> {
        let Some(part) = parts.next() else { return Some(None) };
        let fits = digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let number = part.parse::<u32>().ok().filter(|number| fits && *number < below)?;
        Some(Some(number))
    };
    let hour = next(24, 1..=2)??;
    let minute = next(60, 2..=2)??;
    let second = next(60, 2..=2)?;
    if parts.next().is_some() {
        return None;
    }
    // Whole seconds over 3600: one rounding.
    Some(f64::from(hour * 3600 + minute * 60 + second.unwrap_or(0)) / 3600.0)
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn a_time_is_hours_and_minutes() {
        assert_eq!(hours("23:30"), Some(23.5));
        assert_eq!(hours(" 7:15 "), Some(7.25));
        assert_eq!(hours("00:00:36"), Some(0.01));
        for wrong in ["24:00", "7:5", "7", "", "7:60", "7:00:00:00", "-1:00", "7:0x", "+7:00", "7:05:61"] {
            assert_eq!(hours(wrong), None, "{wrong}");
        }
    }
}
