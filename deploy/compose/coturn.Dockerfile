# syntax=docker/dockerfile:1
# coturn as Debian builds it, at one moment of Debian's archive: the same packages today and in a year.
#   docker build -f deploy/compose/coturn.Dockerfile -t dialer-coturn .
FROM debian:bookworm-slim
ARG SNAPSHOT=20261120T000000Z
# Behind a mirror: --build-arg ARCHIVE=http://...
ARG ARCHIVE=http://snapshot.debian.org/archive/debian/$SNAPSHOT
ARG COTURN=4.6.1-1
RUN printf 'Types: deb\nURIs: %s\nSuites: bookworm\nComponents: main\nCheck-Valid-Until: no\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
      "$ARCHIVE" > /etc/apt/sources.list.d/debian.sources \
 && apt-get update \
 && apt-get install -y --no-install-recommends "coturn=$COTURN" ca-certificates \
 && rm -rf /var/lib/apt/lists/*
USER 10002:10002
ENTRYPOINT ["/bin/sh", "-euc"]
CMD ["umask 077; cp /etc/dialer/relay/relay.pem /etc/dialer/relay/relay.key /run/dialer-relay; { cat /etc/dialer/turnserver.conf; printf 'static-auth-secret=%s\\n' \"$(cat /etc/dialer/relay/relay.secret)\"; } > /run/dialer-relay/turnserver.conf; exec turnserver -c /run/dialer-relay/turnserver.conf"]
