"""Streams differ where one of their names does, and are the same on every machine."""

from edgeofchaos.simulation.streams import stream


def test_streams_of_different_names_differ():
    assert len({stream(s, name) for s in range(50) for name in ("a", "b")}) == 100
    assert stream("a", "b") != stream("b", "a")


def test_a_stream_is_the_first_63_bits_of_a_sha_256():
    # printf 'abc' | sha256sum: ba7816bf8f01cfea...
    assert stream("abc") == 0xBA7816BF8F01CFEA >> 1
