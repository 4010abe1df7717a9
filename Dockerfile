# Touchstone in a container. Listens on every address of the container, so it needs keys:
#
#   docker build -t touchstone .
#   docker run --rm -v touchstone:/data --entrypoint touchstone touchstone keys create NAME
#   docker run --rm -v touchstone:/data -p 3001:3001 touchstone
#
# What follows the image's name are flags of `touchstone serve`; every setting also works as -e TOUCHSTONE_...
# -e TOUCHSTONE_API_KEYS=... takes keys of your own. Weak ones and placeholders are refused (docs/keys.md).

# The version that the test suite runs on.
ARG PYTHON=python:3.11-slim

FROM ${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/touchstone
WORKDIR /src
# The libraries first: they change seldom, so a change of our own code builds in seconds.
COPY requirements.lock ./
RUN /opt/touchstone/bin/python -m pip install -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY inference/ inference/
COPY tools/ tools/
COPY server/ server/
RUN /opt/touchstone/bin/python -m pip install --no-deps .

FROM ${PYTHON}
LABEL org.opencontainers.image.title="Touchstone" \
      org.opencontainers.image.description="A self-hosted verification server for language-model output" \
      org.opencontainers.image.licenses="Apache-2.0"
# The number and not the name is what Kubernetes checks for runAsNonRoot.
RUN groupadd --gid 10001 touchstone \
 && useradd --uid 10001 --gid touchstone --no-create-home --home-dir /data --shell /usr/sbin/nologin touchstone \
 && install --directory --owner touchstone --group touchstone --mode 0700 /data
COPY --from=build /opt/touchstone /opt/touchstone
# The host is a setting and not a flag, so that flags of the user's replace nothing.
ENV PATH=/opt/touchstone/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TOUCHSTONE_HOST=0.0.0.0 \
    TOUCHSTONE_PORT=3001 \
    TOUCHSTONE_DATA_DIR=/data
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 3001
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['TOUCHSTONE_PORT'] + '/health', timeout=4)"]
ENTRYPOINT ["touchstone", "serve"]
