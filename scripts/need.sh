#!/usr/bin/env bash
# Say in one sentence which of these programs are missing, and where they come from: need.sh docker aws
set -euo pipefail
declare -A from=(
  [pulumi]=https://www.pulumi.com/docs/install/
  [docker]=https://docs.docker.com/engine/install/
  [aws]=https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html
)
for program in "$@"; do
  if ! command -v "$program" >/dev/null; then
    echo "error: this needs the program $program, which is not installed: ${from[$program]}" >&2
    exit 64
  fi
done
