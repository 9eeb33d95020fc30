"""How training would scale: 1 to 256 ranks, simulated from what one rank and one message cost.

    python -m kerasish launch -n 2 --threads 1 benchmarks/rank_steps.py resnet50 --json two.json
    python -m kerasish launch -n 2 --threads 1 benchmarks/scaling.py --messages messages.json
    python benchmarks/scaling.py --real two.json four.json --messages messages.json --cores 2
    python benchmarks/scaling.py                                       # the published run alone

A step is the forward pass, the backward pass, which finishes a bucket of gradients after another, and the update. A
bucket of b bytes is summed by a ring of R ranks in 2 (R - 1) messages of b / R bytes, one bucket at a time, beside the
backward pass. Ranks of one machine send nothing: they read one another's gradients, at what its memory gives all of
them, and the update waits for that. All wait for the slowest: of R steps with a relative spread s the slowest takes
about 1 + s sqrt(2 ln R). On a machine with fewer cores than ranks, they take turns.

Published: TensorFlow 1.0 trained InceptionV3 58 times as fast on 64 GPUs as on one (February 2017), on 8 machines of 8
K80 each, at about 30 pictures a second and GPU, 64 in a batch, on a network of 20 Gbit/s. GPUs of one machine add up
their gradients first, so that a ring has as many members as there are machines.
"""

import argparse
import json
import math
import statistics
import time

import numpy as np

from kerasish.backend import ranks

RANKS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
BUCKET = 25 << 20
FORWARD, BACKWARD = 0.33, 0.64  # shares of a step; the rest is the update
PUBLISHED = {"seconds": 64 / 30, "bytes": 4 * 23.9e6, "latency": 50e-6, "bandwidth": 20e9 / 8, "members": 8}
READINGS = 2  # of all gradients: two ranks read one another's; of more each reads a part of all, and then the sums
SPREAD = 0.03  # of the seconds of a step, assumed for clouds


def ring(size, members, latency, bandwidth):
    """Seconds in which `members` sum `size` bytes."""
    return 2 * (members - 1) * (latency + size / members / bandwidth) if members > 1 else 0.0


def step(seconds, size, count, *, latency, bandwidth, spread=0.0, cores=None, members=1, memory=None):
    """Seconds of a step of `count` ranks, each of which takes `seconds` alone.

    Args:
        seconds: float. size: bytes of the gradients. count: ranks. latency: seconds of a message. bandwidth: bytes a
        second. spread: of the seconds of a step, relative. cores: how many there are for all ranks; None: each its own.
        members: ranks of one machine, which a ring counts as one. memory: bytes a second that a rank reads while all
        do, where all are on one machine and see one another's gradients; None: they are summed by a ring.
    """
    turns = max(1.0, count / cores) if cores else 1.0
    slowest = 1 + spread * math.sqrt(2 * math.log(count)) if count > 1 else 1.0
    seconds = seconds * turns * slowest
    if memory is not None:
        return seconds + (turns * READINGS * size / memory if count > 1 else 0.0)
    buckets = max(1, round(size / BUCKET))
    free = seconds * FORWARD
    for number in range(buckets):
        ready = seconds * (FORWARD + BACKWARD * (number + 1) / buckets)
        free = max(free, ready) + ring(size / buckets, math.ceil(count / members), latency, bandwidth)
    return max(free, seconds * (FORWARD + BACKWARD)) + seconds * (1 - FORWARD - BACKWARD)


def measured_messages():
    """Latency and bandwidth between the ranks of this program, fitted to sums of few and of many bytes."""
    world = ranks.start(timeout=300.0)

    def seconds(count, times):
        array = np.ones(count, "float32")
        found = []
        for _ in range(times):
            world.barrier()
            before = time.perf_counter()
            world.all_reduce(array)
            found.append(time.perf_counter() - before)
        return statistics.median(found)

    small, large = seconds(1, 200), seconds(BUCKET // 4, 15)
    hops = 2 * (world.size - 1)
    bandwidth = hops * BUCKET / world.size / max(large - small, 1e-9)
    found = {"ranks": world.size, "latency": small / hops, "bandwidth": bandwidth, "memory": measured_memory(world)}
    return found if world.rank == 0 else None


def measured_memory(world, times=15):
    """Bytes a second that each rank reads of what another has just made, all at once; None where they can't."""
    if world.common is None:
        return None
    own, other = (world.common.own((world.rank + i) % world.size, 0, (BUCKET,), "float32") for i in (0, 1))
    found = []
    for turn in range(times):
        own[...] = turn
        world.barrier()
        before = time.perf_counter()
        own.sum(), other.sum()
        found.append(time.perf_counter() - before)
        world.barrier()
    return 2 * own.nbytes / statistics.median(found)


def table(title, seconds, size, **costs):
    """The table of one machine, as lines."""
    lines = [title, f"{'ranks':>8}{'step ms':>10}{'speedup':>10}{'efficiency':>12}"]
    for count in RANKS:
        took = step(seconds, size, count, **costs)
        lines.append(f"{count:>8}{took * 1e3:>10.1f}{count * seconds / took:>10.1f}{seconds / took:>12.1%}")
    return lines


def beside_real_runs(rows, messages, cores):
    """Lines: what was measured on this machine, and what the simulation says of it."""
    lines = [f"{'workload':14}{'ranks':>6}{'alone ms':>10}{'real ms':>10}{'simulated':>11}{'ratio':>8}"]
    for row in rows:
        costs = {"latency": messages["latency"], "bandwidth": messages["bandwidth"], "spread": row["spread"]}
        if row["seen"]:
            costs["memory"] = messages["memory"]
        found = step(row["seconds_alone"], row["bytes"], row["ranks"], cores=cores, **costs)
        lines.append(
            f"{row['workload']:14}{row['ranks']:>6}{row['seconds_alone'] * 1e3:>10.1f}"
            f"{row['seconds_together'] * 1e3:>10.1f}{found * 1e3:>11.1f}{found / row['seconds_together']:>8.2f}"
        )
    return lines


def published():
    """(lines, simulated speedups on 64 GPUs without and with a spread) of TensorFlow 1.0's InceptionV3."""
    given = dict(PUBLISHED)
    seconds, size = given.pop("seconds"), given.pop("bytes")
    found = 64 * seconds / step(seconds, size, 64, **given)
    uneven = 64 * seconds / step(seconds, size, 64, spread=SPREAD, **given)
    lines = table("InceptionV3 on K80s, 8 a machine, 20 Gbit/s between machines", seconds, size, **given)
    said = f"64 GPUs: {found:.1f} times one if all steps take the same, {uneven:.1f} with a spread of {SPREAD:.0%}"
    return [*lines, f"{said}; published, by parameter servers: 58"], (found, uneven)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", metavar="FILE", help="of message costs: written by ranks, else read")
    parser.add_argument("--real", nargs="*", default=[], metavar="FILE", help="written by rank_steps.py --json")
    parser.add_argument("--cores", type=int, help="of this machine, for all ranks")
    parser.add_argument("--latency", type=float, help="seconds of a message, in place of the measured one")
    parser.add_argument("--bandwidth", type=float, help="bytes a second, in place of the measured one")
    options = parser.parse_args()
    if ranks.launched():
        found = measured_messages()
        if found is not None:
            memory = "" if found["memory"] is None else f", {found['memory'] / 1e9:.1f} GB/s out of common memory"
            print(f"{found['latency'] * 1e6:.0f} us a message, {found['bandwidth'] / 1e9:.2f} GB/s{memory}")
            if options.messages:
                with open(options.messages, "w") as file:
                    json.dump(found, file)
        return
    lines, _ = published()
    print("\n".join(lines))
    if options.real:
        with open(options.messages) as file:
            messages = json.load(file)
        rows = [row for name in options.real for row in json.load(open(name))]
        print("\n" + "\n".join(beside_real_runs(rows, messages, options.cores)))
        costs = {key: getattr(options, key) or messages[key] for key in ("latency", "bandwidth")}
        for row in {row["workload"]: row for row in rows}.values():
            title = (
                f"{row['workload']}, a core a rank, {costs['latency'] * 1e6:.0f} us and {costs['bandwidth']:.3g} B/s"
            )
            print("\n" + "\n".join(table(title, row["seconds_alone"], row["bytes"], **costs)))


if __name__ == "__main__":
    main()
