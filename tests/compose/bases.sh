#!/bin/sh
# Base images made of nothing but Debian packages, for machines that reach no registry of images: localhost/base-python,
# localhost/base-postgres and localhost/base-redis. Needs root, debootstrap and podman; takes two minutes, once.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
suite=${DEBIAN_SUITE:-bookworm}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

root() { # root NAME PACKAGES: a minimal Debian with these packages
    debootstrap --variant=minbase --include="ca-certificates,$2" "$suite" "$work/$1" "$mirror" >"$work/$1.log" ||
        { tail -5 "$work/$1.log" && return 1; }
    rm -rf "$work/$1"/var/cache/apt/archives/*.deb "$work/$1"/var/lib/apt/lists/*
}

image() { # image NAME CHANGES...
    name=$1
    shift
    tar -C "$work/$name" -c . | podman import --quiet "$@" - "localhost/base-$name"
}

root python python3,python3-venv
image python

root redis redis-server
install -d -o "$(stat -c %u "$work/redis/var/lib/redis")" "$work/redis/data"
image redis --change 'WORKDIR /data' --change 'VOLUME /data'

root postgres postgresql
rm -rf "$work"/postgres/var/lib/postgresql/*/main
install -m 755 "$here/postgres.sh" "$work/postgres/usr/local/bin/postgres.sh"
ln -s "$(cd "$work/postgres" && echo usr/lib/postgresql/* | sed 's#^#/#')/bin" "$work/postgres/pg"
image postgres --change 'ENV PATH=/pg:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' \
    --change 'ENV PGDATA=/var/lib/postgresql/data' --change 'ENTRYPOINT ["postgres.sh"]' --change 'STOPSIGNAL SIGINT'
