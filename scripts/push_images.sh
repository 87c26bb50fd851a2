#!/usr/bin/env bash
# Push what `make images` has built to the repositories of the selected stack.
# A tag that is there already cannot be overwritten and is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh pulumi docker aws
outputs=$(pulumi stack output --json)

output() { # one output of the stack, or one entry of it
  python3 -c '
import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]:
    value = value[key]
print(value)' "$@" <<<"$outputs"
}

region=$(output region)
for service in downloader transcriber stats webapp; do
  repository=$(output repositories "$service")
  version=$(scripts/version.sh "services/$service")
  image=$repository:$service-v$version
  if aws ecr describe-images --region "$region" --repository-name "${repository#*/}" \
    --image-ids "imageTag=$service-v$version" >/dev/null 2>&1; then
    echo "$image is there already"
    continue
  fi
  aws ecr get-login-password --region "$region" |
    docker login --username AWS --password-stdin "${repository%%/*}" >/dev/null
  docker tag "debate-$service:$version" "$image"
  docker push --quiet "$image"
done
