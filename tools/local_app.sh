#!/usr/bin/env bash
# Makes a folder that Home Assistant installs as a local app, around a binary that is there already:
#   tools/local_app.sh BINARY FOLDER
# Copy FOLDER to the share "addons" of Home Assistant; the app store then shows it under "Local apps".
# The binary is not compiled there: a Raspberry Pi with 1 GiB has not the memory for it. Build it where there is more, for the
# Pi's architecture and statically, as the Dockerfile does.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
binary=${1:?BINARY} folder=${2:?FOLDER}

[[ ! -e $folder ]] || { echo "$folder exists already" >&2; exit 1; }
if head -c 4096 "$binary" | grep -qa 'ld-linux'; then
    echo "$binary needs the libraries of a system; build it as the Dockerfile does, with target-feature=+crt-static" >&2
    exit 1
fi
cp -r "$root/aicleaner_v3" "$folder"
# With an image's name the Supervisor would pull it instead.
sed -i '/^image:/d' "$folder/config.yaml"
cp "$binary" "$folder/aicleaner"
chmod 755 "$folder/aicleaner"
cp /etc/ssl/certs/ca-certificates.crt "$folder/"
{
    printf 'FROM scratch\nCOPY ca-certificates.crt /etc/ssl/certs/\nCOPY aicleaner /usr/bin/aicleaner\n\n'
    sed -n '/^# Few arenas/,$p' "$root/Dockerfile"
} >"$folder/Dockerfile"
echo "$folder: copy it into Home Assistant's share \"addons\" and reload the app store."
