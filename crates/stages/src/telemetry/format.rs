//! Durations and sizes for people, as the suite writes them.

/// `3.5s`, `2m 5s` or `1h 1m 5s`.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1}s");
    }
    let whole = seconds as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours == 0 {
        format!("{minutes}m {seconds}s")
    } else {
        format!("{hours}h {minutes}m {seconds}s")
    }
}

/// `512 B`, `1.5 KB`, `180.7 MB`, … in the largest unit that the size fills (units of 1024).
pub(crate) fn size(bytes: f64) -> String {
    for (unit, name) in [(4, "TB"), (3, "GB"), (2, "MB"), (1, "KB")] {
        let unit = 1024_f64.powi(unit);
        if bytes >= unit {
            return format!("{:.1} {name}", bytes / unit);
        }
    }
    format!("{} B", bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_the_suite_writes_them() {
        let cases = [
            (3.5, "3.5s"),
            (125.0, "2m 5s"),
            (3665.9, "1h 1m 5s"),
            (59.96, "60.0s"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(duration(seconds), expected);
        }
    }

    #[test]
    fn sizes_are_as_the_suite_writes_them() {
        let mib = 1024.0 * 1024.0;
        let cases = [
            (0.0, "0 B"),
            (512.0, "512 B"),
            (1536.0, "1.5 KB"),
            (180.6953125 * mib, "180.7 MB"),
            (2048.0 * mib, "2.0 GB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(size(bytes), expected);
        }
    }
}
