#!/usr/bin/env bash
# The page in a real browser, behind a stand-in of what lies between Home Assistant's frontend and us:
#   tests/browser/run.sh BINARY [FOLDER FOR SCREENSHOTS]
# Needs Debian 12, root and network namespaces (addresses and ports are then its own). Installs Chromium from Debian and two
# packages from npm into AICLEANER_BROWSER.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [[ ${1:-} != --inside ]]; then
    binary=$(realpath "${1:?BINARY}")
    pictures=${2:-${CARGO_TARGET_DIR:-$here/../../target}/browser}
    mkdir -p "$pictures"
    packages=(playwright-core@1.58.0 axe-core@4.14.1)
    export AICLEANER_BROWSER=${AICLEANER_BROWSER:-/var/cache/aicleaner-browser}
    wanted=(chromium fonts-dejavu-core busybox-static)
    command -v npm >/dev/null || wanted+=(nodejs npm)
    if ! dpkg --status "${wanted[@]}" >/dev/null 2>&1; then
        apt-get -qq -o DPkg::Lock::Timeout=300 update
        DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "${wanted[@]}" >/dev/null
    fi
    if [[ $(cat "$AICLEANER_BROWSER/packages" 2>/dev/null) != "${packages[*]}" ]]; then
        mkdir -p "$AICLEANER_BROWSER"
        npm install --prefix "$AICLEANER_BROWSER" --silent --no-save --no-package-lock --no-audit --no-fund --ignore-scripts "${packages[@]}"
        echo "${packages[*]}" >"$AICLEANER_BROWSER/packages"
    fi
    exec unshare --net "$0" --inside "$binary" "$(realpath "$pictures")"
fi

# The Supervisor's own address, and one of an app's network for us.
busybox ip link set lo up
busybox ip address add 172.30.32.2/32 dev lo
busybox ip address add 172.30.33.7/32 dev lo
exec node "$here/page.mjs" "$2" "$3"
