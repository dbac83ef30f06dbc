"""Checks that Parquet and CSV files of a folder hold the same tables, and prints their types."""

import pathlib
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

for path in sorted(pathlib.Path(sys.stdin.read()).glob("*.parquet")):
    csv = pd.read_csv(path.with_suffix("").with_suffix(".csv.gz"))
    table = pq.read_table(path)
    frame = table.to_pandas()
    for column in csv:
        if pa.types.is_date(table.schema.field(column).type):
            frame[column] = frame[column].map(str)
        if pa.types.is_string(table.schema.field(column).type):
            csv[column] = csv[column].map(str)
    pd.testing.assert_frame_equal(
        csv, frame, check_dtype=False, check_exact=True, check_column_type=False
    )
    types = [str(field.type) for field in table.schema]
    runs = [name for index, name in enumerate(types) if index == 0 or types[index - 1] != name]
    print(path.name, len(frame), "rows:", ", ".join(runs))
