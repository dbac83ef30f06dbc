//! Numeric arrays as artifacts carry them: `{dtype, shape, data}` with little-endian bytes, so that
//! `numpy.frombuffer(a["data"], a["dtype"]).reshape(a["shape"])` reads one and nothing is pickled
//! number by number.

use serde::{Deserialize, Serialize};

/// A dense array in row-major (C) order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Array {
    /// numpy's name of the element type: `<f8`, `<i8` or `<u4`.
    dtype: String,
    /// Length of every axis, slowest first.
    shape: Vec<u64>,
    /// The elements' bytes.
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
}

/// An array whose parts don't fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArrayError {
    /// The element type isn't the one expected.
    #[error("array has element type `{found}`, expected `{expected}`")]
    ElementType {
        /// The type found.
        found: String,
        /// The type expected.
        expected: &'static str,
    },
    /// The number of bytes isn't what the shape says.
    #[error("array of shape {shape:?} has {bytes} bytes")]
    Length {
        /// The shape.
        shape: Vec<u64>,
        /// The bytes there are.
        bytes: usize,
    },
}

macro_rules! element {
    ($from:ident, $to:ident, $type:ty, $dtype:literal) => {
        #[doc = concat!("An array of `", $dtype, "` elements in row-major order.")]
        ///
        /// # Panics
        /// In debug builds, when the shape and the number of elements disagree.
        #[must_use]
        pub fn $from(shape: &[usize], elements: &[$type]) -> Self {
            debug_assert_eq!(shape.iter().product::<usize>(), elements.len());
            Self {
                dtype: $dtype.to_owned(),
                shape: shape.iter().map(|&length| length as u64).collect(),
                data: elements
                    .iter()
                    .flat_map(|element| element.to_le_bytes())
                    .collect(),
            }
        }

        #[doc = concat!("The elements of a `", $dtype, "` array in row-major order.")]
        ///
        /// # Errors
        /// When the element type is another one, or the bytes don't fill the shape.
        pub fn $to(&self) -> Result<Vec<$type>, ArrayError> {
            self.check($dtype, size_of::<$type>())?;
            Ok(self
                .data
                .as_chunks::<{ size_of::<$type>() }>()
                .0
                .iter()
                .map(|&bytes| <$type>::from_le_bytes(bytes))
                .collect())
        }
    };
}

impl Array {
    element!(from_f64, to_f64, f64, "<f8");
    element!(from_i64, to_i64, i64, "<i8");
    element!(from_u32, to_u32, u32, "<u4");

    /// What to say of an array that has another number of elements than its place needs.
    pub(crate) fn wrong_length(&self) -> ArrayError {
        ArrayError::Length {
            shape: self.shape.clone(),
            bytes: self.data.len(),
        }
    }

    /// Length of every axis, slowest first.
    #[must_use]
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }

    fn check(&self, expected: &'static str, width: usize) -> Result<(), ArrayError> {
        if self.dtype != expected {
            return Err(ArrayError::ElementType {
                found: self.dtype.clone(),
                expected,
            });
        }
        let bytes = self
            .shape
            .iter()
            .try_fold(width as u64, |product, &length| product.checked_mul(length));
        if bytes != Some(self.data.len() as u64) {
            return Err(ArrayError::Length {
                shape: self.shape.clone(),
                bytes: self.data.len(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_back_in_order() {
        let array = Array::from_f64(&[2, 2], &[1.0, -0.5, f64::MAX, 0.0]);
        assert_eq!(array.to_f64().unwrap(), [1.0, -0.5, f64::MAX, 0.0]);
        assert_eq!(array.shape(), [2, 2]);
    }

    #[test]
    fn a_wrong_type_or_length_is_an_error_not_a_guess() {
        let array = Array::from_i64(&[2], &[1, 2]);
        assert!(matches!(
            array.to_f64(),
            Err(ArrayError::ElementType { .. })
        ));
        let torn = Array {
            data: vec![0; 15],
            ..array
        };
        assert!(matches!(
            torn.to_i64(),
            Err(ArrayError::Length { bytes: 15, .. })
        ));
        let huge = Array {
            shape: vec![u64::MAX, 2],
            ..torn
        };
        assert!(matches!(huge.to_i64(), Err(ArrayError::Length { .. })));
    }
}
