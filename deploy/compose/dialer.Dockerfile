# syntax=docker/dockerfile:1
# The service, its panel, and PostgreSQL's own tools for back-ups. From the project's folder:
#   docker build -f deploy/compose/dialer.Dockerfile -t dialer .
FROM node:24.11.1-trixie-slim AS panel
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM python:3.13.9-slim-trixie AS packages
WORKDIR /opt/dialer
COPY requirements.lock pyproject.toml scripts/runtime_requirements.py ./
# What the service needs and nothing of the tests, each file by its hash.
RUN python runtime_requirements.py requirements.lock pyproject.toml > runtime.lock \
 && python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r runtime.lock \
 && .venv/bin/pip uninstall --yes pip

FROM python:3.13.9-slim-trixie
# espeak-ng and sox: messages from text; pg_dump as new as the server of compose.yaml.
RUN apt-get update \
 && apt-get install -y --no-install-recommends espeak-ng sox postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10001 dialer \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/dialer --shell /usr/sbin/nologin dialer \
 && install -d -o dialer -g dialer -m 0700 /var/lib/dialer /var/lib/dialer/asterisk /var/lib/dialer/journal \
      /var/lib/dialer/sounds /var/backups/dialer
WORKDIR /opt/dialer
COPY --from=packages /opt/dialer/.venv .venv
COPY dialer dialer
COPY --from=panel /build/web/dist web/dist
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
ENTRYPOINT ["/opt/dialer/.venv/bin/python", "-m", "dialer"]
CMD ["serve"]
