"""What is asked of AWS, counted."""

from collections import Counter
from contextlib import contextmanager
from unittest import mock

from botocore.client import BaseClient


@contextmanager
def calls():
    """Count what is asked of AWS meanwhile, by operation."""
    counted, asked = Counter(), BaseClient._make_api_call

    def count(client, operation, arguments):
        counted[operation] += 1
        return asked(client, operation, arguments)

    with mock.patch.object(BaseClient, "_make_api_call", count):
        yield counted
