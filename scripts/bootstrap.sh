#!/usr/bin/env bash
# Put uv, which makes the virtual environments, into .tools/. Needs Python 3.11 or newer.
set -euo pipefail
python=${1:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "error: $python is $("$python" --version 2>&1); Debate Analyzer needs Python 3.11 or newer (make PYTHON=python3.12 ...)" >&2
  exit 64
fi
if ! "$python" -m venv .tools; then
  rm -rf .tools
  echo "error: $python cannot make virtual environments; on Debian and Ubuntu install python3-venv" >&2
  exit 64
fi
.tools/bin/python -m pip install --quiet --disable-pip-version-check --requirement scripts/tools.txt
touch .tools/bin/uv
