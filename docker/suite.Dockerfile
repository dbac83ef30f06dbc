# An image that holds nothing but a checkout of epymodelingsuite: where `SUITE_SOURCE` of the main
# Dockerfile points when it is built from a local folder (`docker-build --suite-path`).
FROM scratch
COPY . /suite/
