"""The shortest program that ends Python 3.11, and no later one, if it is run without our collector.

An instance gets its `__dict__`; allocating that collects a garbage node; the callback of the weak
reference to the node asks for the same `__dict__`; there are two over the same values, the first
that grows frees them, and the other goes on. SQLAlchemy's InstanceState is such an instance.
"""

import gc
import sys
import weakref

if "--alone" not in sys.argv:
    from debate_webapp.database.connections.collector import collect_between_transactions

    collect_between_transactions()


class Node:
    """Garbage in a cycle, which only the collector frees."""


class Watcher:
    """Wants its attributes when the node goes."""

    def __init__(self, node: Node) -> None:
        self.name = "watcher"
        self.node = weakref.ref(node, self.gone)

    def gone(self, _node: object) -> None:
        vars(self)["late"] = True


gc.set_threshold(0)
node = Node()
node.me = node
watcher = Watcher(node)
del node
kept = [{} for _ in range(100)]  # none is left that would be used again instead of a new one
gc.set_threshold(1)
attributes = vars(watcher)
for n in range(40):
    attributes[str(n)] = n
gc.collect()
assert "late" in attributes
