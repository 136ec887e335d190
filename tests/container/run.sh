#!/usr/bin/env bash
# Builds the image with the Dockerfile that is shipped, around a binary that is there already, and runs it under a real engine:
#   tests/container/run.sh BINARY
# BINARY: statically linked, as .ci/run builds it. Needs Debian 12, root and the right to make namespaces and control groups
# (a container needs --privileged); no engine has to run. Nothing is pulled; the engine, its images and its ports live in
# namespaces of their own and go away with this script. DOCKER_STORAGE=overlay2 is quicker where the file system allows it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..

if [[ ${1:-} != --inside ]]; then
    binary=$(realpath "${1:?BINARY}")
    [[ $(id -u) -eq 0 ]] || { echo "$0 must run as root" >&2; exit 1; }
    wanted=(docker.io busybox-static)
    if ! dpkg --status "${wanted[@]}" >/dev/null 2>&1; then
        apt-get -qq -o DPkg::Lock::Timeout=300 update
        DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "${wanted[@]}" >/dev/null
    fi
    exec unshare --mount --net "$0" --inside "$binary"
fi

binary=$2
scratch=$(mktemp -d)
daemon=
finish() {
    local status=$?
    if [[ -n $daemon ]]; then
        docker ps --quiet | xargs -r docker kill >/dev/null 2>&1 || true
        kill "$daemon" 2>/dev/null || true
        wait "$daemon" 2>/dev/null || true
    fi
    umount --lazy "$scratch/exec/netns/default" 2>/dev/null || true
    rm -rf "$scratch"
    exit "$status"
}
trap finish EXIT

# What cannot be had is no fault of the image: 77 says that nothing was measured.
unable() {
    echo "NOT MEASURED: $1 here" >&2
    exit 77
}

# Inside a container of cgroup v2: a group with processes of its own hands no limits on.
if [[ -e /sys/fs/cgroup/cgroup.controllers && -e /sys/fs/cgroup/cgroup.type ]]; then
    mkdir -p /sys/fs/cgroup/tests
    while read -r process; do echo "$process" >/sys/fs/cgroup/tests/cgroup.procs || true; done </sys/fs/cgroup/cgroup.procs
    for limit in cpu memory pids; do
        echo "+$limit" >/sys/fs/cgroup/cgroup.subtree_control || unable "control groups may not be handed on"
    done
fi

busybox ip link set lo up
export DOCKER_HOST=unix://$scratch/docker.sock DOCKER_BUILDKIT=0
docker() { /usr/bin/docker "$@"; }
/usr/sbin/dockerd --data-root "$scratch/data" --exec-root "$scratch/exec" --pidfile "$scratch/docker.pid" --host "$DOCKER_HOST" \
    --storage-driver "${DOCKER_STORAGE:-vfs}" --exec-opt native.cgroupdriver=cgroupfs --bridge=none \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --userland-proxy=false >"$scratch/daemon.log" 2>&1 &
daemon=$!
for _ in {1..300}; do
    docker version >/dev/null 2>&1 && break
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.1
done
docker version >/dev/null || { tail -n 20 "$scratch/daemon.log" >&2; unable "no engine runs"; }

# In place of the builder's image: a shell, the authorities, and a "cargo" that has built already. All else is the real recipe.
builder=$scratch/builder
mkdir -p "$builder"/{bin,etc/ssl/certs,prebuilt,root,tmp,usr/bin}
cp "$(command -v busybox)" "$builder/bin/busybox"
for name in sh cp mkdir chmod uname; do ln -s busybox "$builder/bin/$name"; done
cp /etc/ssl/certs/ca-certificates.crt "$builder/etc/ssl/certs/"
cp "$binary" "$builder/prebuilt/aicleaner"
cat >"$builder/bin/cargo" <<'CARGO'
#!/bin/sh
set -e
[ "$1 $2 $3" = "build --release --locked" ]
[ "$RUSTFLAGS" = "-C target-feature=+crt-static" ]
while [ "$1" != --target ]; do shift; done
mkdir -p "target/$2/release"
cp /prebuilt/aicleaner "target/$2/release/aicleaner"
CARGO
chmod +x "$builder/bin/cargo"
tar --directory "$builder" --create . | docker import - local/builder >/dev/null

# Engines before 25 refuse the start interval.
engine=$(docker version --format '{{.Server.Version}}')
for_engine() {
    if [[ ${engine%%.*} -ge 25 ]]; then cat; else sed 's/--start-interval=[^ ]* //; s/--interval=30s/--interval=1s/'; fi
}
for_engine <"$root/Dockerfile" >"$scratch/Dockerfile"
docker build --quiet --network none --build-arg BUILDER=local/builder --file "$scratch/Dockerfile" --tag local/aicleaner "$root" >/dev/null
DOCKER=/usr/bin/docker python3 "$here/check.py" local/aicleaner "$scratch"

# The folder for people who clone is an app without an image's name, and its own recipe makes the same.
"$root/tools/local_app.sh" "$binary" "$scratch/aicleaner_v3" >/dev/null
diff <(grep -v '^image:' "$root/aicleaner_v3/config.yaml") "$scratch/aicleaner_v3/config.yaml"
for_engine <"$scratch/aicleaner_v3/Dockerfile" >"$scratch/Dockerfile"
docker build --quiet --network none --file "$scratch/Dockerfile" --tag local/own "$scratch/aicleaner_v3" >/dev/null
docker run --rm --pull=never --network none --read-only --tmpfs /data --tmpfs /tmp local/own demo --once >/dev/null
echo "local app: built from its own folder, judges the demo's rooms"
