#!/usr/bin/env bash
# Print a digest of the files that a service's image is made of, as they are now: content.sh SERVICE
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t folders < <(scripts/folders.sh "$1")
git ls-files -z --cached --others --exclude-standard -- "${folders[@]}" | LC_ALL=C sort -z |
  xargs -0 sha256sum | sha256sum | cut -c1-12
