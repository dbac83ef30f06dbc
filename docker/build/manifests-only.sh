#!/bin/sh
# Turns the workspace in the current folder into its skeleton: manifests, the lock file, and empty
# programs and libraries. Cargo builds all dependencies from that.
set -eu

find . -type f ! -name Cargo.toml ! -name Cargo.lock ! -name lib.rs ! -name main.rs ! -name build.rs -delete
# The lints ask for documentation.
library='//! Empty.'
program='//! Empty.
fn main() {}'
find . -name '*.rs' | while read -r file; do
    case ${file##*/} in
    lib.rs) echo "$library" >"$file" ;;
    *) echo "$program" >"$file" ;;
    esac
done

# Members whose sources aren't part of the build's context still need a target.
find . -mindepth 2 -name Cargo.toml | while read -r manifest; do
    sources=${manifest%/*}/src
    if [ ! -f "$sources/lib.rs" ] && [ ! -f "$sources/main.rs" ]; then
        mkdir -p "$sources"
        echo "$program" >"$sources/main.rs"
    fi
done
find . -type d -empty -delete
