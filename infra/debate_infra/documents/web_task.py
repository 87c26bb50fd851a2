"""What ECS is told about the web application's containers, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PORT = 8000
# ECS knows no limit. A run that meets this one is taken up by the next where it was stopped.
CORRECTIONS_SECONDS = 6 * 3600
# Open to the load balancer, and believing the one proxy in front what it says of the visitor.
_LISTENING = {"HOST_ADDRESS": "0.0.0.0", "PORT": str(PORT), "TRUSTED_PROXIES": "1"}  # noqa: S104 - a container's only door is its security group


@dataclass(frozen=True)
class WebTask:
    """What the containers have in common."""

    image: str
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    log_group: str
    region: str


def database_url(host: str, port: int, user: str, database: str) -> str:
    """SQLAlchemy URL without a password: the application takes that from its secret."""
    return f"postgresql+psycopg://{user}@{host}:{port}/{database}?sslmode=require"


def containers(task: WebTask) -> list[dict[str, Any]]:
    """`containerDefinitions`: migrate the database, then serve.

    The load balancer sends nothing to a new version before its migrations are done; if they
    fail, the task stops and the old version goes on.
    """
    migrate = _container(task, "migrate") | {
        "essential": False,
        "command": ["migrate"],
    }
    web = _container(task, "web") | {
        "essential": True,
        "command": ["serve"],
        "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}],
        "portMappings": [{"containerPort": PORT, "hostPort": PORT, "protocol": "tcp"}],
    }
    return [migrate, web]


def corrections(task: WebTask) -> list[dict[str, Any]]:
    """`containerDefinitions`: write what editors corrected into the bucket, and end."""
    bounded = ["timeout", "--kill-after=60", str(CORRECTIONS_SECONDS), "debate-webapp"]
    command = {"essential": True, "entryPoint": bounded, "command": ["corrections"]}
    return [_container(task, "corrections") | command]


def _container(task: WebTask, name: str) -> dict[str, Any]:
    environment = {**_LISTENING, **task.environment}
    return {
        "name": name,
        "image": task.image,
        "entryPoint": ["debate-webapp"],
        "environment": [{"name": k, "value": v} for k, v in sorted(environment.items())],
        "secrets": [{"name": k, "valueFrom": v} for k, v in sorted(task.secrets.items())],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": task.log_group,
                "awslogs-region": task.region,
                "awslogs-stream-prefix": name,
            },
        },
    }
