# One image for every process of the product; docker-compose.yml says which runs what.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# First what changes seldom: exactly the locked packages, their hashes checked.
COPY requirements.lock ./
RUN pip install --require-hashes --requirement requirements.lock

COPY . .
RUN pip install --no-deps --no-build-isolation --editable . \
    && useradd --system --no-create-home --shell /usr/sbin/nologin dalo

USER dalo
ENV DALO_LOG_FORMAT=json
CMD ["python", "worker.py"]
