"""What each protocol of scaling inputs makes of q^1."""

import math
import subprocess
import sys

import numpy as np
import pytest

from edgeofchaos.simulation.scaling import PROTOCOLS, input_scale

SQUARES = np.array([0.0, 0.02, 0.1, 0.3])
Q, SIGMA_B, SIGMA_W = 0.44, 0.2, 1.718


def first_variances(protocol):
    scale = input_scale(SQUARES, Q, SIGMA_B, SIGMA_W, protocol)
    return SIGMA_B**2 + SIGMA_W**2 * scale**2 * SQUARES


def test_every_input_is_at_most_at_q_and_the_largest_is_there():
    variances = first_variances("every")
    assert variances.max() == pytest.approx(Q, rel=1e-14)
    assert input_scale(SQUARES, Q, SIGMA_B, SIGMA_W) == input_scale(
        SQUARES, Q, SIGMA_B, SIGMA_W, "every"
    )


def test_the_mean_is_at_q():
    assert first_variances("mean").mean() == pytest.approx(Q, rel=1e-14)


def test_inputs_are_multiplied_by_the_root_of_q():
    assert input_scale(SQUARES, Q, SIGMA_B, SIGMA_W, "root") == math.sqrt(Q)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_variance_that_no_first_layer_has_is_told(protocol):
    with pytest.raises(ValueError, match=r"^q = 0.04; allowed is a finite number above sigma_b\^2"):
        input_scale(SQUARES, 0.04, SIGMA_B, SIGMA_W, protocol)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"protocol": "most"}, "protocol = 'most'; allowed are every, mean, root"),
        ({"q": math.inf}, "q = inf; allowed is a finite number above"),
        ({"sigma_w": 0.0}, "sigma_w = 0.0; allowed is a finite number > 0"),
        ({"squares": []}, "squares: allowed are finite numbers >= 0"),
        ({"squares": [0.0, 0.0]}, "squares: allowed are finite numbers >= 0"),
        ({"squares": [1.0, math.nan]}, "squares: allowed are finite numbers >= 0"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(changed, told):
    given = {"squares": SQUARES, "q": Q, "sigma_b": SIGMA_B, "sigma_w": SIGMA_W, **changed}
    with pytest.raises(ValueError, match=told) as error:
        input_scale(**given)
    assert "\n" not in str(error.value)


def test_it_does_without_torch():
    code = "import sys, edgeofchaos.simulation.scaling; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "torch" not in loaded.split()
