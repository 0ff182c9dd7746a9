"""What tests of claims share: tables cut from a default run."""

import pytest
from cut_tables import tables_in
from less_evidence import DATA


@pytest.fixture(scope="module")
def tables():
    """The tables by name; a test that changes one makes another dictionary."""
    return tables_in(DATA)
