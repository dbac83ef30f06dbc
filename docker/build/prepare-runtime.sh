#!/bin/sh
# What a stage finds when it starts: a user, its folders, and compiled modules of the standard
# library, of which the base image has none and which no other user could write.
set -eu

useradd --uid 10001 --user-group --no-log-init --home-dir /tmp --no-create-home --shell /usr/sbin/nologin epycloud
mkdir -p /data/bucket /data/forecast
chown -R epycloud:epycloud /data
# Mounted repositories belong to whoever started the container.
git config --system --add safe.directory '*'
# Importing compiles just the modules that stages import.
"$VIRTUAL_ENV/bin/python" -c 'import cloudpickle, dill, epymodelingsuite, google.cloud.storage, pythonjsonlogger'
rm -rf /tmp/* /var/log/lastlog /var/log/faillog /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-
