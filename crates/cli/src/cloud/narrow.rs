//! Runs in tables: whole and side by side where the terminal is wide, short where it isn't.

use comfy_table::Table;
use epycloud_google::executions::Execution;

/// A narrower terminal has no room for the whole ID of an execution, in characters.
const FOR_IDS: u16 = 100;
/// The digits of an ID that the execution's jobs are called by, and commands find it by.
pub(crate) const SHORT: usize = 8;

/// How much room a table has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// In characters; where there is no terminal, there is enough.
    width: Option<u16>,
}

impl Room {
    /// As much as the terminal has.
    pub(crate) fn of_terminal() -> Self {
        Self {
            width: Table::new().width(),
        }
    }

    /// Whether there is less than that.
    pub(crate) fn is_below(self, width: u16) -> bool {
        self.width.is_some_and(|own| own < width)
    }

    /// The ID of an execution, or its first digits.
    pub(crate) fn id(self, execution: &Execution) -> &str {
        let id = execution.id();
        if self.is_below(FOR_IDS) {
            short(id)
        } else {
            id
        }
    }
}

/// How a table names runs: by a column for the experiment and one for the run, or by one for both.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    is_one: bool,
}

impl Names {
    /// In a table that needs so much room with two columns.
    pub(crate) fn with(room: Room, needed: u16) -> Self {
        Self {
            is_one: room.is_below(needed),
        }
    }

    /// The columns.
    pub(crate) fn columns(self) -> &'static [&'static str] {
        if self.is_one {
            &["experiment, run"]
        } else {
            &["experiment", "run"]
        }
    }

    /// What stands in them.
    pub(crate) fn cells(self, experiment: &str, run: &str) -> Vec<String> {
        if self.is_one {
            vec![format!("{experiment}\n{run}")]
        } else {
            vec![experiment.to_owned(), run.to_owned()]
        }
    }

    /// What stands in them for an execution.
    pub(crate) fn of_execution(self, execution: &Execution) -> Vec<String> {
        let argument = |name| execution.argument_text(name).unwrap_or_else(|| "-".into());
        self.cells(&argument("exp_id"), &argument("runId"))
    }
}

/// The first digits of an ID; of what is no ID of an execution, all.
pub(crate) fn short(id: &str) -> &str {
    let is_id = id.len() == 36;
    id.get(..SHORT).filter(|_| is_id).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_table_has_fewer_columns_and_shorter_ids() {
        let execution: Execution = serde_json::from_value(serde_json::json!({
            "name": "x/executions/0a1b2c3d-0000-4000-8000-000000000000",
            "argument": "{\"exp_id\": \"flu\", \"runId\": \"one\"}",
        }))
        .unwrap();
        let shown = |width| {
            let room = Room { width };
            let names = Names::with(room, 120);
            let cells = names.of_execution(&execution);
            assert_eq!(cells.len(), names.columns().len());
            (room.id(&execution).to_owned(), cells.join("|"))
        };
        let whole = "0a1b2c3d-0000-4000-8000-000000000000".to_owned();
        assert_eq!(shown(Some(80)), ("0a1b2c3d".into(), "flu\none".into()));
        assert_eq!(shown(Some(110)), (whole.clone(), "flu\none".into()));
        assert_eq!(shown(Some(120)), (whole.clone(), "flu|one".into()));
        assert_eq!(shown(None), (whole, "flu|one".into()));
        assert_eq!(short("stage-b-manual-0a1b2c3d"), "stage-b-manual-0a1b2c3d");
    }
}
