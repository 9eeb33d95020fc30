"""What ends ranks: `argv[1]` says what happens. Rank 1 misbehaves; the others say what they saw."""

import os
import signal
import sys
import time

import numpy as np

from kerasish.backend import ranks

what = sys.argv[1]
if os.environ["OMPI_COMM_WORLD_RANK"] == "1":
    print(f"rank 1 is the process {os.getpid()}", flush=True)
    if what == "dies early":
        os.kill(os.getpid(), signal.SIGKILL)
world = ranks.start(timeout={"stops": 2.0, "loops": 2.0, "dies early": 0.3, "dies unheard": 2.0}.get(what, 60.0))
world.barrier()
if world.rank == 2 and what == "stops":
    with ranks.slowly():  # which is no hanging
        time.sleep(4)
if world.rank == 1:
    if what == "stops":
        os.kill(os.getpid(), signal.SIGSTOP)
    while what == "loops":
        pass
    if what == "dies unheard":
        os.kill(os.getppid(), signal.SIGSTOP)  # mpiexec
    if what == "raises":
        raise ValueError("rank 1 has a bug")
    os.kill(os.getpid(), signal.SIGKILL)
try:
    for _ in range(3):
        world.all_reduce(np.ones(1000))
except ranks.RankTimeout as timeout:
    print(f"rank {world.rank} noticed: {timeout}", flush=True)
    os.kill(os.getppid(), signal.SIGCONT)
    raise
except ranks.RankLost as lost:
    print(f"rank {world.rank} noticed: {lost}", flush=True)
    try:
        ranks.recover(7, min_workers=3)
    except ranks.TooFewRanks as few:
        print(f"{ranks.world()} writes step {few.recovery.step}: {few}", flush=True)
        raise
