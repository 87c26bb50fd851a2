"""What the stack's job definitions say, as infra has them: places, attempts, when to try again."""

# What infra's definitions say of attempts on Spot (components/batch/jobs.py).
ATTEMPTS = 10
RETRY = [
    {"onExitCode": "75", "action": "RETRY"},
    {"onStatusReason": "Host EC2*", "action": "RETRY"},
    {"onStatusReason": "Task failed to start*", "action": "RETRY"},
    {"onReason": "DockerTimeoutError*", "action": "RETRY"},
    {"onReason": "*", "action": "EXIT"},
]
STAGES = ("download", "transcribe", "stats")


def definition_of(stage, bucket):
    told = {"OUTPUT_S3_PREFIX": f"s3://{bucket}/jobs"} if stage == "download" else {}
    return {"containers": {stage: told}}


def pipeline_of(bucket):
    """What infra/debate_infra/documents/job_definitions.py says of the single job."""
    job = f"s3://{bucket}/jobs/{{job}}"
    return {
        "containers": {
            "download": {"OUTPUT_S3_PREFIX": f"s3://{bucket}/jobs"},
            "transcribe": {"VIDEO_S3_PREFIX": f"{job}/videos", "OUTPUT_S3_PREFIX": job},
            "stats": {"TRANSCRIPTS_S3_PREFIX": f"{job}/transcripts"},
        }
    }


def action_after(code, status_reason):
    """The first rule that fits decides; without one Batch tries again."""
    for rule in RETRY:
        known = {"onExitCode": str(code), "onStatusReason": status_reason, "onReason": ""}
        patterns = ((value, rule[key]) for key, value in known.items() if key in rule)
        if all(_fits(value, pattern) for value, pattern in patterns):
            return rule["action"]
    return "RETRY"


def _fits(value, pattern):
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern
