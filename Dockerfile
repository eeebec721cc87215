# One image for every process: the command says which (`sealwatch ingest`, `sealwatch migrate`).
# Pinned by tag and patch level; who builds for production adds the digest: --build-arg PYTHON=python:...@sha256:...
ARG PYTHON=python:3.11.14-slim-bookworm

FROM ${PYTHON} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# What runs: hash-checked, wheels only (no compiler here), into an environment without pip of its own.
COPY requirements/run.lock requirements/build.lock requirements/
RUN python -m venv --without-pip /opt/sealwatch \
    && pip --python /opt/sealwatch/bin/python install --require-hashes --only-binary :all: -r requirements/run.lock

# What builds: hash-checked too, so that building the project fetches nothing that is not locked.
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements/build.lock

COPY pyproject.toml README.md LICENSE ./
COPY libs libs
COPY services services
RUN /opt/build/bin/pip wheel --no-deps --no-index --no-build-isolation --wheel-dir /wheels . \
    && pip --python /opt/sealwatch/bin/python install --no-deps --no-index /wheels/*.whl

FROM ${PYTHON}
COPY --from=builder /opt/sealwatch /opt/sealwatch
# A container is reached from outside itself, so it listens on every address.
ENV PATH=/opt/sealwatch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SEALWATCH_HTTP_HOST=0.0.0.0
USER 10001:10001
WORKDIR /
# api, ingest, scorer, alerts
EXPOSE 8080 8081 8082 8083
STOPSIGNAL SIGTERM
ENTRYPOINT ["sealwatch"]
CMD ["--help"]
