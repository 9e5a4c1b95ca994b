# What demo.sh and run.sh share: start a process, wait for the line that says where it listens, end it again.
# Usage: source scripts/lib.sh

started=()

# Starts a command in the background and sets `address` to what its ready line names.
#   start LOG 'text before the address' COMMAND…
start() {
    local log=$1 prefix=$2
    shift 2
    : >"$log"
    "$@" >"$log" 2>"$log.err" &
    started+=($!)
    for _ in $(seq 600); do
        address=$(sed -n "s|^$prefix\(http[^ ]*\)\$|\1|p" "$log")
        [ -n "$address" ] && return 0
        if ! kill -0 "${started[-1]}" 2>/dev/null; then
            echo "$1 did not start:" >&2
            cat "$log.err" >&2
            return 1
        fi
        sleep 0.05
    done
    echo "$1 did not get ready" >&2
    return 1
}

# Ends what was started, the youngest first.
finish() {
    local i
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do
        kill "${started[i]}" 2>/dev/null && wait "${started[i]}" 2>/dev/null
    done
    started=()
}
