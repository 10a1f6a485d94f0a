# pgseal, PostgreSQL's client programs of every supported version, and the certificates of RDS.
#
#   docker build -t pgseal .
#   docker run --rm --read-only --env-file settings pgseal
#   docker build --target drill -t pgseal-drill .   # the same, with a server to restore into
#
# Without an argument it makes a backup, of which the variables of rds-postgres-backup-s3-secure are
# enough; with arguments it is pgseal. It runs as nobody in particular, writes to no file, needs no
# shell, and ends when it is done: there is nothing for a HEALTHCHECK to ask. For both architectures:
# docker buildx build --platform linux/amd64,linux/arm64 .
ARG SUITE=trixie

FROM debian:${SUITE}-slim AS package
WORKDIR /src
COPY . .
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends make \
 && make package

# The key of the PostgreSQL project's packages comes in a package of Debian's.
FROM debian:${SUITE}-slim AS fetched
COPY packaging/rds-certificates /usr/local/bin/
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates curl openssl postgresql-common \
 && rds-certificates /etc/pgseal \
 && rm -rf /var/lib/apt/lists/*

FROM debian:${SUITE}-slim AS pgseal
ARG SUITE
COPY --from=fetched /usr/share/postgresql-common/pgdg/apt.postgresql.org.asc /etc/apt/keyrings/
COPY --from=fetched /etc/pgseal /etc/pgseal
# The newest of each version are wanted, whatever their numbers are. Debian's wrapper of psql comes with
# all of perl, and does with perl-base: a quarter of the image.
# hadolint ignore=DL3008
RUN --mount=type=bind,from=package,source=/src/build/release/package,target=/package \
    echo "deb [signed-by=/etc/apt/keyrings/apt.postgresql.org.asc]" \
      "http://apt.postgresql.org/pub/repos/apt ${SUITE}-pgdg main" >/etc/apt/sources.list.d/pgdg.list \
 && printf 'path-exclude=/usr/%s\n' 'share/perl/*' 'lib/*/perl/*' 'lib/*/libperl.so*' \
      >/etc/dpkg/dpkg.cfg.d/without-perl \
 && apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates /package/*.deb \
      postgresql-client-14 postgresql-client-15 postgresql-client-16 postgresql-client-17 \
      postgresql-client-18 \
 && psql --version \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
LABEL org.opencontainers.image.title="pgseal" \
      org.opencontainers.image.description="Secure logical backups of PostgreSQL" \
      org.opencontainers.image.licenses="MIT"
USER 65532:65532
ENTRYPOINT ["/usr/bin/pgseal"]
CMD ["backup"]

# The newest server takes every backup; one of the backup's version compares most of it. RDS makes its
# databases in en_US.UTF-8. A server has to know its user by name. A key that is in every image is none.
FROM pgseal AS drill
ARG SERVER=18
USER root
# hadolint ignore=DL3008
RUN groupadd --gid 65532 postgres \
 && useradd --uid 65532 --gid postgres --home-dir /var/lib/postgresql --shell /bin/bash postgres \
 && mkdir -p /etc/postgresql-common/createcluster.d \
 && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/none.conf \
 && apt-get update \
 && apt-get install --yes --no-install-recommends "postgresql-${SERVER}" locales \
 && localedef --inputfile=en_US --charmap=UTF-8 en_US.UTF-8 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /etc/ssl/private/ssl-cert-snakeoil.key
USER 65532:65532
CMD ["drill", "latest"]

# What is built where no target is named.
FROM pgseal
