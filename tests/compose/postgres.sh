#!/bin/sh
# What of the official image's start docker-compose.yml relies on: a user, a database and a password from a file,
# made when the data folder is empty, by a server that answers on its socket only; then the real one.
set -eu

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" && chown postgres "$PGDATA" && chmod 700 "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --init-groups "$0"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # In UTF-8, as the official image does.
    initdb --encoding UTF8 --username "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" --auth-local trust --auth-host scram-sha-256 >/dev/null
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    pg_ctl --wait --options "-c listen_addresses=''" start >/dev/null
    [ "$POSTGRES_DB" = "$POSTGRES_USER" ] && createdb --username "$POSTGRES_USER" "$POSTGRES_DB"
    pg_ctl --wait --mode fast stop >/dev/null
fi
exec postgres -c listen_addresses='*'
