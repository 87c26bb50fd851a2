#!/usr/bin/env bash
# Resolve one package's dependencies, extras included, into its constraints.txt.
# A local folder of wheels is left out of it: its CPU build of torch would hide what others get.
set -euo pipefail
package=$1
uv=$PWD/.tools/bin/uv
new=$(mktemp)
trap 'rm -f "$new"' EXIT
overrides=()
[ -f "$package/overrides.txt" ] && overrides=(--overrides overrides.txt)
(cd "$package" && env -u UV_FIND_LINKS "$uv" pip compile --quiet --universal --upgrade --no-header \
  --no-annotate --all-extras "${overrides[@]}" pyproject.toml) >"$new"
# A dependency that an override takes away for good is not worth a pin.
sed "/sys_platform == 'never'/d" "$new" >"$package/constraints.txt"
echo "$package/constraints.txt: $(wc -l <"$package/constraints.txt") pins"
