#!/usr/bin/env bash
# Make sure that programs of the system are there: system_packages.sh chromium postgresql espeak-ng
# As root on Debian and Ubuntu a missing one is installed, elsewhere its package is named (exit 64).
# Says nothing when nothing is missing.
set -euo pipefail

# Whether a package's program is there, whoever installed it. PostgreSQL keeps its server programs
# outside PATH on Debian.
present() {
  case $1 in
    chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
    postgresql) command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' ;;
    *) command -v "$1" ;;
  esac >/dev/null
}

missing=()
for package in "$@"; do
  present "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "error: install ${missing[*]} with the package manager of this system (Debian, Ubuntu:" \
    "sudo apt-get install ${missing[*]}), then try again" >&2
  exit 64
fi

apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get --quiet --quiet --option DPkg::Lock::Timeout=300 "$@"
}
echo "installing ${missing[*]} (once)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt_get update && apt_get install --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "error: apt-get could not install ${missing[*]}; what it said is above" >&2
  exit 75
fi
for package in "${missing[@]}"; do
  if ! present "$package"; then
    echo "error: $package is installed, yet its program is nowhere to be found" >&2
    exit 70
  fi
done
