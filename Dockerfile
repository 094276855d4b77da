# Two stages: pip and its caches stay behind in the first.
# Pin the base by digest for a deployment: --build-arg PYTHON_IMAGE=python:3.11-slim@sha256:...
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# For the native decoder; where Debian's cargo is too old for it, the Python one serves.
RUN apt-get update && apt-get install --yes --no-install-recommends cargo gcc libc6-dev
RUN python -m venv /opt/raytrail
# The dependencies first: they change seldom, so this layer is mostly taken from the cache.
WORKDIR /src
COPY requirements.lock requirements-pdf.lock requirements-iceberg.lock ./
RUN /opt/raytrail/bin/pip install --require-hashes --requirement requirements.lock
RUN /opt/raytrail/bin/pip install --require-hashes --no-deps --requirement requirements-pdf.lock
RUN /opt/raytrail/bin/pip install --require-hashes --no-deps --requirement requirements-iceberg.lock
COPY pyproject.toml README.md LICENSE ./
COPY schema schema
COPY native native
COPY store store
COPY receiver receiver
COPY queries queries
COPY upstream upstream
COPY completeness completeness
COPY archives archives
COPY publishing publishing
COPY raytrail raytrail
# setuptools comes from the lock, so nothing is fetched here.
RUN /opt/raytrail/bin/pip install --no-deps --no-build-isolation .
# From elsewhere, so that it lies beside the installed package.
RUN cd / && /opt/raytrail/bin/python -m queries.shell_base

FROM ${PYTHON_IMAGE}
# For `raytrail report --pdf`: the text layout that WeasyPrint loads, and a font.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
# The uid is fixed, so that a volume or a backup can name its owner. No shell, no home.
RUN groupadd --gid 10001 raytrail \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin raytrail \
    && install --directory --owner 10001 --group 10001 --mode 0750 /data
COPY --from=build /opt/raytrail /opt/raytrail
# The root may be mounted read-only: only /data is written, and temporary files in /tmp.
# RAYTRAIL_DATA, so that `docker compose exec raytrail raytrail status` finds the store.
ENV PATH=/opt/raytrail/bin:$PATH \
    RAYTRAIL_DATA=/data \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# http.client, because urllib would follow a proxy from the environment.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8080, timeout=5); c.request('GET', '/health'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["raytrail"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080", "--data", "/data"]
