"""1,000 small tasks of dask from a scaled console of this computer, against a `LocalCluster` made by hand.

Both are encrypted; the console connects with what it gets by "Scale this console".
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from bench._deploy import CLUSTER_PYTHON, this_computer
from bench.measure import Result
from ide.deploy.cluster.plain import plain

_CODE = """\
import json, sys, time
from distributed import Client, LocalCluster
from distributed.security import Security

def taken(client):
    client.wait_for_workers(2)
    started = time.perf_counter()
    client.gather(client.map(lambda x: x + 1, range(1000), pure=False))
    return time.perf_counter() - started

if __name__ == "__main__":
    known, runs = json.load(open(sys.argv[1])), int(sys.argv[2])
    own = Security(require_encryption=True, tls_ca_file=known["ca_file"], tls_client_cert=known["certificate_file"],
                   tls_client_key=known["key_file"])
    ours, by_hand = [], []
    with LocalCluster(n_workers=2, threads_per_worker=1, security=Security.temporary(), dashboard_address=None,
                      host="127.0.0.1") as cluster:
        with Client(known["address"], security=own) as first, Client(cluster) as second:
            for turn in range(runs + 1):
                pair = taken(first), taken(second)
                if turn:
                    ours.append(pair[0])
                    by_hand.append(pair[1])
    print(json.dumps([ours, by_hand]))
"""


def measure(runs: int) -> Result:
    """In turns; one warm-up."""
    with tempfile.TemporaryDirectory(prefix="fp-bench-") as name:
        folder = Path(name)
        script = folder / "tasks.py"
        script.write_text(_CODE, "utf-8")
        with this_computer(folder / "targets", workers=0) as target:
            cluster = target.start_cluster({"workers": 2, "python": str(CLUSTER_PYTHON), "folder": name})
            known = folder / "link.json"
            known.write_text(json.dumps(plain(target.link(cluster))), "utf-8")
            said = subprocess.run(
                [CLUSTER_PYTHON, script, known, str(runs)], cwd=folder, check=True, stdout=subprocess.PIPE
            )
            target.end_cluster(cluster)
            ours, by_hand = json.loads(said.stdout)
    return Result.of(ours, "s", by_hand)
