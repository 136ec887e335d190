#!/usr/bin/env bash
# Installs what the end-to-end tests run on: a Debian chroot that holds Home Assistant Core and Mosquitto, and a virtual
# environment for the tests. As root, on Debian; needs the network once. A second run finds the stamp and does nothing.
#
# AICLEANER_HOME_ASSISTANT names a version, such as 2026.4.0, which gets a folder of its own; without it the newest is taken.
#
# Home Assistant wants a newer Python than Debian 12 has, hence the chroot; the broker lives there too, so that no service of
# the host is installed, started or stopped.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=${AICLEANER_HOME_ASSISTANT:-}
testbed=${AICLEANER_TESTBED:-/var/cache/aicleaner-testbed${version:+-$version}}
root=$testbed/root
suite=forky

# Whatever changes the result of this script changes the stamp.
stamp=$({ cat "$here"/{install.sh,requirements.txt,requirements_of.py}; echo "$version"; } | sha256sum | cut -c1-16)
if [[ $(cat "$testbed/stamp" 2>/dev/null) == "$stamp" ]]; then
    exit 0
fi
[[ $EUID -eq 0 ]] || { echo "install.sh: must run as root" >&2; exit 1; }

# One installation at a time: whoever comes second waits for it and then finds the stamp.
mkdir -p "$testbed"
exec 9>"$testbed/lock"
flock 9
[[ $(cat "$testbed/stamp" 2>/dev/null) != "$stamp" ]] || exit 0

step() { printf 'testbed: %4ds  %s\n' "$SECONDS" "$*" >&2; }

step "packages of the host"
wanted=(ca-certificates debootstrap iproute2 python3-venv util-linux)
if ! dpkg --status "${wanted[@]}" >/dev/null 2>&1; then
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "${wanted[@]}" >"$testbed/apt.log"
fi

step "tools of the tests"
rm -rf "$testbed/venv"
python3 -m venv "$testbed/venv"
"$testbed/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"

step "Debian $suite with Python and Mosquitto"
rm -rf --one-file-system "$root"
# Debian 12's debootstrap has no script for a suite named later; all suites share one.
[[ -e /usr/share/debootstrap/scripts/$suite ]] || ln -s sid "/usr/share/debootstrap/scripts/$suite"
packages=python3-venv,python3-dev,g++,mosquitto,libturbojpeg0,tzdata
if ! nice unshare --mount --propagation private debootstrap --variant=minbase --include="$packages" "$suite" "$root" >"$testbed/debootstrap.log" 2>&1; then
    tail -n 20 "$testbed/debootstrap.log" >&2
    exit 1
fi
# Where the app finds what its container would mount.
mkdir "$root/data"

step "Home Assistant"
# The host's certificates and resolver are lent to the chroot for the time of the installation, in a mount namespace that ends with it.
cp "$here/requirements_of.py" "$root/tmp/"
nice unshare --mount --propagation private bash -euo pipefail -s "$root" "homeassistant${version:+==$version}" >"$testbed/pip.log" 2>&1 <<'INSIDE' || { tail -n 20 "$testbed/pip.log" >&2; exit 1; }
root=$1 home_assistant=$2
touch "$root/etc/resolv.conf"
mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
mount --bind /etc/ssl/certs "$root/etc/ssl/certs"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
pip=(chroot "$root" /srv/home-assistant/bin/pip install --no-cache-dir --disable-pip-version-check)
chroot "$root" python3 -m venv /srv/home-assistant
"${pip[@]}" --upgrade pip
"${pip[@]}" "$home_assistant"
# What the integrations of the test home need: Home Assistant would install it at its first start, but there it has no network.
chroot "$root" /srv/home-assistant/bin/python /tmp/requirements_of.py >"$root/tmp/requirements.txt"
"${pip[@]}" --requirement /tmp/requirements.txt
INSIDE

echo "$stamp" >"$testbed/stamp"
step "ready: $("$testbed/venv/bin/python" --version), Home Assistant $(chroot "$root" /srv/home-assistant/bin/hass --version)"
