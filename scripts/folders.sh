#!/usr/bin/env bash
# Print the folders that a service's image is made of: folders.sh SERVICE
set -euo pipefail
echo "services/$1"
echo contracts # every image holds debate-contract
# The web application computes its figures with debate-stats, and hands recordings to Batch by
# `debate`: its image holds these folders too.
if [ "$1" = webapp ]; then printf '%s\n' services/stats pipeline; fi
