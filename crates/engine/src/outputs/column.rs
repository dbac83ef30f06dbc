//! Which columns a table has, and where their numbers are.

use std::collections::BTreeSet;

use super::error::OutputError;
use crate::schema::output::Selection;

/// A column of numbers: one group of a series (a compartment or a transition), or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// `{series}_{group}` or `{series}_total`.
    pub(super) name: String,
    /// Index of the compartment or transition.
    pub(super) series: usize,
    /// Index of the age group; `None` is their sum.
    pub(super) group: Option<usize>,
}

/// Every column, in index order: the groups of a series, then their total.
pub(super) fn all(series: &[String], groups: &[String]) -> Vec<Column> {
    let mut columns = Vec::with_capacity(series.len() * (groups.len() + 1));
    for (index, name) in series.iter().enumerate() {
        columns.extend(groups.iter().enumerate().map(|(group, suffix)| Column {
            name: format!("{name}_{suffix}"),
            series: index,
            group: Some(group),
        }));
        columns.push(Column {
            name: format!("{name}_total"),
            series: index,
            group: None,
        });
    }
    columns
}

/// The columns that a configuration selects, in its order; none when the table isn't wanted.
///
/// # Errors
/// When a selected column doesn't exist. (The suite falls back on every column with a warning.)
pub(super) fn select(
    section: &'static str,
    selection: &Selection,
    series: &[String],
    groups: &[String],
) -> Result<Vec<Column>, OutputError> {
    match selection {
        Selection::None => Ok(Vec::new()),
        Selection::All => Ok(all(series, groups)),
        Selection::Only(names) => {
            let columns = all(series, groups);
            names
                .iter()
                .map(|name| find(section, name, &columns))
                .collect()
        }
    }
}

/// A column by name.
fn find(section: &'static str, name: &str, columns: &[Column]) -> Result<Column, OutputError> {
    columns
        .iter()
        .find(|column| column.name == name)
        .cloned()
        .ok_or_else(|| {
            let names = columns.iter().map(|column| column.name.as_str());
            OutputError::UnknownColumn {
                section,
                column: name.to_owned(),
                nearest: epycloud_errors::nearest(name, names).map(str::to_owned),
            }
        })
}

/// Checks that no two columns of a table have one name.
pub(super) fn check_distinct<'a>(
    table: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), OutputError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(OutputError::RepeatedColumn {
                table,
                column: name.to_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(selection: &Selection) -> Result<Vec<String>, OutputError> {
        let (series, groups) = (
            ["S".to_owned(), "I".to_owned()],
            ["0-4".into(), "5+".into()],
        );
        let columns = select("quantiles.compartments", selection, &series, &groups)?;
        Ok(columns.into_iter().map(|column| column.name).collect())
    }

    #[test]
    fn columns_are_the_groups_of_a_series_and_then_its_total() {
        assert_eq!(
            names(&Selection::All).unwrap(),
            ["S_0-4", "S_5+", "S_total", "I_0-4", "I_5+", "I_total"]
        );
        assert!(names(&Selection::None).unwrap().is_empty());
    }

    #[test]
    fn a_list_keeps_its_order() {
        let list = Selection::Only(vec!["I_total".into(), "S_5+".into()]);
        assert_eq!(names(&list).unwrap(), ["I_total", "S_5+"]);
    }

    #[test]
    fn an_unknown_column_is_named_with_the_nearest() {
        let error = names(&Selection::Only(vec!["I_totl".into()])).unwrap_err();
        assert!(matches!(
            error,
            OutputError::UnknownColumn { ref column, nearest: Some(ref nearest), .. }
                if column == "I_totl" && nearest == "I_total"
        ));
    }

    #[test]
    fn a_repeated_name_is_refused() {
        let error = check_distinct("quantiles_compartments", ["date", "I", "date"].into_iter());
        assert!(
            matches!(error, Err(OutputError::RepeatedColumn { column, .. }) if column == "date")
        );
    }
}
