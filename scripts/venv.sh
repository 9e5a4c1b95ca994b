#!/usr/bin/env bash
# A Python environment with the pinned requirements of the interoperability tests.
# Usage: venv.sh FOLDER REQUIREMENTS
set -euo pipefail
folder=$1 requirements=$2

if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    if ! command -v apt-get >/dev/null; then
        echo "Please install Python 3.11 or newer with its venv module" >&2
        exit 1
    fi
    root=()
    if [ "$(id -u)" != 0 ]; then root=(sudo); fi
    "${root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
fi
[ -x "$folder/bin/python" ] || python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
