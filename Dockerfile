# The registry as one image: web server, worker, beat and migrations differ only in their command.

FROM node:24-bookworm-slim AS front
WORKDIR /registry
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY static static
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /registry
COPY requirements-uv.lock requirements.lock ./
RUN pip install --require-hashes --requirement requirements-uv.lock \
    && python -m venv /registry/.venv \
    && uv pip sync --no-cache --compile-bytecode --python /registry/.venv/bin/python --require-hashes requirements.lock

FROM python:3.11-slim-bookworm AS messages
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends gettext && rm -rf /var/lib/apt/lists/*
WORKDIR /registry
COPY locale locale
RUN find locale -name '*.po' -exec sh -c 'msgfmt --check-format -o "${1%.po}.mo" "$1"' _ {} \;

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /home/registry --shell /usr/sbin/nologin registry
WORKDIR /registry
ENV PATH=/registry/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=packages /registry/.venv .venv
COPY manage.py ./
COPY portal portal
COPY enforcement enforcement
COPY licensing licensing
COPY inspections inspections
COPY registry registry
COPY templates templates
COPY --from=front /registry/static static
COPY --from=messages /registry/locale locale
RUN SECRET_KEY=none ALLOWED_HOSTS=none DATABASE_URL=postgres:///none REDIS_URL=redis://none \
        python manage.py collectstatic --noinput --verbosity 0 \
    && install --directory --owner registry --group registry --mode 0700 var/keys \
    && install --directory --owner registry --group registry var var/media
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "\
import os, urllib.request as web; \
host = os.environ['ALLOWED_HOSTS'].split(',')[0].lstrip('.'); \
web.urlopen(web.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
