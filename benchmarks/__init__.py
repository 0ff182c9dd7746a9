"""How fast and how exact this is beside its peers: `make benchmark`, or `python -m benchmarks`.

A module is one comparison: what we do, what others would do, and a value to hold both to that
neither has computed. Each says ``comparisons(quick)``; quick is the same at sizes that take
seconds. :mod:`.measure` times them in turns.
"""
