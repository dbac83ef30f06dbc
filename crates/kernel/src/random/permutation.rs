//! Random orders, as numpy draws them.

use super::Pcg64;

impl Pcg64 {
    /// Shuffles in place, as `Generator.shuffle` does it with a one-dimensional array (Fisher and
    /// Yates, from the last element to the second).
    ///
    /// ```
    /// use epycloud_kernel::random::Pcg64;
    ///
    /// // order = numpy.arange(5); numpy.random.default_rng(42).shuffle(order)
    /// let mut order = [0, 1, 2, 3, 4];
    /// Pcg64::new(42).shuffle(&mut order);
    /// assert_eq!(order, [4, 2, 3, 1, 0]);
    /// ```
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            let other = self.masked(last as u64) as usize;
            values.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From numpy 2.4.6: `default_rng(7).permutation(12)`, and one of 9 after a `random()`.
    #[test]
    fn orders_equal_numpys() {
        let mut order: Vec<u32> = (0..12).collect();
        Pcg64::new(7).shuffle(&mut order);
        assert_eq!(order, [4, 6, 10, 0, 1, 3, 8, 7, 2, 5, 9, 11]);

        let mut rng = Pcg64::new(7);
        rng.next_double();
        let mut order: Vec<u32> = (0..9).collect();
        rng.shuffle(&mut order);
        assert_eq!(order, [8, 0, 7, 1, 3, 6, 2, 4, 5]);
    }

    #[test]
    fn a_long_order_is_a_permutation_and_leaves_numpys_position() {
        let mut rng = Pcg64::new(20261124);
        let mut order: Vec<u32> = (0..1000).collect();
        rng.shuffle(&mut order);
        assert_eq!(order[..5], [53, 412, 715, 611, 169]);
        assert_eq!(rng.next_double(), 0.730_268_409_598_956_8);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
    }

    #[test]
    fn nothing_to_order_takes_nothing_from_the_stream() {
        let mut rng = Pcg64::new(1);
        rng.shuffle::<u8>(&mut []);
        rng.shuffle(&mut [1]);
        assert_eq!(rng, Pcg64::new(1));
    }
}
