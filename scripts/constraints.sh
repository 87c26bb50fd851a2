#!/usr/bin/env bash
# Resolve one package's dependencies, extras included, into its constraints.txt.
# The local version of a CPU wheel ("+cpu") is dropped, so that the pin fits every build.
set -euo pipefail
package=$1
new=$(mktemp)
trap 'rm -f "$new"' EXIT
(cd "$package" && "$OLDPWD/.tools/bin/uv" pip compile --quiet --universal --upgrade --no-header \
  --no-annotate --all-extras pyproject.toml) >"$new"
sed -E 's/^([A-Za-z0-9._-]+==[^+ ]+)\+cpu/\1/' "$new" >"$package/constraints.txt"
echo "$package/constraints.txt: $(wc -l <"$package/constraints.txt") pins"
