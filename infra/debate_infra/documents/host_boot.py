"""What a machine does before it takes jobs, as the user data of its launch template.

Batch wants MIME parts ("Use Amazon EC2 launch templates with AWS Batch"); the ECS agent, and with
it the first job, starts after the script has ended.
"""

import base64

# Where the weights lie on the machine; jobs see the folder under the same path.
WEIGHTS = "/var/lib/debate/models"
# The user that the images run as (their Dockerfiles).
JOB_USER = 10001

# Batch runs jobs of a single container in the machine's own network ("Networking modes for AWS
# Batch jobs"), where a hop limit does not keep them from the machine's credentials, and the ECS
# agent, which is root, needs the address. So it is closed to the user of our containers.
_NO_METADATA = f"""\
iptables --insert OUTPUT --destination 169.254.169.254 --match owner --uid-owner {JOB_USER} \\
  --jump REJECT
"""

# Names of the ECS agent's parameters: "Amazon ECS container agent configuration". What a job wrote
# goes when it ends instead of three hours later, and tags of our images never move.
_AGENT = """\
cat >> /etc/ecs/ecs.config <<'END'
ECS_AWSVPC_BLOCK_IMDS=true
ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION=1m
ECS_IMAGE_PULL_BEHAVIOR=prefer-cached
END
"""


def user_data(bucket: str, region: str) -> str:
    """The script in MIME, base64: machines with a GPU fetch the weights, once for all jobs."""
    script = f"#!/bin/bash\n{_NO_METADATA}{_AGENT}{_fetch_weights(bucket, region)}"
    parts = (
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="==DEBATE=="\n\n'
        '--==DEBATE==\nContent-Type: text/x-shellscript; charset="us-ascii"\n\n'
        f"{script}\n--==DEBATE==--\n"
    )
    return base64.b64encode(parts.encode("ascii")).decode("ascii")


def _fetch_weights(bucket: str, region: str) -> str:
    """Where a try fails the next goes on; a job whose weights are missing says which."""
    sync = f"aws s3 sync --region {region} --only-show-errors s3://{bucket}/models {WEIGHTS}"
    return f"""\
mkdir -p {WEIGHTS}
if command -v nvidia-smi >/dev/null; then
  command -v aws >/dev/null || dnf install --assumeyes awscli-2
  for pause in 1 5 15 30 60; do {sync} && break; sleep $pause; done
fi
"""
