#!/usr/bin/env bash
# Looks for Swift first and says how to get it; then installs the C libraries that the build links, where they are missing.
# Usage: deps.sh [PROGRAM…], each a program whose Debian package has its name.
set -euo pipefail

if ! command -v "${SWIFT:-swift}" >/dev/null; then
    cat >&2 <<'TXT'
Swift is not installed. orgd needs Swift 6.2 or newer (https://www.swift.org/install/linux):

    curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz
    tar zxf swiftly-$(uname -m).tar.gz
    ./swiftly init

and then run the same make command again.
TXT
    exit 1
fi

needed=()
header() { echo "#include <$1>" | cc -E -x c - >/dev/null 2>&1 || needed+=("$2"); }
command -v cc >/dev/null || needed+=(gcc)
command -v cc >/dev/null || needed+=(libc6-dev)
header sqlite3.h libsqlite3-dev
header openssl/ssl.h libssl-dev
command -v curl >/dev/null || needed+=(curl)
# Some programs are in a folder that only administrators look in.
for program in "$@"; do PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null || needed+=("$program"); done
[ ${#needed[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "Please install what these Debian packages hold: ${needed[*]}" >&2
    exit 1
fi
echo "Installing ${needed[*]}"
root=()
if [ "$(id -u)" != 0 ]; then root=(sudo); fi
"${root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${needed[@]}" >/dev/null
