"""Every public function: a wrong argument is one line with its name, an odd one is understood."""

import math
import re
import warnings

import numpy as np
import pytest
import torch
import wrong_arguments as args

import edgeofchaos as eoc
from edgeofchaos.arguments import number, one_line, shown
from edgeofchaos.practice.init import draw
from edgeofchaos.simulation.devices import pick_device
from edgeofchaos.simulation.gradients import mean_squared_gradients
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.scaling import input_scale
from edgeofchaos.theory import bottleneck, edge, gaussian, pairs, phases, relu_like, stability
from edgeofchaos.theory.counterexamples import oscillating_point, saturated_swish
from edgeofchaos.theory.opposite import bounds_on_layers, layers_to_orthogonal
from edgeofchaos.theory.recursion import log_spaced_layers

PHI = eoc.activation("tanh")
POINT = args.POINT
FMAP = eoc.variance_map("tanh", 0.2, 1.3)
CMAP = eoc.correlation_map("tanh", POINT)
SIGMAS = {"sigma_b": 0.2, "sigma_w": 1.3}
RUN = propagate("tanh", 0.2, 1.3, torch.ones(2, 2), [3, 3])


# Wrong where inputs are asked for, two rows or more; None is right.
NO_ROWS = [v for v in [*args.NO_ARRAYS, 0.5, [0.5], np.ones((2, 0)), np.zeros((2, 3)),
                       np.full((2, 3), 1e200), np.ones((1, 3)), np.ones((4, 3))]
           if v is not None]  # fmt: skip


NO_WIDTHS = [v for v in [*args.NO_NUMBERS, 0, -1, 2.5, 3.0, "10", 2**31] if v is not None]


def is_one_row(value):
    """Rows that are alike are right where no correlation is taken."""
    return isinstance(value, np.ndarray) and value.shape in ((1, 3), (4, 3))


def ranked(**changed):
    return eoc.rank_activations(**{"depth": 3, "activations": ["relu"], **changed})


def net():
    return torch.nn.Linear(3, 2)


def pair(**changed):
    given = {"sigma_b": 0.2, "sigma_w": 1.3, "q_a": 1.0, "q_b": 0.5, "gamma": 0.5, "layers": 3}
    return eoc.pair_trajectory("tanh", **{**given, **changed})


def nets(function, **changed):
    given = {"phi": "tanh", "sigma_b": 0.2, "sigma_w": 1.3, "inputs": torch.ones(2, 2)}
    return function(**{**given, "widths": [3, 3], **changed})


def scale(**changed):
    given = {"squares": [1.0, 2.0], "q": 1.0, "sigma_b": 0.1, "sigma_w": 1.3}
    return input_scale(**{**given, **changed})


def kernels(**changed):
    given = {"phi": "tanh", "X": [[1.0, 2.0]], "depth": 2, "sigma_b": 0.2, "sigma_w": 1.3}
    return eoc.kernel(**{**given, **changed})


def fitted(**changed):
    return eoc.KernelRegression("relu", depth=1, **changed).fit([[1.0], [-2.0]], [1.0, 2.0])


def profiled(**changed):
    return eoc.profile(**{"model": net(), "inputs": torch.ones(2, 3), **changed})


def ends(depth=20, start=0.04, low=1.5, high=1.9):
    return bottleneck.edge_at_depth("swish", 0.2, depth, start, low, high)


# What is called, the argument's name, the function of that argument, and its wrong values.
TABLE = [
    ("activation", "activation|name", eoc.activation, args.NO_NAMES),
    ("activation", "kinks", lambda v: eoc.activation("torch:abs", kinks=v), args.NO_KINKS),
    ("activation", "beta", lambda v: eoc.activation("swish", beta=v), args.NO_NUMBERS),
    ("Activation", "name", lambda v: eoc.Activation(v, torch.tanh),
     [None, 3, True, "", " ", b"a", ["a"], "a\nb", args.Own()]),
    ("Activation", "fn|activation 'mine'", lambda v: eoc.edge_point(eoc.Activation("mine", v), 0.2),
     args.NO_FUNCTIONS),
    ("Activation", "kinks", lambda v: eoc.Activation("mine", torch.tanh, v), args.NO_KINKS),
    ("Activation()", "x", PHI, [None, True, "0.2", "", 1j, {}, args.Own(), [0.5, None], [0.5, True],
     [[0.5], [0.1, 0.2]], np.array(["a"]), np.array([0.5j]), np.array([None])]),
    ("Activation.derivatives", "u", PHI.derivatives, args.NO_ARRAYS),
    ("Activation.one_sided", "point", PHI.one_sided, [*args.NO_NUMBERS, 1e308]),
    ("Activation.add_kinks", "points",
     lambda v: eoc.Activation("mine", torch.tanh).add_kinks(v), args.NO_KINKS),
    ("edge_point", "activation|name", lambda v: eoc.edge_point(v, 0.2), args.NO_NAMES),
    ("edge_point", "sigma_b", lambda v: eoc.edge_point("tanh", v), args.NO_SIGMAS),
    ("edge_points", "sigma_b", lambda v: edge.edge_points("tanh", v), args.NO_SIGMAS),
    ("edge_or_none", "sigma_b", lambda v: edge.edge_or_none("relu", v), args.NO_SIGMAS),
    ("edge_or_at_zero", "sigma_b", lambda v: edge.edge_or_at_zero("relu", v), args.NO_SIGMAS),
    ("edge_curve", "sigma_bs", lambda v: eoc.edge_curve("tanh", v), args.NO_SIGMA_LISTS),
    ("variance_map", "sigma_b", lambda v: eoc.variance_map("tanh", v, 1.0), args.NO_SIGMAS),
    ("variance_map", "sigma_w", lambda v: eoc.variance_map("tanh", 0.2, v), args.NO_SIGMAS),
    ("VarianceMap()", "x", FMAP, args.NO_VARIANCE_ARRAYS),
    ("VarianceMap.chi1", "x", FMAP.chi1, args.NO_VARIANCE_ARRAYS),
    ("VarianceMap.derivative", "x", FMAP.derivative, [*args.NO_VARIANCE_ARRAYS, 0.0]),
    ("VarianceMap.limit", "start", FMAP.limit, args.NO_VARIANCES),
    ("VarianceMap.trajectory", "start", lambda v: FMAP.trajectory(v, 3), args.NO_VARIANCE_ARRAYS),
    ("VarianceMap.trajectory", "layers", lambda v: FMAP.trajectory(1.0, v), args.NO_COUNTS),
    ("depth_scales", "sigma_b", lambda v: eoc.depth_scales("tanh", v, 1.0), args.NO_SIGMAS),
    ("depth_scales", "sigma_w", lambda v: eoc.depth_scales("tanh", 0.2, v), args.NO_SIGMAS),
    ("CorrelationMap", "q", lambda v: eoc.CorrelationMap(PHI, v, 0.2, 1.3), args.NO_VARIANCES),
    ("CorrelationMap", "sigma_b", lambda v: eoc.CorrelationMap(PHI, 1.0, v, 1.3), args.NO_SIGMAS),
    ("CorrelationMap", "sigma_w", lambda v: eoc.CorrelationMap(PHI, 1.0, 0.2, v), args.NO_SIGMAS),
    ("CorrelationMap", "q", lambda v: eoc.CorrelationMap(PHI, 0.0, 0.0, v), [0.5, 2.0]),
    ("correlation_map", "point", lambda v: eoc.correlation_map("tanh", v), args.NO_POINTS),
    ("CorrelationMap()", "c", CMAP, [*args.NO_ARRAYS, 1.1, [0.0, -1.1]]),
    ("CorrelationMap.complement", "gamma", CMAP.complement, [*args.NO_ARRAYS, 2.1, [-0.1]]),
    ("CorrelationMap.ratio", "gamma", CMAP.ratio, [*args.NO_ARRAYS, 2.1, [-0.1]]),
    ("CorrelationMap.derivative", "c", CMAP.derivative, [*args.NO_ARRAYS, 1.1]),
    ("CorrelationMap.derivative", "order", lambda v: CMAP.derivative(0.5, v), args.NO_COUNTS),
    ("edge_rate", "point", lambda v: eoc.edge_rate("tanh", v), args.NO_POINTS),
    ("identity_distance", "point", lambda v: eoc.identity_distance("tanh", v), args.NO_POINTS),
    ("complement_trajectory", "cmap", lambda v: eoc.complement_trajectory(v, 0.5, [1]),
     [None, 3, "tanh", POINT, FMAP, lambda x: x]),
    ("complement_trajectory", "gamma",
     lambda v: eoc.complement_trajectory(CMAP, v, [1, 2]), args.NO_GAMMAS),
    ("complement_trajectory", "record",
     lambda v: eoc.complement_trajectory(CMAP, 0.5, v), args.NO_RECORDS),
    ("pair_trajectory", "sigma_b", lambda v: pair(sigma_b=v), args.NO_SIGMAS),
    ("pair_trajectory", "sigma_w", lambda v: pair(sigma_w=v), args.NO_SIGMAS),
    ("pair_trajectory", "q_a", lambda v: pair(q_a=v), [*args.NO_VARIANCES, 0]),
    ("pair_trajectory", "q_b", lambda v: pair(q_b=v), [*args.NO_VARIANCES, 0]),
    ("pair_trajectory", "gamma", lambda v: pair(gamma=v), args.NO_GAMMAS),
    ("pair_trajectory", "layers", lambda v: pair(layers=v), args.NO_COUNTS),
    ("log_spaced_layers", "layers", log_spaced_layers, args.NO_COUNTS),
    ("log_spaced_layers", "per_decade", lambda v: log_spaced_layers(9, v), args.NO_COUNTS),
    ("limiting_phases", "sigma_b", lambda v: eoc.limiting_phases("tanh", v),
     [*args.NO_POSITIVES, 1e-320, 1e6]),
    ("has_edge_at_limit", "sigma_b", lambda v: stability.has_edge_at_limit("tanh", v),
     args.NO_SIGMAS),
    ("stable_point", "above", lambda v: stability.stable_point("swish", v), args.NO_POSITIVES),
    ("map_at_limit", "sigma_w", lambda v: phases.map_at_limit(PHI, 0.2, v), args.NO_SIGMAS),
    ("bottleneck", "sigma_w", lambda v: bottleneck.bottleneck("swish", 0.2, v), args.NO_SIGMAS),
    ("edge_depth", "start", lambda v: bottleneck.edge_depth(FMAP, v, 9), args.NO_VARIANCES),
    ("edge_depth", "most", lambda v: bottleneck.edge_depth(FMAP, 1.0, v), args.NO_COUNTS),
    ("edge_at_depth", "depth", lambda v: ends(depth=v), args.NO_COUNTS),
    ("edge_at_depth", "start", lambda v: ends(start=v), args.NO_VARIANCES),
    ("edge_at_depth", "low", lambda v: ends(low=v), args.NO_SIGMAS),
    ("edge_at_depth", "high", lambda v: ends(high=v), args.NO_SIGMAS),
    ("second_moment", "q", lambda v: gaussian.second_moment(PHI, v),
     [*args.NO_VARIANCE_ARRAYS, 0.0]),
    ("squared_difference", "x", lambda v: pairs.squared_difference(PHI, v, 1.0, 1.0),
     [*args.NO_VARIANCES, 0]),
    ("product", "theta", lambda v: pairs.product(PHI, 1.0, 1.0, v), [*args.NO_NUMBERS, -1, 3.2]),
    ("relu_like", "above", lambda v: relu_like.relu_like(v, 0.0), args.NO_NUMBERS),
    ("relu_correlation_map", "c", relu_like.relu_correlation_map, [*args.NO_ARRAYS, 1.1]),
    ("decay_coefficient", "below", lambda v: relu_like.decay_coefficient(1.0, v),
     [*args.NO_NUMBERS, 1.0]),
    ("relu_deficit", "theta", relu_like.relu_deficit, [*args.NO_ARRAYS, -1.0, 3.2]),
    ("oscillating_point", "q", oscillating_point, [*args.NO_POSITIVES, 0.2]),
    ("saturated_swish", "ceiling", saturated_swish, args.NO_POSITIVES),
    ("layers_to_orthogonal", "most", lambda v: layers_to_orthogonal(CMAP, v), args.NO_COUNTS),
    ("bounds_on_layers", "at_zero", lambda v: bounds_on_layers(v, odd=True), args.NO_POSITIVES),
    ("recommend", "depth", lambda v: eoc.recommend("relu", v), args.NO_COUNTS),
    ("recommend", "activation|name", lambda v: eoc.recommend(v, 3), args.NO_NAMES),
    ("recommend", "width", lambda v: eoc.recommend("relu", 3, width=v),
     NO_WIDTHS),
    ("recommend", "inputs", lambda v: eoc.recommend("relu", 3, inputs=v), NO_ROWS),
    ("recommend", "band", lambda v: eoc.recommend("relu", 3, band=v), [*args.NO_POSITIVES, 1, 0.5]),
    ("recommend", "probability", lambda v: eoc.recommend("relu", 3, probability=v),
     [*args.NO_POSITIVES, 1, 1.5]),
    ("Recommendation.reason", "name", lambda v: eoc.recommend("relu", 3).reason(v), args.NO_NAMES),
    ("rank_activations", "depth", lambda v: ranked(depth=v), args.NO_COUNTS),
    ("rank_activations", "width", lambda v: ranked(width=v),
     NO_WIDTHS),
    ("rank_activations", "activations|activation|name", lambda v: ranked(activations=v),
     [True, 3, "relu", [], [3], ["tahn"], ["relu", None], object()]),
    ("rank_activations", "inputs", lambda v: ranked(inputs=v), NO_ROWS),
    ("rank_activations", "band", lambda v: ranked(band=v), [*args.NO_POSITIVES, 1]),
    ("rank_activations", "probability", lambda v: ranked(probability=v), [*args.NO_POSITIVES, 1]),
    ("kernel", "activation|name", lambda v: kernels(phi=v), args.NO_NAMES),
    ("kernel", "X", lambda v: kernels(X=v), [*args.NO_ARRAYS, 0.5, [0.5], [[]], np.ones((2, 0))]),
    ("kernel", "Y", lambda v: kernels(Y=v),
     [v for v in [*args.NO_ARRAYS, 0.5, [0.5], [[1.0]]] if v is not None]),
    ("kernel", "depth", lambda v: kernels(depth=v), args.NO_COUNTS),
    ("kernel", "sigma_b", lambda v: kernels(sigma_b=v), args.NO_SIGMAS),
    ("kernel", "sigma_w", lambda v: kernels(sigma_w=v), args.NO_SIGMAS),
    ("kernel", "tolerance", lambda v: kernels(tolerance=v), args.NO_POSITIVES),
    ("kernel_path", "depths", lambda v: eoc.kernel_path("relu", [[1.0]], depths=v, **SIGMAS),
     [*args.NO_RECORDS, []]),
    ("kernel_path", "tolerance",
     lambda v: eoc.kernel_path("relu", [[1.0]], depths=[1], **SIGMAS, tolerance=v),
     args.NO_POSITIVES),
    ("kernel_diagonal", "X",
     lambda v: eoc.kernel_diagonal("relu", v, depth=1, sigma_b=0.1, sigma_w=1.0), args.NO_ARRAYS),
    ("KernelRegression", "X", lambda v: fitted().fit(v, [1.0]), [*args.NO_ARRAYS, [0.5]]),
    ("KernelRegression", "y", lambda v: fitted().fit([[1.0]], v),
     [*args.NO_ARRAYS, 0.5, [1.0, 2.0], np.ones((1, 1, 1))]),
    ("KernelRegression", "noise", lambda v: fitted(noise=v), [*args.NO_NUMBERS, -1]),
    ("KernelRegression", "kernel", lambda v: fitted(kernel=v), args.NO_NUMBERS),
    ("KernelRegression", "tolerance", lambda v: fitted(tolerance=v), args.NO_POSITIVES),
    ("KernelRegression.predict", "X", lambda v: fitted().predict(v), [*args.NO_ARRAYS, [0.5]]),
    ("KernelClassifier", "y", lambda v: eoc.KernelClassifier().fit([[1.0], [2.0]], v),
     [None, 3, "ab", ["a", "a"], [["a", "b"]]]),
    ("init_", "module", lambda v: eoc.init_(v, POINT),
     [None, 3, "net", [], torch.nn.Linear, torch.nn.ReLU(), torch.nn.LazyLinear(3)]),
    ("init_", "point", lambda v: eoc.init_(net(), v), args.BAD_POINTS),
    ("init_", "weights", lambda v: eoc.init_(net(), POINT, weights=v),
     [*args.NO_NUMBERS, "orthogonal ", "Gaussian", b"gaussian"]),
    ("init_", "inputs", lambda v: eoc.init_(net(), POINT, inputs=v),
     [v for v in [*NO_ROWS, np.ones((2, 4))] if v is not None and not is_one_row(v)]),
    ("init_", "generator", lambda v: draw(net(), POINT, v), [0, True, "a", torch.Generator]),
    ("profile", "model", lambda v: profiled(model=v),
     [None, 3, "net", [], torch.nn.Linear, torch.nn.ReLU(), torch.nn.LazyLinear(3), torch.tanh,
      torch.nn.Linear(4, 2), torch.nn.Linear(3, 2, device="meta"), torch.nn.Embedding(3, 2)]),
    ("profile", "inputs", lambda v: profiled(inputs=v),
     [None, 3, 0.5, "2x3", [], {}, (), object(), args.Own(), [torch.ones(2, 3)], np.ones((2, 3)),
      torch.tensor(1.0), torch.ones(1, 3), torch.ones(0, 3), torch.ones(2, 3) * math.nan,
      torch.ones(2, 3) * math.inf, torch.ones(2, 3, device="meta"), {"x": 3}, (None,)]),
    ("profile", "loss", lambda v: profiled(loss=v), [3, "mse", [], torch.ones(1), True]),
    ("profile", "seed", lambda v: profiled(seed=v), [-1, 2.5, None, True, "1", 10**400]),
    ("profile", "level", lambda v: profiled(level=v), [*args.NO_NUMBERS, 0, -0.1, 0.6]),
    ("propagate", "sigma_b", lambda v: nets(propagate, sigma_b=v), args.NO_SIGMAS),
    ("propagate", "inputs", lambda v: nets(propagate, inputs=v),
     [*args.NO_ARRAYS, 0.5, [0.5], np.ones((2, 0)), torch.ones(2, 2, 2)]),
    ("propagate", "widths", lambda v: nets(propagate, widths=v),
     [*args.NO_ITERABLES, [], [0], [2.5], [3, True], [10**400]]),
    ("propagate", "draws", lambda v: nets(propagate, draws=v), [0, -1, 2.5, True, "1", 10**400]),
    ("propagate", "seed", lambda v: nets(propagate, seed=v), [-1, 2.5, None, True, "1", 10**400]),
    ("propagate", "sampler", lambda v: nets(propagate, sampler=v), args.NO_NUMBERS),
    ("propagate", "units", lambda v: nets(propagate, units=v), [-1, 4, 2.5, None, True, "1"]),
    ("propagate", "ceiling", lambda v: nets(propagate, ceiling=v),
     [v for v in args.NO_POSITIVES if not (isinstance(v, float) and v == math.inf)]),
    ("propagate", "dtype", lambda v: nets(propagate, dtype=v),
     [None, float, "float64", torch.half]),
    ("propagate", "progress", lambda v: nets(propagate, progress=v), [3, "tqdm", True]),
    ("gradients", "draws", lambda v: nets(mean_squared_gradients, draws=v), [0, 2.5, None]),
    ("Propagation.complement", "i", lambda v: RUN.complement(v, 1), [-1, 2, 0.0, None, True]),
    ("pick_device", "device", pick_device, [*args.NO_NUMBERS, "gpu", "CPU", "meta"]),
    ("pair_inputs", "q", lambda v: pair_inputs(v, 0.5, 0.1, 1.0),
     [*args.NO_ITERABLES, [1.0], [1.0, 1.0, 1.0], [1.0, None], [1.0, 0.0]]),
    ("pair_inputs", "gamma", lambda v: pair_inputs((1.0, 1.0), v, 0.1, 1.0), args.NO_GAMMAS),
    ("pair_inputs", "sigma_w", lambda v: pair_inputs((1.0, 1.0), 0.5, 0.1, v),
     [*args.NO_SIGMAS, 0, 1e-320]),
    ("input_scale", "squares", lambda v: scale(squares=v),
     [*args.NO_ARRAYS, [], -1.0, [0.0, 0.0]]),
    ("input_scale", "q", lambda v: scale(q=v), args.NO_POSITIVES),
    ("input_scale", "sigma_w", lambda v: scale(sigma_w=v), [*args.NO_SIGMAS, 0, 1e-320]),
    ("input_scale", "protocol", lambda v: scale(protocol=v), args.NO_NUMBERS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "call", "wrong"),
    [row[1:] for row in TABLE],
    ids=[f"{what}-{name}" for what, name, _, _ in TABLE],
)
def test_a_wrong_argument_is_one_line_with_its_name(name, call, wrong):
    for value in wrong:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(ValueError, match=rf"\b({name})") as caught:
                call(value)
        assert len(str(caught.value).splitlines()) == 1, shown(value)
        assert len(str(caught.value)) < 700


def test_a_bad_argument_changes_no_later_answer():
    """The same calls before and after a run through the table."""
    before = answers()
    for _, _, call, wrong in TABLE:
        for value in wrong[:3]:
            with pytest.raises(ValueError, match=r".+"):
                call(value)
    assert answers() == before


def answers():
    phases = eoc.limiting_phases("swish", 0.72)
    rows = [POINT, eoc.edge_point("tanh", 0.2), eoc.edge_rate("relu", eoc.edge_point("relu", 0.0))]
    arrays = [FMAP([0.0, 0.5]), FMAP.chi1(0.5), CMAP([0.0, 0.5]), PHI.one_sided(0.0)]
    return rows, phases, [a.tolist() if hasattr(a, "tolist") else a for a in arrays]


ODD_NUMBERS = [
    ("edge_point", lambda v: eoc.edge_point("tanh", v)),
    ("edge_curve", lambda v: eoc.edge_curve("tanh", (v for _ in range(2)))),
    ("variance_map", lambda v: eoc.variance_map("tanh", v, v)(v)),
    ("limit", FMAP.limit),
    ("chi1", FMAP.chi1),
    ("derivative", FMAP.derivative),
    ("trajectory", lambda v: FMAP.trajectory(v, 3).tolist()),
    ("depth_scales", lambda v: eoc.depth_scales("tanh", v, v)),
    ("CorrelationMap", lambda v: eoc.CorrelationMap("tanh", v, v, v)(v)),
    ("complement", CMAP.complement),
    ("complement_trajectory", lambda v: eoc.complement_trajectory(CMAP, v, [1, 3]).tolist()),
    ("pair", lambda v: pair(sigma_b=v, q_a=v, gamma=v).gamma.tolist()),
    ("phases", lambda v: repr(eoc.limiting_phases("swish", v))),
    ("one_sided", lambda v: PHI.one_sided(v).tolist()),
    ("derivatives", lambda v: PHI.derivatives(v)[1]),
    ("beta", lambda v: eoc.activation("swish", beta=v)(1.0)),
    ("kinks", lambda v: eoc.Activation("mine", torch.tanh, [v]).kinks),
    ("propagate", lambda v: nets(propagate, sigma_b=v, sigma_w=v).q.tolist()),
]


@pytest.mark.parametrize(("name", "call"), ODD_NUMBERS, ids=[name for name, _ in ODD_NUMBERS])
def test_whatever_is_a_number_is_understood(name, call):
    plain = {value: call(value) for value in (0.5, 1.0)}
    for odd, value in args.NUMBERS:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert np.all(call(odd) == plain[value]), shown(odd)


def test_whatever_is_a_whole_number_is_understood():
    relu = eoc.recommend("relu", 3)
    for odd in args.COUNTS:
        # Its input_mean_square is NaN.
        assert eoc.recommend("relu", odd).complement == relu.complement
        assert isinstance(eoc.recommend("relu", odd).depth, int)
        assert FMAP.trajectory(1.0, odd).tolist() == FMAP.trajectory(1.0, 3).tolist()
        assert pair(layers=odd).gamma.tolist() == pair(layers=3).gamma.tolist()
    for record in (range(1, 4), (n for n in (1, 2, 3)), np.arange(1, 4), torch.arange(1, 4)):
        path = eoc.complement_trajectory(CMAP, 0.5, record)
        assert path.tolist() == eoc.complement_trajectory(CMAP, 0.5, [1, 2, 3]).tolist()


@pytest.mark.parametrize("method", [FMAP, FMAP.chi1, FMAP.derivative, CMAP, CMAP.ratio, PHI])
def test_whatever_is_an_array_of_numbers_is_understood(method):
    plain = method(np.array([0.25, 0.5]))
    for odd in args.ARRAYS:
        if not (method is PHI and isinstance(odd, torch.Tensor)):  # which give a tensor
            assert method(odd).tolist() == plain.tolist(), shown(odd)
    assert method(np.full((2, 1, 3), 0.25)).shape == (2, 1, 3)
    assert method([]).shape == (0,) and method(np.ones((0, 2))).shape == (0, 2)
    assert method(np.array(0.25)) == method(0.25) == pytest.approx(plain[0], rel=1e-14)


def test_what_is_kept_with_an_activation_cannot_be_changed():
    for kept in (PHI.one_sided(0.0), eoc.activation("relu").slope_jumps):
        with pytest.raises(ValueError, match="read-only"):
            kept[0] = 1.0


def test_an_interrupt_is_no_wrong_argument():
    def stopped(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        eoc.Activation("mine", stopped)


def test_what_is_shown_is_short_and_on_one_line():
    for value in (np.zeros((9, 9)), "x" * 999, list(range(999)), 10**5000, args.Own(), "a\nb"):
        assert len(shown(value)) <= 60 and len(shown(value).splitlines()) == 1
    assert shown(np.float64(0.5)) == "0.5" and shown(10**5000) == "a int"
    assert one_line(RuntimeError()) == "RuntimeError" and one_line("a\n b") == "a b"
    with pytest.raises(ValueError, match=re.escape("x = 0; allowed is a number above 0 to 1")):
        number("x", 0, 0.0, 1.0, above=True)
