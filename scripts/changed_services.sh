#!/usr/bin/env bash
# Print, as a JSON list, the services whose image a push changes: changed_services.sh OLD NEW
# An OLD that git does not know (a first push, a forced one) means all of them.
set -euo pipefail
old=$1 new=$2
all=(downloader transcriber stats webapp)
changed=()

touches() { # whether any of the given folders differs between the two commits
  ! git diff --quiet "$old" "$new" -- "$@"
}

if ! git cat-file -e "$old^{commit}" 2>/dev/null; then
  changed=("${all[@]}")
else
  for service in "${all[@]}"; do
    mapfile -t folders < <("$(dirname "$0")/folders.sh" "$service")
    if touches "${folders[@]}"; then changed+=("$service"); fi
  done
fi
printf '%s\n' "${changed[@]:-}" | python3 -c 'import json, sys; print(json.dumps(sys.stdin.read().split()))'
