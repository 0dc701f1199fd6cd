"""The Python example of docs/evaluation.md runs, and what its table names exists."""

import re
from importlib import import_module
from pathlib import Path

import pytest

DOC = Path(__file__).parents[2] / "docs" / "evaluation.md"
pytestmark = pytest.mark.skipif(not DOC.is_file(), reason="docs are not beside the tests")


def test_example_runs(capsys):
    code = re.search(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL).group(1)
    exec(compile(code, str(DOC), "exec"), {})  # noqa: S102 - our own documentation
    assert "Estimate(value=" in capsys.readouterr().out


def test_named_functions_exist():
    names = re.findall(r"`(eval\.[\w.]+)\(", DOC.read_text(encoding="utf-8"))
    assert len(names) > 6
    for name in names:
        module, function = name.rsplit(".", 1)
        assert callable(getattr(import_module(f"claimstance.{module}"), function))
