# syntax=docker/dockerfile:1
# Asterisk 22 as Debian builds it, at one moment of Debian's archive: the same packages today and in a year.
#   docker build -f deploy/compose/asterisk.Dockerfile -t dialer-asterisk .
FROM debian:forky-slim
ARG SNAPSHOT=20261120T000000Z
# Behind a mirror: --build-arg ARCHIVE=http://...
ARG ARCHIVE=http://snapshot.debian.org/archive/debian/$SNAPSHOT
ARG ASTERISK=1:22.10.1+dfsg+~cs6.17.60671434-1
RUN printf 'Types: deb\nURIs: %s\nSuites: forky\nComponents: main\nCheck-Valid-Until: no\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
      "$ARCHIVE" > /etc/apt/sources.list.d/debian.sources \
 && apt-get update \
 && apt-get install -y --no-install-recommends "asterisk=$ASTERISK" "asterisk-modules=$ASTERISK" \
      asterisk-moh-opsound-wav ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10001 dialer \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/dialer --shell /usr/sbin/nologin dialer \
 && install -d -o dialer -g dialer -m 0700 /var/lib/dialer /var/lib/dialer/asterisk /var/lib/dialer/sounds
# Its files hold secrets for their owner alone: the same user as the dialer that writes them.
USER 10001:10001
ENTRYPOINT ["/usr/sbin/asterisk"]
CMD ["-f", "-C", "/var/lib/dialer/asterisk/etc/asterisk.conf"]
