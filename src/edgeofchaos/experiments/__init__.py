"""The paper's untrained networks, simulated: each module returns the rows of its tables."""
