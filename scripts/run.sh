#!/usr/bin/env bash
# A server with its data in ./data and a development identity provider, until Ctrl-C.
# Usage: run.sh FOLDER_OF_THE_BINARIES
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
binaries=$1
logs=$(mktemp -d)
trap 'finish; rm -rf "$logs"' EXIT
trap 'exit 0' INT TERM

start "$logs/idp" 'dev-idp issuer ' "$binaries/orgd" dev-idp --listen 127.0.0.1:8788 --client-id orgd \
    --user alice@example.com:Alice:groups=engineering --user bob@example.com:Bob
issuer=$address
start "$logs/orgd" 'orgd listening on ' "$binaries/orgd" serve --listen "${ORGD_LISTEN:-127.0.0.1:8787}"
cat <<TXT
orgd               $address   (data in ./data)
identity provider  $issuer   (client id orgd, any client secret, password "password")

    curl -s -H "Authorization: Bearer \$(cat data/bootstrap-token)" $address/client/v4/user/tokens/verify
    $binaries/orgctl login --url $address --token-file data/bootstrap-token

Ctrl-C ends both.
TXT
tail -f "$logs/orgd.err" --pid "${started[-1]}" &
wait "${started[-1]}"
