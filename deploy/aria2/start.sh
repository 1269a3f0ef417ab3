#!/bin/sh
# Run aria2 for the saver. The secret goes into a file, because every process can read the arguments of others.
set -eu

: "${ARIA2_RPC_SECRET:?Put ARIA2_RPC_SECRET into .env, for example the output of: openssl rand -hex 32}"
conf=${TMPDIR:-/tmp}/aria2.conf
(umask 077 && printf 'rpc-secret=%s\n' "$ARIA2_RPC_SECRET" >"$conf")
unset ARIA2_RPC_SECRET
umask "${UMASK:-022}"

# Quiet, because its log would have the addresses of downloads. More connections for one file are where aria2 is faster.
exec aria2c --conf-path="$conf" --quiet --dir="${DIR:-/save}" \
    --enable-rpc --rpc-listen-all --rpc-listen-port="${RPC_PORT:-6800}" \
    --max-concurrent-downloads=8 --max-connection-per-server=4 --split=4 --min-split-size=16M --disk-cache=16M \
    --enable-dht=false --enable-dht6=false --bt-enable-lpd=false
