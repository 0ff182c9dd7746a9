"""Deep kernels by `neural-tangents`, in its own environment: a process that answers on a pipe.

It reads one JSON object (inputs, depth, sigmas, degree, dtype, cores), says "ready", and then for
each line "run" computes both kernels and says how far its memory rose, in MiB; for "answer PATH" it
saves them. It imports nothing of this project, which its environment does not have.
"""

import json
import os
import sys

TASK = json.loads(sys.stdin.readline())
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: TASK["cores"]])
os.environ |= {"JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": str(int(TASK["dtype"] == "float64"))}

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from memory import Peak  # noqa: E402  beside this file; needs the standard library alone
from neural_tangents import stax  # noqa: E402


def net():
    """The kernel function of tanh layers; the derivative is given, which speeds up the NTK."""
    dense = stax.Dense(1, W_std=TASK["sigma_w"], b_std=TASK["sigma_b"], parameterization="ntk")
    phi = stax.ElementwiseNumerical(jnp.tanh, TASK["degree"], df=lambda u: 1 / jnp.cosh(u) ** 2)
    return stax.serial(*[dense, phi] * TASK["depth"], dense)[2]


def main():
    kernel = jax.jit(lambda x: net()(x, None, ("nngp", "ntk")))
    x = jnp.asarray(np.load(TASK["inputs"]), dtype=TASK["dtype"])
    found = None
    print("ready", flush=True)
    for line in sys.stdin:
        word, _, path = line.strip().partition(" ")
        if word == "run":
            with Peak() as peak:
                found = jax.block_until_ready(kernel(x))
            print(peak.mib, flush=True)
        else:
            np.savez(path, nngp=found.nngp, ntk=found.ntk)
            print("saved", flush=True)


main()
