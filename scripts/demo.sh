#!/usr/bin/env bash
# The whole story on a temporary database: one identity provider for every account of an organization.
# Usage: demo.sh FOLDER_OF_THE_BINARIES
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
binaries=$(cd "$1" && pwd)
export PATH="$binaries:$PATH"

folder=$(mktemp -d)
trap 'finish; rm -rf "$folder"' EXIT
cd "$folder"
exec 2>&1
export XDG_CONFIG_HOME="$folder/config"

bold=''
plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m'
    plain=$'\e[0m'
fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
run() {
    printf '$'
    printf ' %q' "$@"
    printf '\n'
    "$@"
}

say "1. A server on an empty database, and a small OpenID Connect provider beside it."
start idp.log 'dev-idp issuer ' orgd dev-idp --listen 127.0.0.1:0 --client-id orgd --user alice@example.com:Alice
issuer=$address
start orgd.log 'orgd listening on ' orgd serve --listen 127.0.0.1:0 --database data/orgd.sqlite --log-level warning
server=$address
echo "orgd at $server, identity provider at $issuer"
run orgctl login --url "$server" --token-file data/bootstrap-token

say "2. An organization, and the account that owns its identity provider."
run orgctl org create --name Acme --quiet
run orgctl account create --name Headquarters --org Acme --quiet
run orgctl zero-trust create --account Headquarters --name Acme --auth-domain acme.access.localhost --quiet
printf 'demo-secret' >client-secret
run orgctl idp create oidc --account Headquarters --name Login --issuer "$issuer" --client-id orgd \
    --client-secret-file client-secret --quiet

say "3. Name it the primary identity provider: every account gets it, now and in future."
run orgctl primary-idp set --org Acme --account Headquarters --idp Login --yes

say "4. Provision accounts from a file. Each gets its bridge in the transaction that creates it."
{
    echo 'name,team'
    for name in EMEA APAC Americas Labs; do echo "$name,$(echo "$name" | tr 'A-Z' 'a-z')"; done
} >accounts.csv
run cat accounts.csv
run orgctl account import accounts.csv --org Acme
run orgctl bridge status --org Acme
run orgctl idp list --account EMEA

say "5. A person signs in at the provider; the EMEA account validates the ID token through its bridge."
run orgctl validate --account EMEA --dev-idp "$issuer"

say "6. The configuration is a file. Right after an export there is nothing to change."
echo "\$ orgctl export --org Acme > org.json && orgctl plan --org Acme -f org.json"
orgctl export --org Acme >org.json
orgctl plan --org Acme -f org.json

say "7. Everything that happened is in the audit log, chained by hashes."
run orgctl audit list --org Acme --include-accounts --limit 5
run orgctl audit verify --org Acme

say "Done. Start your own with: make run"
