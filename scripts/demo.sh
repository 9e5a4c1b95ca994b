#!/usr/bin/env bash
# The whole story on a temporary database: one identity provider for every account of an organization.
# Usage: demo.sh FOLDER_OF_THE_BINARIES
# On a terminal it waits at the end, so that the console can be tried. With ORGD_DEMO_PICTURES=FOLDER it ends with pictures of the
# console in there, taken with the Python that ORGD_DEMO_PYTHON names; with ORGD_DEMO_PICTURES_EVERY=1, of every page.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
binaries=$(cd "$1" && pwd)
sources=$PWD
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
show() {
    printf '$'
    printf ' %q' "$@"
    printf '\n'
}
run() {
    show "$@"
    "$@"
}

say "1. A server on an empty database, and a small OpenID Connect provider beside it."
start idp.log 'dev-idp issuer ' orgd dev-idp --listen 127.0.0.1:0 --client-id orgd --everyone alice \
    --user alice@example.com:Alice --user mallory@example.net:Mallory
issuer=$address
start orgd.log 'orgd listening on ' orgd serve --listen 127.0.0.1:0 --database data/orgd.sqlite --log-level warning \
    --mail "file:$folder/mail"
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

say "6. EMEA protects its wiki: staff get in with the primary identity provider, a script with a service token."
run orgctl group create --account EMEA --name staff --include email_domain:example.com --quiet
run orgctl policy create --account EMEA --name staff --decision allow --include group:staff --quiet
token=$(orgctl service-token create --account EMEA --name backup -o json)
run orgctl policy create --account EMEA --name machines --decision non_identity --include service_token:backup --quiet
wiki="wiki.localhost:${server##*:}"
run orgctl app create --account EMEA --name wiki --domain wiki.localhost --policy machines --policy staff --quiet

say "   A proxy such as nginx asks about each request. This one brings nothing, so a browser is sent to sign in."
# The question of a proxy, with the cookies of a browser.
ask() {
    curl -sS -b jar -c jar -o answer -D head -w '%{http_code}' -H 'Accept: text/html' -H 'X-Forwarded-Uri: /welcome' \
        "$@" "http://$wiki/cdn-cgi/access/forward-auth"
}
# What a field of the last answer says, and what a page says to its reader.
field() { sed -n "s/^$1: \([^\r]*\).*/\1/Ip" head; }
words() { grep -oE '<h1[^>]*>[^<]+|<code>[a-z_]+<' page | sed 's/<code>\(.*\)</(\1)/; s/<[^>]*>//' | paste -sd' ' -; }
# Follows redirects as somebody's browser does; the provider is told who sits before it.
browse() {
    local url=$1 origin hops=0
    while [ -n "$url" ] && [ $((hops += 1)) -le 20 ]; do
        case $url in "$issuer/authorize"*) url="$url&user=$2" ;; esac
        curl -sS -b jar -c jar -o page -D head "$url"
        origin=$(cut -d/ -f1-3 <<<"$url")
        url=$(field location)
        case $url in /*) url="$origin$url" ;; esac
        # Back at the application, the proxy asks again.
        case $url in "" | "http://$wiki/welcome") break ;; *) [ -n "${quiet:-}" ] || echo "  ${url%%\?*}" ;; esac
    done
}
team="emea.access.localhost:${server##*:}"
echo "GET http://$wiki/welcome → $(ask)"
echo "  $(field location | sed 's/?.*//')"

say "   The browser follows: EMEA's team, the bridge to Headquarters, the identity provider, and back with a session."
browse "$(field location)" alice
echo "GET http://$wiki/welcome → $(ask), as $(field cf-access-authenticated-user-email)"

say "   She signs out, and is out with the next request. Mallory, whom no policy admits, is told so."
quiet=yes
curl -sS -b jar -c jar -o page "http://$team/cdn-cgi/access/logout"
echo "Sign out → $(words)"
echo "GET http://$wiki/welcome → $(ask)"
# Mallory has a browser of his own.
rm jar
ask >/dev/null
browse "$(field location)" mallory
echo "Mallory signs in → $(head -1 head | cut -d' ' -f2), $(words)"
rm jar

say "   EMEA adds one-time PINs of its own. Once the primary is enforced, the login page has them no more."
run orgctl idp create onetimepin --account EMEA --name Codes --quiet >pin
ask >/dev/null
login=$(field location)
curl -sS -o page "$login"
echo "Ways to sign in: $(grep -oE '<b>[^<]+</b>|Codes|Login' page | sed 's/<[^>]*>//g' | sort -u | paste -sd, -)"
run orgctl primary-idp update --org Acme --mode enforce --force --yes
ask >/dev/null
curl -sS -o page -D head "$(sed "s|?|/idp/$(tail -1 pin)?|" <<<"$login")"
echo "A one-time PIN → $(head -1 head | cut -d' ' -f2), $(words)"
rm -f jar

say "   Machines bring a service token. A secret that was rotated out is over at once."
secret_of() { sed -n 's/.*"client_secret": *"\([^"]*\)".*/\1/p' <<<"$1"; }
client_id=$(sed -n 's/.*"client_id": *"\([^"]*\)".*/\1/p' <<<"$token")
with() { ask -H "CF-Access-Client-Id: $client_id" -H "CF-Access-Client-Secret: $1"; }
echo "With the service token → $(with "$(secret_of "$token")")"
rotated=$(orgctl service-token rotate backup --account EMEA --yes -o json)
echo "Rotated. The old secret → $(with "$(secret_of "$token")"), the new one → $(with "$(secret_of "$rotated")")"

say "7. One switch lets programs act for Alice: this one gets a 401, finds out who gives tokens, registers, and she decides."
run orgctl app oauth enable wiki --account EMEA --yes
export XDG_DATA_HOME="$folder/data-of-the-agent"
# There is no proxy here, so the program asks what one would ask, and reads what one would be told.
fetch=(orgctl fetch -i -H 'X-Forwarded-Uri: /' "http://$wiki/cdn-cgi/access/forward-auth")
show "${fetch[@]}" --no-browser
"${fetch[@]}" --no-browser >page 2>asked &
agent=$!
until grep -qs '^  http' asked; do
    kill -0 "$agent" 2>/dev/null || break
    sleep 0.05
done
sed 's/?.*//' asked
# Her browser: the team's login, the bridge, the provider, and the page that asks her.
consent=$(curl -sSL -b jar -c jar -o consent -w '%{url_effective}' "$(sed -n 's/^  //p' asked)")
sed -n 's/.*<title>\(.*\)<\/title>.*/  Her browser asks: \1/p' consent
ticket=$(sed -n 's/.*name="ticket" value="\([^"]*\)".*/\1/p' consent)
curl -sSL -b jar -c jar -o /dev/null --data-urlencode "ticket=$ticket" -d decision=allow \
    "${consent%%/cdn-cgi/*}/cdn-cgi/access/oauth/consent"
echo "  She allows it."
wait "$agent"
seen() { sed -n "s/^$1: *\\([^\r]*\\).*/\\1/Ip" page | sed 's/%20/ /g'; }
echo "The page came: as $(seen cf-access-authenticated-user-email), through $(seen cf-access-oauth-client-name)"
run orgctl agents list --account EMEA --app wiki
run orgctl agents revoke orgctl --account EMEA --app wiki --yes
run "${fetch[@]}" --no-login || echo "Refused: status $?"
rm jar

say "8. The configuration is a file. Right after an export there is nothing to change."
echo "\$ orgctl export --org Acme > org.json && orgctl plan --org Acme -f org.json"
orgctl export --org Acme >org.json
orgctl plan --org Acme -f org.json

say "9. Everything that happened is in the audit log, chained by hashes."
run orgctl audit list --org Acme --include-accounts --limit 5
run orgctl audit verify --org Acme

console="http://localhost:${server##*:}/"
if [ -n "${ORGD_DEMO_PICTURES:-}" ]; then
    say "10. Pictures of the console."
    (cd "$sources" && ORGD_BIN="$binaries/orgd" "${ORGD_DEMO_PYTHON:-python3}" scripts/screenshots.py "$server" \
        "$folder/data/bootstrap-token" "$ORGD_DEMO_PICTURES" ${ORGD_DEMO_PICTURES_EVERY:+--every})
elif [ -t 0 ] && [ -t 1 ]; then
    say "10. The same with the mouse: the console is open until you press Enter."
    echo "Open $console and sign in with this API token:"
    echo
    echo "    $(cat data/bootstrap-token)"
    echo
    read -r || true
fi

say "Done. Start your own with: make run"
