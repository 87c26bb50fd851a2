"""The database's password, where AWS keeps it and replaces it while the site runs."""

import json
from typing import Any

from sqlalchemy import Engine, event


class KeptPassword:
    """The password in a secret of RDS: asked for once, and again when the database refuses it."""

    def __init__(self, secret_arn: str) -> None:
        self._arn, self._known = secret_arn, ""

    def serve(self, engine: Engine) -> None:
        """Sign every new connection of the engine in."""
        event.listen(engine, "do_connect", self._connect)

    def _connect(self, dialect: Any, _record: object, args: Any, options: dict[str, Any]) -> Any:
        if self._known:
            try:
                return dialect.connect(*args, **options, password=self._known)
            except dialect.loaded_dbapi.OperationalError:
                pass  # replaced meanwhile, or the database is away, as the next line shows
        password = self._read()
        connection = dialect.connect(*args, **options, password=password)
        self._known = password
        return connection

    def _read(self) -> str:
        import boto3
        from botocore.config import Config

        # The secret's own region stands in its name.
        region = self._arn.split(":")[3]
        patience = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
        client = boto3.client("secretsmanager", region_name=region, config=patience)
        return str(
            json.loads(client.get_secret_value(SecretId=self._arn)["SecretString"])["password"]
        )
