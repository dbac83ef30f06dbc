#!/bin/sh
# Makes the virtual environment of epymodelingsuite, in its folder, and adds what the pipeline needs
# (docker/pyproject.toml). A suite that can't be imported afterwards fails the build.
set -eu

here=${0%/*}
# shellcheck source=docker/build/refuse-token.sh
. "$here/refuse-token.sh"

python=$VIRTUAL_ENV/bin/python
export UV_NO_PROGRESS=1
cd /opt/epymodelingsuite
if [ ! -f pyproject.toml ]; then
    echo "error: what was given as epymodelingsuite has no pyproject.toml" >&2
    exit 1
fi
if [ -f uv.lock ]; then
    uv sync --frozen --no-dev
else
    echo "warning: epymodelingsuite has no uv.lock: its dependencies are resolved anew, within" >&2
    grep -v '^#' "$here/suite-constraints.txt" | sed 's/^/warning:   /' >&2
    set --
    while read -r constraint; do
        case $constraint in '' | '#'*) ;; *) set -- "$@" --upgrade-package "$constraint" ;; esac
    done <"$here/suite-constraints.txt"
    uv sync --no-dev "$@"
fi

(cd /app && uv export --quiet --frozen --no-dev) | uv pip install --python "$python" --requirements -

# The large packages' tests of themselves, which nothing imports: a fifth of the environment.
for package in matplotlib numpy pandas pyarrow scipy; do
    folder=$VIRTUAL_ENV/lib/python3.11/site-packages/$package
    if [ -d "$folder" ]; then
        find "$folder" -type d -name tests -prune -exec rm -rf {} +
    fi
done

# Compiled modules name their sources' times: one time for all, so that two builds give the same bytes.
# What uv notes of the time of its own work isn't needed.
find . -path '*.dist-info/uv_cache.json' | while read -r note; do
    sed -i '/uv_cache\.json,/d' "${note%/*}/RECORD"
    rm "$note"
done
# Left by some builds of the suite, not by others; what is installed has its own.
find . -path ./.venv -prune -o -type d -name '*.egg-info' -exec rm -rf {} +
find . -exec touch --no-dereference --date=1980-01-01T00:00:00Z {} +
# Where the folder isn't writable, what isn't compiled now is compiled at every start. Packages bring
# files that aren't meant to be compiled (templates, other versions of Python); the suite's all are.
"$python" -m compileall -q -j 0 "$VIRTUAL_ENV/lib" >/dev/null || true
"$python" -m compileall -q epymodelingsuite
if ! "$python" -c 'import epymodelingsuite'; then
    echo "error: epymodelingsuite did not install" >&2
    exit 1
fi

mkdir -p /app/packages
uv pip list --python "$python" --format freeze >/app/packages/python.txt
dpkg-query --show --showformat '${Package} ${Version}\n' >/app/packages/debian.txt
