//! The commands of the program, as its help lists them.

/// The commands of a help's list, `help` left out.
pub(crate) fn below(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Every command, the groups too; `help` shows a command's.
pub(crate) fn commands(help: impl Fn(&[String]) -> String) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut waiting: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(command) = waiting.pop() {
        for name in below(&help(&command)) {
            let mut inner = command.clone();
            inner.push(name);
            waiting.push(inner.clone());
            found.push(inner);
        }
    }
    found
}
