"""Streams differ where one of their names does, and are the same on every machine."""

import numpy as np

from edgeofchaos.simulation.streams import stream


def test_streams_of_different_names_differ():
    assert len({stream(s, name) for s in range(50) for name in ("a", "b")}) == 100
    assert stream("a", "b") != stream("b", "a")


def test_a_stream_is_the_first_63_bits_of_a_sha_256():
    # printf 'abc' | sha256sum: ba7816bf8f01cfea...
    assert stream("abc") == 0xBA7816BF8F01CFEA >> 1


def test_the_last_digits_of_a_computed_sigma_do_not_count():
    assert stream(0, "a", 0.1 + 0.2) == stream(0, "a", 0.3) == stream(0, "a", np.float64(0.3))
    assert stream(0, "a", 0.30000001) != stream(0, "a", 0.3)
    assert stream(0, 10**17) != stream(0, 10**17 + 1)
