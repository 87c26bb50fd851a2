#!/usr/bin/env bash
# Push what `make images` has built to the repositories of the selected stack.
# Each is tagged by its content (tree-…), the first of a version as its release too. Tags cannot be
# overwritten: a release made of other files is said, or last week's code would run unnoticed.
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
stale=0

has() { # whether the service's repository has an image of this tag
  aws ecr describe-images --region "$region" --repository-name "${repository#*/}" \
    --image-ids "imageTag=$1" >/dev/null 2>&1
}

for service in downloader transcriber stats webapp; do
  repository=$(output repositories "$service")
  version=$(scripts/version.sh "services/$service")
  release=$service-v$version content=tree-$(scripts/content.sh "$service")
  if has "$content"; then
    echo "$repository:$content is there already"
    continue
  fi
  tags=("$content" "$release")
  if has "$release"; then
    tags=("$content")
    stale=1
    echo "error: $repository:$release is there already and made of other files: raise the version in" \
      "services/$service/pyproject.toml, or run this one: pulumi config set --path" \
      "imageTags.$service $content" >&2
  fi
  aws ecr get-login-password --region "$region" |
    docker login --username AWS --password-stdin "${repository%%/*}" >/dev/null
  for tag in "${tags[@]}"; do
    docker tag "debate-$service:$version" "$repository:$tag"
    docker push --quiet "$repository:$tag"
  done
done
exit $((stale * 65))
