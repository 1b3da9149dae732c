# The locked dependencies and this package on a slim Python, for an unprivileged user on a read-only
# root. docs/delivery.md says what the image needs, and how to move the pins.
#
# The digests are of indices over several platforms. A digest is what holds; its tag is for people.

FROM ghcr.io/astral-sh/uv:0.13.0@sha256:cdc6093146eb3ff6a40107b38f008b789e050e77ad87865e381d9917da55a168 AS uv

FROM docker.io/library/python:3.12.15-slim-bookworm@sha256:54c85f3c47607a77f32adec749d3c81d1348bf25833671f512b26a9b6d778cb3 AS python

FROM python AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_CACHE_DIR=/var/cache/uv \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/loapi \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /src

# The dependencies first: they change less often than the code. Wheels only: nothing is compiled,
# and no package's own script runs.
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/var/cache/uv \
    uv sync --frozen --no-dev --extra observability --no-install-project --no-build

COPY .ci/build-requirements.txt README.md ./
COPY domain domain
COPY application application
COPY adapters adapters
COPY entrypoints entrypoints
RUN --mount=type=cache,target=/var/cache/uv \
    uv build --quiet --wheel --out-dir dist \
        --build-constraints build-requirements.txt --require-hashes \
    && uv pip install --python "$UV_PROJECT_ENVIRONMENT" --no-deps --no-index dist/*.whl

# What is inside, in CycloneDX, for whoever has the image only. uv leaves a lock that all may write.
RUN uv export --quiet --frozen --no-dev --extra observability \
        --preview-features sbom-export --format cyclonedx1.5 \
        --output-file "$UV_PROJECT_ENVIRONMENT/sbom.cdx.json" \
    && rm "$UV_PROJECT_ENVIRONMENT/.lock"

FROM python AS service
ARG REVISION=unknown
LABEL org.opencontainers.image.title="loapi" \
      org.opencontainers.image.description="Loan-operations REST API" \
      org.opencontainers.image.revision="$REVISION"

# A running service installs nothing.
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
    && groupadd --system --gid 65532 loapi \
    && useradd --system --uid 65532 --gid 65532 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin loapi \
    && install --directory --owner=65532 --group=65532 --mode=0700 /var/lib/loapi

# Owned by root: the service cannot change itself.
COPY --from=build /opt/loapi /opt/loapi

# production: an image that is started without settings says which are missing, and ends.
# PYTHONSAFEPATH: no module comes from the folder that the service is started in.
ENV PATH=/opt/loapi/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1 \
    LOAPI_ENV=production \
    LOAPI_HOME=/var/lib/loapi
WORKDIR /opt/loapi
USER 65532:65532
EXPOSE 8000
STOPSIGNAL SIGTERM

# Whether the process lives: a container whose database is away must not be replaced for it.
# Load balancers ask /health/ready.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-I", "-S", "-c", "from http.client import HTTPConnection as To; to = To('127.0.0.1', 8000, timeout=4); to.request('GET', '/health/live'); raise SystemExit(to.getresponse().status != 200)"]

ENTRYPOINT ["loapi"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
