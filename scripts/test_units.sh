#!/usr/bin/env bash
# Runs the Swift tests target by target, each in a process of its own: a suite that opens a thousand sockets then starves
# nobody else, and a hang names its target. Usage: test_units.sh CONFIG REPORTS [FILTER]
set -uo pipefail
config=$1
reports=$2
filter=${3:-}
swift=${SWIFT:-swift}
status=0

"$swift" build -c "$config" --build-tests || exit 1
for folder in Tests/*Tests; do
    target=${folder##*/}
    [[ -z $filter || $target == *"$filter"* ]] || continue
    ls "$folder"/*.swift > /dev/null 2>&1 || ls "$folder"/*/*.swift > /dev/null 2>&1 || continue
    printf '\n-- %s\n' "$target"
    # These talk to identity providers under the deadlines of real ones: a hundred at a time would starve each other.
    parallel=--parallel
    [[ $target == PortalTests ]] && parallel=--no-parallel
    timeout --kill-after=10 "${ORGD_TEST_TIMEOUT:-600}" \
        "$swift" test -c "$config" --skip-build --disable-xctest "$parallel" --filter "^$target\\." \
        --xunit-output "$reports/$target.xml" > "$reports/$target.log" 2>&1
    code=$?
    grep -E '^(✘|✔ Test run|Test run)' "$reports/$target.log" || tail -n 5 "$reports/$target.log"
    if [[ $code -ne 0 ]]; then
        status=1
        [[ $code -ne 124 && $code -ne 137 ]] || echo "$target did not end within ${ORGD_TEST_TIMEOUT:-600} s"
    fi
done
exit $status
