#!/bin/sh
# The stage that STAGE names, under the name of the original's entry point.
exec /usr/local/bin/epycloud-dispatcher "$@"
