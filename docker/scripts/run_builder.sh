#!/bin/sh
# The builder stage, under the name that jobs and workflows call it by.
STAGE=builder exec /usr/local/bin/epycloud-dispatcher "$@"
