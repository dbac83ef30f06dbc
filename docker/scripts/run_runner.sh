#!/bin/sh
# The runner stage, under the name that jobs and workflows call it by.
STAGE=runner exec /usr/local/bin/epycloud-dispatcher "$@"
