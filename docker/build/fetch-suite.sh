#!/bin/sh
# Fetches epymodelingsuite (GITHUB_MODELING_SUITE_REPO at GITHUB_MODELING_SUITE_REF: a branch, tag or
# commit) into the folder that is given, and its commit into the file `FOLDER-commit`. The token, if any, reaches git through its environment: no
# URL, no argument and no configuration file holds it.
set -eu

folder=$1
# shellcheck source=docker/build/refuse-token.sh
. "${0%/*}/refuse-token.sh"

repository=${GITHUB_MODELING_SUITE_REPO:-}
reference=${GITHUB_MODELING_SUITE_REF:-main}
server=${GITHUB_SERVER_URL:-https://github.com}
if [ -z "$repository" ]; then
    echo "error: no epymodelingsuite: GITHUB_MODELING_SUITE_REPO is empty" >&2
    echo "hint: pass --build-arg GITHUB_MODELING_SUITE_REPO=owner/name, or build from a checkout with" >&2
    echo "hint: cargo xtask docker-build --suite-path FOLDER" >&2
    exit 2
fi

export GIT_TERMINAL_PROMPT=0
if [ -s /run/secrets/github_pat ]; then
    credentials=$(printf 'x-access-token:%s' "$(tr -d '\r\n' </run/secrets/github_pat)" | base64 | tr -d '\n')
    export GIT_CONFIG_COUNT=1
    export GIT_CONFIG_KEY_0="http.$server/.extraHeader"
    export GIT_CONFIG_VALUE_0="Authorization: Basic $credentials"
fi

fetch() {
    git -C "$folder" fetch --quiet --no-tags "$@"
}

mkdir -p "$folder"
git -C "$folder" -c init.defaultBranch=main init --quiet
git -C "$folder" remote add origin "$server/$repository.git"
if fetch --depth 1 origin "$reference"; then
    revision=FETCH_HEAD
elif fetch --tags origin '+refs/heads/*:refs/remotes/origin/*'; then
    # A shortened commit can't be asked for by name.
    revision=$reference
else
    echo "error: couldn't fetch \`$repository\` from $server" >&2
    echo "hint: a private repository needs a token: --secret id=github_pat,env=GITHUB_PAT" >&2
    exit 1
fi
if ! git -C "$folder" -c advice.detachedHead=false checkout --quiet "$revision"; then
    echo "error: \`$repository\` has no branch, tag or commit \`$reference\`" >&2
    exit 1
fi
git -C "$folder" rev-parse HEAD >"$folder-commit"
rm -rf "$folder/.git"
