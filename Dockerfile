# The service and its commands, without a database: docker-compose.yml brings one.
FROM python:3.11-slim-bookworm

RUN useradd --system --uid 10001 --home-dir /var/lib/plural --create-home --shell /usr/sbin/nologin plural

WORKDIR /opt/plural
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY LICENSE README.md pyproject.toml ./
COPY app ./app
COPY cypher ./cypher
COPY seed ./seed
RUN pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

# Docker decides who may reach the port; inside, every interface is the way to it.
ENV PLURAL_HOST=0.0.0.0 \
    PLURAL_HOME=/var/lib/plural
USER plural
WORKDIR /var/lib/plural
VOLUME /var/lib/plural
EXPOSE 8765
CMD ["plural", "serve"]
