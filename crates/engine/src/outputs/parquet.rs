//! Tables as Parquet: row groups are encoded apart, then put one after the other.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{SchemaDescriptor, Type};

use super::rows::{ColumnType, ColumnValues, Piece, TableSchema};

/// What a file's encoder and its writer agree on.
pub(super) struct ParquetLayout {
    root: Arc<Type>,
    columns: SchemaDescriptor,
    properties: Arc<WriterProperties>,
}

impl ParquetLayout {
    /// # Errors
    /// When the library refuses the schema.
    pub(super) fn new(schema: &TableSchema) -> Result<Self, ParquetError> {
        let fields = schema
            .columns
            .iter()
            .map(|(name, kind)| field(name, *kind).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        let root = Arc::new(
            Type::group_type_builder(schema.name)
                .with_fields(fields)
                .build()?,
        );
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            // Statistics a row group are enough to skip it; those a page would fill the footer.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_created_by("epycloud".to_owned())
            .build();
        Ok(Self {
            columns: SchemaDescriptor::new(Arc::clone(&root)),
            root,
            properties: Arc::new(properties),
        })
    }
}

fn field(name: &str, kind: ColumnType) -> Result<Type, ParquetError> {
    let (physical, logical) = match kind {
        ColumnType::Signed => (PhysicalType::INT64, None),
        ColumnType::Unsigned => (PhysicalType::INT64, Some(LogicalType::integer(64, false))),
        ColumnType::Double => (PhysicalType::DOUBLE, None),
        ColumnType::Date => (PhysicalType::INT32, Some(LogicalType::Date)),
        ColumnType::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(logical)
        .build()
}

/// An encoded row group: its column chunks one after the other, and what the footer says of each.
pub(super) struct RowGroup {
    bytes: Bytes,
    columns: Vec<ColumnCloseResult>,
}

/// Encodes rows as a row group.
///
/// # Errors
/// When the library refuses the values.
pub(super) fn encode(layout: &ParquetLayout, pieces: &[Piece]) -> Result<RowGroup, ParquetError> {
    let mut sink = TrackedWrite::new(Vec::new());
    let mut columns = Vec::with_capacity(layout.columns.num_columns());
    for (index, column) in layout.columns.columns().iter().enumerate() {
        let pages = Box::new(SerializedPageWriter::new(&mut sink));
        let properties = Arc::clone(&layout.properties);
        let mut writer = get_column_writer(Arc::clone(column), properties, pages);
        for piece in pieces {
            write_values(&mut writer, piece.rows.column(index, piece.range.clone()))?;
        }
        columns.push(writer.close()?);
    }
    Ok(RowGroup {
        bytes: sink.into_inner()?.into(),
        columns,
    })
}

fn write_values(writer: &mut ColumnWriter<'_>, values: ColumnValues) -> Result<(), ParquetError> {
    fn write<T: DataType>(
        writer: &mut parquet::column::writer::ColumnWriterImpl<'_, T>,
        values: &[T::T],
    ) -> Result<(), ParquetError> {
        writer.write_batch(values, None, None).map(drop)
    }
    match (writer, values) {
        (ColumnWriter::Int64ColumnWriter(writer), ColumnValues::Integer(values)) => {
            write::<Int64Type>(writer, &values)
        }
        (ColumnWriter::DoubleColumnWriter(writer), ColumnValues::Double(values)) => {
            write::<DoubleType>(writer, &values)
        }
        (ColumnWriter::Int32ColumnWriter(writer), ColumnValues::Date(values)) => {
            write::<Int32Type>(writer, &values)
        }
        (ColumnWriter::ByteArrayColumnWriter(writer), ColumnValues::Text(values)) => {
            let values: Vec<_> = values
                .into_iter()
                .map(|value| ByteArray::from(value.into_bytes()))
                .collect();
            write::<ByteArrayType>(writer, &values)
        }
        _ => Err(ParquetError::General(
            "a column's values aren't of its type".to_owned(),
        )),
    }
}

/// Puts row groups together to a file.
pub(super) struct ParquetFile(SerializedFileWriter<Vec<u8>>);

impl ParquetFile {
    /// # Errors
    /// When the library fails to begin the file.
    pub(super) fn new(layout: &ParquetLayout) -> Result<Self, ParquetError> {
        let (root, properties) = (Arc::clone(&layout.root), Arc::clone(&layout.properties));
        SerializedFileWriter::new(Vec::new(), root, properties).map(Self)
    }

    /// The file's next bytes.
    ///
    /// # Errors
    /// When the row group isn't one of this file's.
    pub(super) fn append(
        &mut self,
        group: RowGroup,
    ) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let mut writer = self.0.next_row_group()?;
        for column in group.columns {
            writer.append_column(&group.bytes, column)?;
        }
        writer.close()?;
        self.0.flush()?;
        Ok(std::mem::take(self.0.inner_mut()))
    }

    /// The file's last bytes.
    ///
    /// # Errors
    /// When the library fails to write the footer.
    pub(super) fn finish(self) -> Result<Vec<u8>, ParquetError> {
        self.0.into_inner()
    }
}
