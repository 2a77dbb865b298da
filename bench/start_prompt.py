"""Process start to a prompt that can execute, against `start_new_kernel` and its first reply in a bare script.

The start is that of somebody who comes back, as in `start_window`.
"""

from __future__ import annotations

from bench._program import BARE_KERNEL, bare_kernelspec, bare_seconds, seconds_to, used_profile
from bench.measure import Result


def measure(runs: int) -> Result:
    """In turns, one warm-up of each; the same kernel environment on both sides."""
    ours: list[float] = []
    bare: list[float] = []
    with bare_kernelspec() as environment, used_profile() as profile:
        for turn in range(runs + 1):
            own = seconds_to("prompt", profile=profile)
            other = bare_seconds(BARE_KERNEL, "prompt", **environment)
            if turn:
                ours.append(own)
                bare.append(other)
    return Result.of(ours, "s", bare)
