//! The report of a run of a thousand tasks: its size, and how long a browser takes to show it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::program::answer;
use crate::repository::save;
use crate::stage::Pipeline;
use crate::table::{Table, Target, median};

const TASKS: usize = 1_000;
const ROUNDS: usize = 5;
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Widths of a desktop's window and of a telephone's, in pixels.
const WIDTHS: [u32; 2] = [1200, 420];

/// Says in the page's title, once everything is loaded and laid out, how many milliseconds that
/// took.
const PROBE: &str = "<script>addEventListener('load', () => { document.body.offsetHeight; \
                     document.title = performance.now(); });</script></body>";

/// Makes a run and looks at its report.
pub(crate) fn run() -> Result<Table, Failure> {
    let mut table = Table::new(format!("report: of {TASKS} tasks with fan charts"));
    let pipeline = Pipeline::new("flu_shape.yaml", "flu_shape_output.yaml", TASKS)?;
    pipeline.workflow(&[])?;
    let file = pipeline.run_folder().join("report.html");
    let page = std::fs::read_to_string(&file).map_err(|source| Failure::File {
        path: file.clone(),
        source,
    })?;
    let size = page.len() as f64 / f64::from(1 << 20);
    table.row("its size", size, "MiB", Target::AtMost(3.0));
    let Some(browser) = BROWSERS.into_iter().find(|name| is_there(name)) else {
        table.note("no Chromium is there to open it");
        return Ok(table);
    };
    let probed = file.with_file_name("probed.html");
    save(&probed, &page.replace("</body>", PROBE))?;
    for width in WIDTHS {
        let times: Result<Vec<f64>, Failure> =
            (0..ROUNDS).map(|_| open(browser, &probed, width)).collect();
        table.row(
            format!("until it is laid out, {width} pixels wide"),
            median(times?),
            "ms",
            Target::AtMost(1000.0),
        );
    }
    Ok(table)
}

fn is_there(browser: &str) -> bool {
    let version = Command::new(browser)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

/// Opens a page in a browser that has seen nothing before; the milliseconds it took.
fn open(browser: &str, page: &Path, width: u32) -> Result<f64, Failure> {
    let profile = tempfile::tempdir().map_err(|source| Failure::File {
        path: std::env::temp_dir(),
        source,
    })?;
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!("--window-size={width},900"))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", page.display()));
    let shown = answer(&mut command, "")?;
    title(&shown).ok_or_else(|| Failure::Answer {
        program: browser.to_owned(),
        reason: "the page says no time".to_owned(),
    })
}

fn title(page: &str) -> Option<f64> {
    let (_, rest) = page.split_once("<title>")?;
    rest.split_once("</title>")?.0.parse().ok()
}
