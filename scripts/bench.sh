#!/usr/bin/env bash
# Load the server and what any reader can install beside it. Usage: bench.sh BUILD-FOLDER [PART...]
# PEER names the binary of ../shared/bench, where that was built.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
missing=()
command -v wrk >/dev/null || missing+=(wrk)
command -v nginx >/dev/null || missing+=(nginx-light)
command -v apache2 >/dev/null || missing+=(apache2)
[ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || missing+=(libapache2-mod-auth-openidc)
if [ ${#missing[@]} -gt 0 ]; then
    echo "bench: missing ${missing[*]}: apt-get install ${missing[*]}" >&2
    exit 1
fi
parts=("$@")
if [ ${#parts[@]} -eq 0 ] && ! python3 -c 'import cryptography' 2>/dev/null; then
    echo "bench: without the Python package cryptography there are no tokens to sign: leaving out the part 'verify'" >&2
    parts=(health read list create agents memory start scale primitives)
fi
exec python3 bench/run.py --orgd "$build/orgd" ${PEER:+--peer "$PEER"} "${parts[@]}"
