# One image for every process, on amd64 and arm64. The base can be any image with Python 3.11 or newer, venv, and sh.
ARG BASE_IMAGE=python:3.13-slim-bookworm

FROM ${BASE_IMAGE} AS build
ENV PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python3 -m venv /venv
COPY requirements.txt .
RUN /venv/bin/python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt
COPY . .
# Collect and compile here, because the user that runs the app can't write to these folders.
RUN DATA_DIR=/tmp/build STATIC_ROOT=/app/staticfiles /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && DATA_DIR=/tmp/build /venv/bin/python manage.py translations --compile \
    && /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash .

FROM ${BASE_IMAGE}
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data STATIC_ROOT=/app/staticfiles BIND=0.0.0.0 PORT=8000
RUN groupadd --system --gid 10001 torbox \
    && useradd --system --uid 10001 --gid torbox --no-create-home --home-dir /data torbox \
    && mkdir --mode 700 /data /secrets && mkdir /database-secrets && mkdir --mode 1777 /save \
    && chown torbox:torbox /data /secrets /database-secrets
# bsdtar unpacks archives after saving. Without it, the app doesn't offer to.
# Debian removes old versions, so a pinned one would break the build some day.
# hadolint ignore=DL3008
RUN command -v bsdtar || ! command -v apt-get || (apt-get update \
    && apt-get install --yes --no-install-recommends libarchive-tools && rm -rf /var/lib/apt/lists/*)
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "serve.py", "--check", "web"]
CMD ["python", "serve.py"]
