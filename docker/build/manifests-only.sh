#!/bin/sh
# Turns the workspace in the current folder into its skeleton: manifests, the lock file, and empty
# programs and libraries. Cargo builds all dependencies from that.
set -eu

find . -type f ! -name Cargo.toml ! -name Cargo.lock ! -name lib.rs ! -name main.rs ! -name build.rs -delete
find . -name lib.rs -exec sh -c ': >"$1"' sh {} \;
find . \( -name main.rs -o -name build.rs \) -exec sh -c 'echo "fn main() {}" >"$1"' sh {} \;

# Members whose sources aren't part of the build's context still need a target.
find . -mindepth 2 -name Cargo.toml | while read -r manifest; do
    sources=${manifest%/*}/src
    if [ ! -f "$sources/lib.rs" ] && [ ! -f "$sources/main.rs" ]; then
        mkdir -p "$sources"
        echo 'fn main() {}' >"$sources/main.rs"
    fi
done
find . -type d -empty -delete
