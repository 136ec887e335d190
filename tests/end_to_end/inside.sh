#!/usr/bin/env bash
# The inner half of run.sh: inside.sh RUN_FOLDER BINARY [pytest arguments]. Runs inside fresh network, mount and process namespaces.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
run=$1 binary=$2
shift 2
root=$AICLEANER_TESTBED/root

# Addresses as on a Home Assistant OS machine: Core, Supervisor, the app, and a neighbouring app that has no business with ours.
ip link set lo up
for address in 172.30.32.1 172.30.32.2 172.30.33.5 172.30.33.9; do
    ip address add "$address/32" dev lo
done

mkdir -p "$run"/{home-assistant,cameras,broker,data,logs}
printf '%s\n' '127.0.0.1 localhost' '172.30.32.1 homeassistant' '172.30.32.1 core-mosquitto' '172.30.32.2 supervisor hassio' \
    '203.0.113.7 cloud.test' >"$run/hosts"
: >"$run/resolv.conf"
cp "$binary" "$run/aicleaner"

# The chroot sees this run's files at /mnt.
mount --bind "$run" "$root/mnt"
mount --bind "$run/hosts" "$root/etc/hosts"
mount --bind "$run/resolv.conf" "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"

export AICLEANER_E2E_RUN=$run
cd "$here"
# Not exec: process 1 of the namespace stays a shell, which reaps what is left behind. Each test has its own limit; this one is for
# what no test foresaw.
timeout --kill-after=20 45m "$AICLEANER_TESTBED/venv/bin/python" -m pytest -p no:cacheprovider "$@"
