//! Rows of tasks cut and gathered into chunks of even size, so that neither a huge task nor
//! thousands of small ones change how much is in memory or how well it compresses.

use std::sync::Arc;

use super::rows::{Piece, Rows};

/// When a chunk is full.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChunkSize {
    /// Fields (rows times columns), after which rows are cut.
    pub(super) n_fields: usize,
    /// Numbers that the gathered tasks hold in memory, after which no task is added.
    pub(super) n_held: usize,
}

/// The chunk of a file that is being gathered. What it is cut into depends on the rows alone.
pub(super) struct Batch {
    /// Rows that fill a chunk.
    n_rows: usize,
    size: ChunkSize,
    pieces: Vec<Piece>,
    gathered: usize,
    held: usize,
}

impl Batch {
    pub(super) fn new(size: ChunkSize, n_columns: usize) -> Self {
        let n_rows = (size.n_fields / n_columns.max(1)).max(1);
        Self {
            n_rows,
            size,
            pieces: Vec::new(),
            gathered: 0,
            held: 0,
        }
    }

    /// Adds a task's rows and returns the chunks they complete.
    pub(super) fn add(&mut self, rows: &Arc<dyn Rows>) -> Vec<Vec<Piece>> {
        let mut full = Vec::new();
        let mut start = 0;
        while start < rows.n_rows() {
            let end = rows.n_rows().min(start + self.n_rows - self.gathered);
            self.pieces.push(Piece {
                rows: Arc::clone(rows),
                range: start..end,
            });
            self.gathered += end - start;
            start = end;
            if self.gathered == self.n_rows {
                full.extend(self.take());
            }
        }
        if !self.pieces.is_empty() {
            self.held += rows.n_held();
        }
        if self.held >= self.size.n_held {
            full.extend(self.take());
        }
        full
    }

    /// What has been gathered, if anything.
    pub(super) fn take(&mut self) -> Option<Vec<Piece>> {
        (self.gathered, self.held) = (0, 0);
        let pieces = std::mem::take(&mut self.pieces);
        (!pieces.is_empty()).then_some(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::ColumnValues;
    use super::*;
    use std::ops::Range;

    struct Fake(usize);

    impl Rows for Fake {
        fn n_rows(&self) -> usize {
            self.0
        }
        fn n_held(&self) -> usize {
            self.0 * 2
        }
        fn write_csv(&self, _: Range<usize>, _: &mut Vec<u8>) {}
        fn column(&self, _: usize, _: Range<usize>) -> ColumnValues {
            ColumnValues::Integer(Vec::new())
        }
    }

    /// Starts and ends of the pieces of each chunk.
    fn cut(n_held: usize, tasks: &[usize]) -> Vec<Vec<(usize, usize)>> {
        let size = ChunkSize {
            n_fields: 50,
            n_held,
        };
        let mut batch = Batch::new(size, 5);
        let mut chunks: Vec<_> = tasks
            .iter()
            .flat_map(|&n_rows| batch.add(&(Arc::new(Fake(n_rows)) as Arc<dyn Rows>)))
            .collect();
        chunks.extend(batch.take());
        let ends = |piece: &Piece| (piece.range.start, piece.range.end);
        chunks
            .iter()
            .map(|pieces| pieces.iter().map(ends).collect())
            .collect()
    }

    #[test]
    fn large_tasks_are_cut_and_small_ones_gathered() {
        assert_eq!(
            cut(1000, &[25, 4, 4]),
            [
                vec![(0, 10)],
                vec![(10, 20)],
                vec![(20, 25), (0, 4), (0, 1)],
                vec![(1, 4)]
            ]
        );
    }

    #[test]
    fn tasks_that_hold_much_are_not_gathered() {
        assert_eq!(cut(10, &[4, 4, 4]), [vec![(0, 4), (0, 4)], vec![(0, 4)]]);
    }
}
