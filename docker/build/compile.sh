#!/bin/sh
# Compiles the two programs with the python engine; `--install FOLDER` also puts them there, without
# symbols, and lists the crates that they are made of in /packages.
set -eu

profile=${CARGO_PROFILE:-release}
export CARGO_TARGET_DIR=/target

# Another registry than crates.io, where the network has one (`sparse+https://…`).
cargo() {
    if [ -n "${CARGO_INDEX:-}" ]; then
        command cargo --config 'source.crates-io.replace-with="mirror"' \
            --config "source.mirror.registry=\"$CARGO_INDEX\"" "$@"
    else
        command cargo "$@"
    fi
}

# The files' times are those of the checkout, which can be older than the empty programs.
find . -name '*.rs' -exec touch {} +

cargo build --locked --profile "$profile" \
    --package epycloud-dispatcher --features epycloud-dispatcher/python

if [ "${1:-}" = --install ]; then
    case $profile in dev) folder=debug ;; *) folder=$profile ;; esac
    mkdir -p "$2" /packages
    strip -o "$2/epycloud-dispatcher" "/target/$folder/epycloud-dispatcher"
    cargo tree --locked --edges normal --prefix none --format '{p} {l}' \
        --package epycloud-dispatcher --features epycloud-dispatcher/python |
        sed -e 's/ (\*)//' -e 's| (/source[^)]*)||' | sort -u >/packages/rust.txt
fi
