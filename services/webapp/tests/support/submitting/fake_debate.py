#!/usr/bin/env python3
"""The front door in small, for the site's tests: a job with a record and a log, as it is told.

The address says what is to happen: `…/fail` fails, `…/wait` waits for `$FAKE_CONTROL/go`, `…/full`
finds no room, `…/slow` takes its time to stop, `…/silent` says nothing. It stops on SIGTERM; asked
for the same source again it goes on with the same job.
Without a `--root` it hands in a job elsewhere, and is done: `status` then says what stands in
`$FAKE_CONTROL/elsewhere.json`, by job id, and `cancel` lets a job there fail. What it was called
with, and its environment, is kept in `$FAKE_CONTROL/calls.jsonl`.
"""

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path

CONTROL = Path(os.environ["FAKE_CONTROL"])
source = sys.argv[-1]
with (CONTROL / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps({"arguments": sys.argv[1:], "environment": dict(os.environ)}) + "\n")
ELSEWHERE = CONTROL / "elsewhere.json"
if sys.argv[1] in ("status", "cancel") and not ELSEWHERE.exists():
    sys.stderr.write("debate: AWS could not serve it just now; try again\n")
    sys.exit(75)
if sys.argv[1] == "status":
    known = json.loads(ELSEWHERE.read_text())
    asked = sys.argv[3:]
    missing = [{"job_id": one, "message": "no such job"} for one in asked if one not in known]
    jobs = [known[one] | {"job_id": one} for one in asked if one in known]
    answer = {"cost_basis": "an estimate: list prices", "jobs": jobs, "missing": missing}
    sys.stdout.write(json.dumps(answer))
    sys.exit(66 if missing else 0)
if sys.argv[1] == "cancel":
    known = json.loads(ELSEWHERE.read_text())
    known[source] |= {"state": "failed", "message": "terminated"}
    ELSEWHERE.write_text(json.dumps(known))
    sys.exit(0)
roots = [a.removeprefix("--root=") for a in sys.argv if a.startswith("--root=")]
job = f"20261128T120000Z-{hashlib.sha256(source.encode()).hexdigest()[:8]}"
folder = Path(*roots, "jobs", job)


def say(line):
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def enter(state, **event):
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    stages = [{"name": name, "state": "pending"} for name in ("download", "register")]
    stages[0]["state"] = state
    if state == "done":
        stages[1]["state"] = "done"
    (folder / "job.json").write_text(json.dumps({"stages": stages}))
    with (folder / "logs" / "download.jsonl").open("a") as log:
        log.write(json.dumps(event) + "\n")


def stop(*_):
    with (CONTROL / "stops").open("a") as stops:
        stops.write("asked\n")
    if "/slow" in source and len((CONTROL / "stops").read_text().split()) == 1:
        return
    enter("interrupted", event="note", message="stopped")
    say("debate: stopped during download; the same command goes on from here")
    sys.exit(75)


if "/noise" in source:
    say(f"job {'x' * 500} on this machine")
    say("debate: the page says \x1b[31mred\x1b[0m\0 and\u202e more")
    sys.exit(65)
if "/bad" in source:
    say("debate: the address leads to a page without a recording")
    sys.exit(65)
if "/silent" in source:
    sys.exit(0)
if not roots:
    say(f"job {job} on AWS (debates, eu-central-1): handed in download, transcribe, stats")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
say(f"job {job} on this machine")
enter("running", event="note", message="asking the server")
so_far = {"done": 30, "total": 120, "unit": "s", "rate": 2.5, "seconds_left": 36}
enter("running", event="progress", step="fetching", **so_far)
while "/wait" in source and not (CONTROL / "go").exists():
    time.sleep(0.02)
if "/full" in source:
    enter("failed", event="failed", message="the disk is full")
    said = "debate: download: the disk is full; make room there, then try again"
    say(f"{said} (log: /store (1)/x.jsonl)")
    sys.exit(75)
enter("done", event="finished", message="done")
with (folder / "logs" / "register.jsonl").open("a") as log:
    log.write(json.dumps({"event": "finished", "outputs": ["/debates/1"]}) + "\n")
say("next: make web")
