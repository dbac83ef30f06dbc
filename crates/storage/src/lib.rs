//! One storage over local files, memory and object stores, and the layout of a run.
