#!/bin/sh
# The output stage, under the name that jobs and workflows call it by.
STAGE=output exec /usr/local/bin/epycloud-dispatcher "$@"
