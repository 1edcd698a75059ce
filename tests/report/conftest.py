from pathlib import Path

import pytest
from sphere_run import write_run

from dig_framework.report import write_report


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete run with its report; tests leave it as it is."""
    folder = write_run(tmp_path_factory.mktemp("reported") / "run")
    write_report(folder)
    return folder
