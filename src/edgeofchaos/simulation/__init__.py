"""Random deep nets of finite width, drawn exactly, and intervals for what is measured on them.

``inputs.pair_inputs`` and ``sampling.propagate`` are what one begins with.
"""
