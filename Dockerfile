# Build: the wheel, and an environment that holds it with all it needs.
FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml README.md ./
COPY lrs lrs
COPY schemas schemas
RUN python -m venv /opt/lrs && /opt/lrs/bin/pip install --no-cache-dir .

# Run: that environment alone, as a user without rights, its data in a volume.
FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /var/lib/lrs lrs \
    && install -d -o lrs -g lrs /var/lib/lrs/data
COPY --from=build /opt/lrs /opt/lrs
USER lrs
WORKDIR /var/lib/lrs
ENV PATH=/opt/lrs/bin:$PATH LRS_HOST=0.0.0.0 LRS_PORT=8080 LRS_DATA=/var/lib/lrs/data PYTHONUNBUFFERED=1
VOLUME /var/lib/lrs/data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['LRS_PORT'] + '/health', timeout=4)"]
CMD ["lrs", "serve"]
