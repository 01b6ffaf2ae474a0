"""A pytest plugin: leaves out the tests that the file `$LEFT_OUT` names, one `FILE::NAME` a line."""

import os
from pathlib import Path


def pytest_collection_modifyitems(config, items):
    """Deselects what is left out."""
    named = set(Path(os.environ["LEFT_OUT"]).read_text().splitlines())
    out = [item for item in items if f"{item.path.name}::{item.name}" in named]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]
