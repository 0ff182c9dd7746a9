"""Names of the built-in activations and their parameters' defaults; importable without torch."""

BUILTINS: dict[str, dict[str, float]] = {
    "relu": {},
    "leaky_relu": {"negative_slope": 0.01},
    "identity": {},
    "tanh": {},
    "arctan": {},
    "erf": {},
    "hardtanh": {},
    "sigmoid": {},
    "swish": {"beta": 1.0},
    "elu": {"alpha": 1.0},
    "selu": {},
    "softplus": {},
    "shifted_softplus": {},
    "gelu": {},
    "mish": {},
    "x_plus_half_tanh": {},
}
