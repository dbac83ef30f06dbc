//! What is logged at which level.

use epycloud_config::LogLevel;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};

use crate::failure::FAILURE_TARGET;

/// What ours are called: crates, and targets that are chosen by hand.
const OURS: &str = "epycloud";

/// What is logged at a level. Other crates' debug and trace events never are: at that level they
/// would drown ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter {
    level: LogLevel,
}

impl Filter {
    pub(crate) const fn new(level: LogLevel) -> Self {
        Self { level }
    }

    pub(crate) fn enabled(self, metadata: &Metadata<'_>) -> bool {
        let level = *metadata.level();
        // A span's fields tell what an error belongs to even where only errors are logged.
        let needed = metadata.is_span() && level <= Level::INFO;
        needed || self.passes(metadata.target(), level)
    }

    fn passes(self, target: &str, level: Level) -> bool {
        if target == FAILURE_TARGET {
            return true;
        }
        let most = self.level_filter();
        let most = if target.starts_with(OURS) {
            most
        } else {
            most.min(LevelFilter::INFO)
        };
        level <= most
    }

    const fn level_filter(self) -> LevelFilter {
        match self.level {
            LogLevel::Debug => LevelFilter::TRACE,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Warning => LevelFilter::WARN,
            LogLevel::Error => LevelFilter::ERROR,
            // Only what ends the process, which has a target of its own.
            LogLevel::Critical => LevelFilter::OFF,
        }
    }

    pub(crate) fn max_level(self) -> LevelFilter {
        self.level_filter().max(LevelFilter::INFO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_speak_up_to_info_and_ours_as_asked() {
        let table = [
            (LogLevel::Debug, "epycloud_storage", Level::TRACE, true),
            (LogLevel::Debug, "object_store::client", Level::DEBUG, false),
            (LogLevel::Debug, "object_store::client", Level::INFO, true),
            (
                LogLevel::Info,
                "epycloud_stages::runner",
                Level::DEBUG,
                false,
            ),
            (LogLevel::Info, "hyper", Level::INFO, true),
            (LogLevel::Warning, "epycloud", Level::INFO, false),
            (LogLevel::Warning, "hyper", Level::INFO, false),
            (LogLevel::Warning, "hyper", Level::WARN, true),
            (LogLevel::Error, "epycloud", Level::ERROR, true),
            (LogLevel::Critical, "epycloud", Level::ERROR, false),
            (LogLevel::Critical, FAILURE_TARGET, Level::ERROR, true),
        ];
        for (level, target, event, expected) in table {
            assert_eq!(
                Filter::new(level).passes(target, event),
                expected,
                "{level} {target} {event}"
            );
        }
    }
}
