"""AWS Batch in small.

It keeps to what the submitter relies on: dependencies (a failed one fails its dependents),
`N_TO_N` between arrays, indices, retries by `evaluateOnExit`, the order of containers in one job.
`batch_server.py` lets botocore talk to it and checks every request and answer. Nothing runs until
`work()`, which starts `fake_stage.py` for each attempt, carries the files that it wrote to S3 and
its lines to CloudWatch.
"""

import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from batch_server import BatchServer, Refused
from definitions import ATTEMPTS, STAGES, action_after, definition_of, pipeline_of

FAKE = Path(__file__).with_name("fake_stage.py")
ATTEMPT_MS = 360_000  # each attempt pretends to have taken a tenth of an hour
KINDS = ("cpu", "gpu", "small", "urgent-cpu", "urgent-gpu")
SHARED = ["cpu", "gpu"]  # queues with a fair-share policy
ENDED = ("SUCCEEDED", "FAILED")


class FakeBatch:
    def __init__(self, control, s3, logs, bucket, log_group):
        self.control, self.s3, self.logs = control, s3, logs
        self.bucket, self.log_group = bucket, log_group
        self.jobs, self.requests = {}, []
        self.spot_losses = self.start_failures = 0
        self.slow_to_stop = False  # what is terminated ends with the next `work`
        self.when_taken = None  # called when a job was taken, before that is answered
        self._told = {}  # the state of each job that an event has told
        self.queues = {f"d-{kind}": {"state": "ENABLED", "status": "VALID"} for kind in KINDS}
        self.shared = {f"d-{kind}" for kind in SHARED}
        self.definitions = {f"d-{name}": definition_of(name, bucket) for name in STAGES}
        self.definitions["d-pipeline"] = pipeline_of(bucket)
        self.server = BatchServer(self)

    def submit_job(self, request):
        self._check_submission(request)
        self.requests.append(request)
        job_id = str(uuid.uuid4())
        size = request.get("arrayProperties", {}).get("size")
        self.jobs[job_id] = self._new_job(job_id, request)
        for index in range(size or 0):
            self.jobs[f"{job_id}:{index}"] = self._new_job(f"{job_id}:{index}", request, index)
        if self.when_taken:
            self.when_taken()
        return {"jobId": job_id, "jobName": request["jobName"]}

    def _check_submission(self, request):
        size = request.get("arrayProperties", {}).get("size", 2)
        if not 2 <= size <= 10_000:
            raise Refused("ClientException", "arrayProperties.size must be between 2 and 10000")
        if request["jobQueue"] not in self.queues:
            raise Refused("ClientException", "JobQueue not found")
        if request["jobDefinition"] not in self.definitions:
            raise Refused("ClientException", "JobDefinition not found")
        share = request.get("shareIdentifier")
        if (request["jobQueue"] in self.shared) is not bool(share):
            raise Refused("ClientException", "the queue wants a shareIdentifier, or takes none")
        if share and not share.isalnum():
            raise Refused("ClientException", "shareIdentifier: letters and digits only")
        for dependency in request.get("dependsOn", []):
            before = self.jobs[dependency["jobId"]]
            sizes = (before["size"], request.get("arrayProperties", {}).get("size"))
            if dependency.get("type") == "N_TO_N" and sizes[0] != sizes[1]:
                raise Refused("ClientException", "N_TO_N needs arrays of the same size")
        self._check_overrides(request)

    def _check_overrides(self, request):
        containers = self.definitions[request["jobDefinition"]]["containers"]
        several = len(containers) > 1
        if ("containerOverrides" if several else "ecsPropertiesOverride") in request:
            raise Refused("ClientException", "these overrides do not fit the job definition")
        for told in _overrides(request):
            if several and told["name"] not in containers:
                raise Refused("ClientException", f"no container is called {told['name']}")
            if any(one["name"].startswith("AWS_BATCH") for one in told["environment"]):
                raise Refused("ClientException", "AWS_BATCH is reserved")

    def _new_job(self, job_id, request, index=None):
        return {
            "id": job_id,
            "request": request,
            "index": index,
            "size": request.get("arrayProperties", {}).get("size") if index is None else None,
            "status": "SUBMITTED",
            "reason": None,
            "attempts": [],
            "created": _now(),
            "codes": {},
            "streams": {},
        }

    def describe_jobs(self, request):
        jobs = request["jobs"]
        if len(jobs) > 100:
            raise Refused("ClientException", "at most 100 jobs")
        return {"jobs": [self._detail(self.jobs[name]) for name in jobs if name in self.jobs]}

    def list_jobs(self, request):
        """The children of an array in one state, or a queue's jobs of a name; 100 at a time."""
        if "jobQueue" in request:
            [of_name] = request["filters"]
            return {"jobSummaryList": self._named(request["jobQueue"], of_name["values"][0])}
        array = request["arrayJobId"]
        children = (self.jobs[f"{array}:{n}"] for n in range(self.jobs[array]["size"]))
        found = [job for job in children if job["status"] == request["jobStatus"]]
        start = int(request.get("nextToken", 0))
        page = {"jobSummaryList": [self._summary(job) for job in found[start : start + 100]]}
        return page | ({"nextToken": str(start + 100)} if len(found) > start + 100 else {})

    def _named(self, queue, name):
        found = [
            self._summary(job)
            for job in self.jobs.values()
            if job["index"] is None
            and (job["request"]["jobQueue"], job["request"]["jobName"]) == (queue, name)
        ]
        return found[::-1][:100]  # the youngest first

    def _summary(self, job):
        names = self.definitions[job["request"]["jobDefinition"]]["containers"]
        code = job["codes"].get(next(iter(names)))
        summary = {
            "jobId": job["id"],
            "jobName": job["request"]["jobName"],
            "createdAt": job["created"],
            "status": job["status"],
            "container": {} if code is None else {"exitCode": code},
        }
        if job["index"] is not None:
            summary["arrayProperties"] = {"index": job["index"]}
        return summary | ({"statusReason": job["reason"]} if job["reason"] else {})

    def _counts(self, job):
        children = (self.jobs[f"{job['id']}:{n}"] for n in range(job["size"]))
        return dict(Counter(child["status"] for child in children))

    def describe_job_queues(self, request):
        return {
            "jobQueues": [
                {"jobQueueName": n, "jobQueueArn": f"arn:{n}", "priority": 1}
                | {"computeEnvironmentOrder": []}
                | self.queues[n]
                for n in request["jobQueues"]
                if n in self.queues
            ]
        }

    def describe_job_definitions(self, request):
        name = request["jobDefinitionName"]
        facts = {"jobDefinitionArn": "arn:d", "revision": 3, "type": "container"}
        found = name in self.definitions
        return {"jobDefinitions": [facts | {"jobDefinitionName": name}] * found}

    def terminate_job(self, request):
        """An array with all its children; what has ended stays as it is ("TerminateJob")."""
        name = request["jobId"]
        for job in self.jobs.values():
            if job["id"].partition(":")[0] == name and job["status"] not in ENDED:
                job.update(terminated=True, reason=request["reason"])
        if not self.slow_to_stop:
            self._stop()
        return {}

    def _stop(self):
        for job in self.jobs.values():
            if job.get("terminated") and job["status"] not in ENDED:
                job["status"] = "FAILED"

    def _detail(self, job):
        definition = self.definitions[job["request"]["jobDefinition"]]
        detail = {
            "jobId": job["id"],
            "jobName": job["request"]["jobName"],
            "jobQueue": f"arn:{job['request']['jobQueue']}",
            "jobDefinition": f"arn:{job['request']['jobDefinition']}:3",
            "status": job["status"],
            "createdAt": job["created"],
            "startedAt": job["attempts"][0]["startedAt"] if job["attempts"] else 0,
            "attempts": [a for a in job["attempts"] if "stoppedAt" in a],
            "isTerminated": job.get("terminated", False),
        }
        if job["size"]:
            detail["arrayProperties"] = {"size": job["size"], "statusSummary": self._counts(job)}
        if job["index"] is not None:
            detail["arrayProperties"] = {"index": job["index"]}
        if job["reason"]:
            detail["statusReason"] = job["reason"]
        if job["status"] in ENDED and job["attempts"]:
            detail["stoppedAt"] = job["attempts"][-1]["stoppedAt"]
        if job["status"] == "RUNNING":
            detail["startedAt"] = _now() - ATTEMPT_MS
        containers = [self._container(job, name, definition) for name in definition["containers"]]
        if len(containers) == 1:
            return detail | {"container": containers[0]}
        return detail | {"ecsProperties": {"taskProperties": [{"containers": containers}]}}

    def _container(self, job, name, definition):
        needs = {"VCPU": "1", "MEMORY": "2048"} | ({"GPU": "1"} if name == "transcribe" else {})
        view = {
            "image": name,
            "resourceRequirements": [{"type": k, "value": v} for k, v in needs.items()],
            "environment": [
                pair
                for told in _overrides(job["request"])
                if told.get("name", name) == name
                for pair in told.get("environment", [])
            ],
        }
        if name in job["codes"]:
            view["exitCode"] = job["codes"][name]
        if name in job["streams"]:
            view["logStreamName"] = job["streams"][name]
        return view | ({"name": name} if len(definition["containers"]) > 1 else {})

    def state_changes(self):
        """What EventBridge tells of since this was asked last ("AWS Batch events" in its guide).

        An event per job and child whose state is another; states in between are passed over.
        """
        changed = [job for job in self.jobs.values() if job["status"] != self._told.get(job["id"])]
        self._told |= {job["id"]: job["status"] for job in changed}
        return [self._event(job) for job in changed]

    def _event(self, job):
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Batch Job State Change",
            "source": "aws.batch",
            "account": "123456789012",
            "time": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "region": "eu-central-1",
            "resources": [f"arn:{job['id']}"],
            "detail": self._detail(job),
        }

    # --- the machines ---------------------------------------------------------------------

    def work(self, attempts=1000):
        """Run what may run, one attempt after the other, until nothing is left."""
        self._stop()
        while attempts and (job := self._next()):
            self._attempt(job)
            attempts -= 1
        self._settle_parents()

    def _next(self):
        for job in self.jobs.values():
            if job["size"] or job["status"] in ENDED:
                continue
            before = [self._status_before(job, d) for d in job["request"].get("dependsOn", [])]
            if "FAILED" in before:
                job.update(status="FAILED", reason="Dependent Job failed")
            elif all(status == "SUCCEEDED" for status in before):
                return job
            else:
                job["status"] = "PENDING"
        return None

    def _status_before(self, job, dependency):
        name = dependency["jobId"]
        if dependency.get("type") == "N_TO_N":
            name = f"{name}:{job['index']}"
        return self.jobs[name]["status"]

    def _settle_parents(self):
        for job in self.jobs.values():
            if job["size"]:
                of_children = {self.jobs[f"{job['id']}:{i}"]["status"] for i in range(job["size"])}
                if of_children <= set(ENDED):
                    job["status"] = "FAILED" if "FAILED" in of_children else "SUCCEEDED"
                    job["reason"] = "Array Child Job failed" if job["status"] == "FAILED" else None

    def _attempt(self, job):
        attempt = {"startedAt": _now()}
        job["attempts"].append(attempt)
        reason, code = self._run_containers(job)
        attempt.update(stoppedAt=attempt["startedAt"] + ATTEMPT_MS, statusReason=reason)
        attempt.update(self._attempt_view(job))
        job["reason"] = reason
        if code == 0:
            job["status"] = "SUCCEEDED"
        elif len(job["attempts"]) < ATTEMPTS and action_after(code, reason) == "RETRY":
            job["status"] = "RUNNABLE"
        else:
            job["status"] = "FAILED"

    def _run_containers(self, job):
        """Run the containers in their order; the last is the essential one."""
        if self.spot_losses:
            self.spot_losses -= 1
            return "Host EC2 (instance i-0abc) terminated.", None
        if self.start_failures:
            self.start_failures -= 1
            return "Task failed to start", None
        containers = self.definitions[job["request"]["jobDefinition"]]["containers"]
        job["codes"], code = {}, None
        for name, environment in containers.items():
            code = job["codes"][name] = self._run_stage(job, name, environment)
            if code:
                break
        last = job["codes"].get([*containers][-1])
        return "Essential container in task exited", 0 if code == 0 else last

    def _run_stage(self, job, name, environment):
        told = [o for o in _overrides(job["request"]) if o.get("name", name) == name]
        environment = environment | {e["name"]: e["value"] for o in told for e in o["environment"]}
        own = {"AWS_BATCH_JOB_ID": job["id"], "FAKE_CONTROL": str(self.control)}
        if job["index"] is not None:
            own["AWS_BATCH_JOB_ARRAY_INDEX"] = str(job["index"])
        command = [word for o in told for word in o.get("command", [])]
        self._fetch()
        done = subprocess.run(
            [sys.executable, "-IS", str(FAKE), name, *command],
            env={"PATH": os.environ["PATH"]} | environment | own,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )
        self._log(job, name, done.stderr)
        self._publish()
        return done.returncode

    def _attempt_view(self, job):
        views = [
            {"logStreamName": stream, "exitCode": job["codes"].get(name, 0)}
            for name, stream in job["streams"].items()
        ]
        if len(self.definitions[job["request"]["jobDefinition"]]["containers"]) == 1:
            return {"container": views[0] if views else {}}
        named = [view | {"name": name} for view, name in zip(views, job["streams"], strict=True)]
        return {"taskProperties": [{"containers": named}]}

    def _log(self, job, name, text):
        job["streams"][name] = stream = f"batch/{name}/{uuid.uuid4().hex}"
        group = {"logGroupName": self.log_group, "logStreamName": stream}
        self.logs.create_log_stream(**group)
        lines = [{"timestamp": _now(), "message": line} for line in text.splitlines()]
        if lines:
            self.logs.put_log_events(**group, logEvents=lines)

    def _folder(self):
        return self.control / "s3" / self.bucket

    def _fetch(self):
        for found in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", []):
            path = self._folder() / found["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            self.s3.download_file(self.bucket, found["Key"], str(path))

    def _publish(self):
        for path in self._folder().rglob("*"):
            key = str(path.relative_to(self._folder()))
            if path.is_file() and not key.startswith("submissions/"):
                self.s3.upload_file(str(path), self.bucket, key)


def _overrides(request):
    if "containerOverrides" in request:
        return [request["containerOverrides"]]
    tasks = request.get("ecsPropertiesOverride", {}).get("taskProperties", [])
    return [container for task in tasks for container in task["containers"]]


def _now():
    return round(time.time() * 1000)
