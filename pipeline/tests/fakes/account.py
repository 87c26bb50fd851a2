"""A stack on loopback as a program, for tests of the whole tree: `account.py FOLDER SITE KEY`.

The first line that it says is the environment of who works there. Then each line that it is given
is an order, a JSON list, and each that it says the answer: `["debate", "submit", URL]` runs the
command; `["order", STAGE, WHAT]` tells a stage what to do; `["work"]` runs what may run and sends
to SITE, as EventBridge would, those of Batch's events that infra's patterns select.
"""

import json
import shutil
import sys
import urllib.error
import urllib.request
from pathlib import Path

from cloud import Cloud
from debate_contract.testing import serving_aws
from house import House

TREE = Path(__file__).parents[3]
sys.path[:0] = [str(TREE / "infra"), str(TREE / "infra" / "tests" / "support")]

from debate_infra.documents import events  # noqa: E402
from event_patterns import fits  # noqa: E402

TRANSCRIPT = TREE / "contracts" / "transcript" / "examples" / "two-speakers.json"


class Account:
    def __init__(self, folder, endpoint, site, key):
        (folder / "figures").touch()
        self.house = House(folder, folder / "figures")
        shutil.copy(TRANSCRIPT, self.house.control / "transcript.json")
        self.cloud = Cloud(self.house, endpoint, folder)
        self.site, self.key = site, key
        queues = [f"arn:{name}" for name in self.cloud.batch.queues]
        finished = events.finished_debates(["arn:d-stats", "arn:d-pipeline"])
        self.patterns = (finished, events.failed_jobs(queues))

    def debate(self, *arguments):
        return self.cloud.debate(*arguments).returncode

    def order(self, stage, *orders):
        self.house.order(stage, *orders)

    def work(self):
        """Return what the site answered, and how many events nobody asked for."""
        self.cloud.batch.work()
        changes = self.cloud.batch.state_changes()
        sent = [event for event in changes if any(fits(one, event) for one in self.patterns)]
        return {"answers": [self._tell(event) for event in sent], "left": len(changes) - len(sent)}

    def _tell(self, event):
        request = urllib.request.Request(
            f"{self.site}/events/batch",
            json.dumps(event).encode(),
            {"Content-Type": "application/json", "X-Event-Key": self.key},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main():
    folder, site, key = sys.argv[1:]
    with serving_aws() as endpoint:
        account = Account(Path(folder), endpoint, site, key)
        say(account.cloud.environment())
        for line in sys.stdin:
            name, *rest = json.loads(line)
            say(getattr(account, name)(*rest))


if __name__ == "__main__":
    main()
