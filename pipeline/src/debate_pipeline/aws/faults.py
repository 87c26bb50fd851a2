"""What AWS refuses or fails to do, where the stack is what mends it."""

from contextlib import AbstractContextManager

from debate_contract.errors import UsageFault
from debate_contract.storage import Fault
from debate_contract.storage import explained as explained_of

OURS = {
    "missing": Fault(UsageFault, "the bucket of {thing} does not exist (any more): run `make up`"),
    "elsewhere": Fault(UsageFault, "the bucket of {thing} is in another region: run `make up`"),
}


def explained(region: str) -> AbstractContextManager[None]:
    """Turn what botocore raises meanwhile into our errors."""
    return explained_of(f"the stack in {region}", OURS)
