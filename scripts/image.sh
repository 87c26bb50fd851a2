#!/usr/bin/env bash
# Build a service's image as the Dockerfile's first line says: image.sh SERVICE TAG [docker build options...]
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh docker
service=$1 tag=$2
shift 2
dockerfile=services/$service/Dockerfile
context=$(sed -n '1s/^# context: //p' "$dockerfile")
if [ -z "$context" ]; then
  echo "error: the first line of $dockerfile must be '# context: <folder>'" >&2
  exit 64
fi
# Machines on AWS are x86-64; an ARM laptop would build for itself.
docker build --platform "${PLATFORM:-linux/amd64}" --file "$dockerfile" --tag "$tag" "$@" "$context"
