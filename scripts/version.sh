#!/usr/bin/env bash
# Print a package's version: version.sh services/stats
set -euo pipefail
python3 - "$1/pyproject.toml" <<'PY'
import pathlib, sys, tomllib

print(tomllib.loads(pathlib.Path(sys.argv[1]).read_text())["project"]["version"])
PY
