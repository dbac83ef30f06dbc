#!/bin/sh
# Runs a step of the build with what its network needs, none of which stays in the image:
#   the secret `network`  lines NAME=VALUE for the environment: UV_DEFAULT_INDEX, DEBIAN_MIRROR,
#                         CARGO_INDEX, HTTPS_PROXY …
#   the secret `ca`       certificates (PEM) to be trusted besides the usual ones
set -eu

if [ -s /run/secrets/network ]; then
    while IFS='=' read -r name value; do
        case $name in
        '' | '#'*) ;;
        *[!A-Za-z0-9_]*)
            echo "error: the secret \`network\` has a line that isn't NAME=VALUE" >&2
            exit 2
            ;;
        *) export "$name=$value" ;;
        esac
    done </run/secrets/network
fi

if [ ! -s /run/secrets/ca ]; then
    exec "$@"
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bundle=$folder/ca.pem
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    cat /etc/ssl/certs/ca-certificates.crt >"$bundle"
fi
cat /run/secrets/ca >>"$bundle"
echo "Acquire::https::CAInfo \"$bundle\";" >"$folder/apt.conf"
export APT_CONFIG="$folder/apt.conf"
export SSL_CERT_FILE="$bundle" CURL_CA_BUNDLE="$bundle" GIT_SSL_CAINFO="$bundle"
export PIP_CERT="$bundle" REQUESTS_CA_BUNDLE="$bundle" CARGO_HTTP_CAINFO="$bundle"
"$@"
