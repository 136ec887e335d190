#!/usr/bin/env bash
# The end-to-end tests: run.sh PATH_TO_BINARY [pytest arguments]
# AICLEANER_HOME_ASSISTANT names the version of Home Assistant, such as 2026.4.0; without it the newest is taken.
#
# Everything runs in namespaces of its own (network, mounts, processes): the app, the Supervisor and Home Assistant get the addresses
# they have in a real home without touching the machine's network, several runs can go on at once, and when this script ends, however
# it ends, the kernel ends every process that it started.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# -ge 1 && -x $1 ]] || { echo "usage: run.sh PATH_TO_BINARY [pytest arguments]" >&2; exit 64; }
binary=$(realpath "$1")
shift

export AICLEANER_TESTBED=${AICLEANER_TESTBED:-/var/cache/aicleaner-testbed${AICLEANER_HOME_ASSISTANT:+-$AICLEANER_HOME_ASSISTANT}}
"$here/install.sh"

run=$(mktemp -d "$AICLEANER_TESTBED/run.XXXXXX")
namespaces=

finish() {
    local status=$?
    [[ -z $namespaces ]] || kill -KILL "$namespaces" 2>/dev/null || true
    # The logs of the last failure stay to be read; nothing else does.
    if [[ $status -ne 0 && -d $run/logs ]]; then
        rm -rf "$AICLEANER_TESTBED/failed"
        mv "$run/logs" "$AICLEANER_TESTBED/failed"
        echo "run.sh: failed ($status); whole logs in $AICLEANER_TESTBED/failed" >&2
    fi
    rm -rf --one-file-system "$run"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# In the background, so that a signal to this script is heard at once.
unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private "$here/inside.sh" "$run" "$binary" "$@" &
namespaces=$!
wait "$namespaces"
