//! Runs a workflow's stages in order and its tasks in parallel.
