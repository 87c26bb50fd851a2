"""The log of a run: JSON lines for machines, plain lines and bars for people."""

from debate_contract.logs.log import Log, is_json

__all__ = ["Log", "is_json"]
