"""Random deep nets of finite width, drawn exactly, and intervals for what is measured on them.

from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.sampling import propagate
"""
