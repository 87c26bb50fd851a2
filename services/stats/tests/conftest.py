"""S3 on loopback."""

import pytest
from hypothesis import settings

pytest_plugins = ["debate_contract.testing"]

# Two suites run side by side, so no time by the clock says anything.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture
def bucket(aws):
    """boto3's resource of an empty bucket."""
    return aws.resource("s3").Bucket("debates")
