#!/bin/sh
# Installs Debian packages without what a container doesn't use: manuals, translations, git's servers,
# and perl's library, which git depends on for commands that nobody calls here (git svn, git
# send-email). The packages stay known to dpkg and to scanners; `apt-get install --reinstall` brings
# the files back.
set -eu

export DEBIAN_FRONTEND=noninteractive
apt() {
    if [ -n "${DEBIAN_MIRROR:-}" ]; then
        apt-get -o Dir::Etc::SourceList="$sources" -o Dir::Etc::SourceParts=/dev/null "$@"
    else
        apt-get "$@"
    fi
}

if [ -n "${DEBIAN_MIRROR:-}" ]; then
    sources=$(mktemp --suffix=.list)
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    echo "deb $DEBIAN_MIRROR $codename main" >"$sources"
fi

set -- "$@" \
    -o DPkg::Options::=--path-exclude='/usr/share/doc/*' \
    -o DPkg::Options::=--path-exclude='/usr/share/man/*' \
    -o DPkg::Options::=--path-exclude='/usr/share/locale/*' \
    -o DPkg::Options::=--path-exclude='/usr/share/gitweb/*' \
    -o DPkg::Options::=--path-exclude='/usr/share/perl/*' \
    -o DPkg::Options::=--path-exclude='/usr/share/perl5/*' \
    -o DPkg::Options::=--path-exclude='/usr/lib/*/perl/*' \
    -o DPkg::Options::=--path-exclude='/usr/lib/*/libperl.so.*' \
    -o DPkg::Options::=--path-exclude='/usr/share/bash-completion/*' \
    -o DPkg::Options::=--path-exclude='/usr/bin/scalar' \
    -o DPkg::Options::=--path-exclude='/usr/bin/git-shell' \
    -o DPkg::Options::=--path-exclude='/usr/lib/git-core/scalar' \
    -o DPkg::Options::=--path-exclude='/usr/lib/git-core/git-shell' \
    -o DPkg::Options::=--path-exclude='/usr/lib/git-core/git-daemon' \
    -o DPkg::Options::=--path-exclude='/usr/lib/git-core/git-http-backend' \
    -o DPkg::Options::=--path-exclude='/usr/lib/git-core/git-http-fetch' \
    -o DPkg::Options::=--path-exclude='/usr/lib/git-core/git-http-push' \
    -o DPkg::Options::=--path-exclude='/usr/lib/git-core/git-imap-send' \
    -o DPkg::Options::=--path-exclude='/usr/lib/git-core/git-sh-i18n--envsubst' \
    -o DPkg::Options::=--path-include='/usr/share/doc/*/copyright'

apt update --quiet
apt install --quiet --yes --no-install-recommends "$@"

# Archives, and what differs from build to build.
apt clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/ldconfig/aux-cache \
    /var/lib/dpkg/*-old /var/log/apt /var/log/dpkg.log /var/log/alternatives.log ${sources:+"$sources"}
