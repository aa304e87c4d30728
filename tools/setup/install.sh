#!/usr/bin/env bash
# Installs the packages of the named lists (tools/setup/NAME-packages.txt) that are missing; silent, and
# without a call of apt, when all are there. BERTA_INSTALL=no leaves the machine alone.
# Usage: tools/setup/install.sh NAME...      e.g. tools/setup/install.sh debian check
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ "${BERTA_INSTALL:-yes}" = no ] && exit 0

wanted=()
for name in "$@"; do
  mapfile -t -O "${#wanted[@]}" wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$here/$name-packages.txt")
done

if ! command -v dpkg-query >/dev/null; then
  echo "setup: no dpkg here, so nothing was installed; needed are what Debian calls: ${wanted[*]}" >&2
  exit 0
fi
installed=" $(dpkg-query -W -f '${db:Status-Status}:${binary:Package} ' "${wanted[@]}" 2>/dev/null || true) "
missing=()
for package in "${wanted[@]}"; do
  case $installed in
    *" installed:$package "* | *" installed:$package:"*) ;;
    *) missing+=("$package") ;;
  esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ]; then
  root=()
elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
  root=(sudo)
else
  echo "setup: packages are missing and there is neither root nor sudo to install them: ${missing[*]}" >&2
  exit 1
fi

echo "setup: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1; }
if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; }; then
  tail -n 20 "$log" >&2
  echo "setup: apt-get could not install: ${missing[*]}" >&2
  exit 1
fi
