//! Media types by file name.

/// The original's table. A compressed file is what its bytes are, whatever is inside.
pub(crate) fn of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("gz") => "application/gzip",
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("txt") => "text/plain",
        Some("yaml" | "yml") => "text/yaml",
        Some("png") => "image/png",
        Some("pdf") => "application/pdf",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn types_are_the_originals() {
        let table = [
            ("a.csv.gz", "application/gzip"),
            ("a.csv", "text/csv"),
            ("a.json", "application/json"),
            ("a.txt", "text/plain"),
            ("a.yaml", "text/yaml"),
            ("a.yml", "text/yaml"),
            ("a.png", "image/png"),
            ("a.pdf", "application/pdf"),
            ("a.svg", "image/svg+xml"),
            ("a.pkl", "application/octet-stream"),
            ("a.parquet", "application/octet-stream"),
            ("csv", "application/octet-stream"),
        ];
        for (name, expected) in table {
            assert_eq!(super::of(name), expected, "{name}");
        }
    }
}
