#!/bin/sh
# A build argument stays readable in an image's history, so the token isn't taken from one.
if [ -n "${GITHUB_PAT:-}" ]; then
    echo "error: the build argument GITHUB_PAT is refused: it would stay readable in the image's history" >&2
    echo "hint: export GITHUB_PAT and pass it as a secret: docker build --secret id=github_pat,env=GITHUB_PAT …" >&2
    echo "hint: (a public repository needs none; revoke a token that was passed as an argument)" >&2
    exit 2
fi
