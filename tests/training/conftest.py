"""The drawn data sets prepared once, and a run of the whole pipeline on them."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.training.layouts import write_data_sets
from tests.training.tiny import tiny_settings
from training.data.prepare import prepare
from training.settings import Settings, read_settings


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """So small networks gain nothing from a second thread, and on a busy machine two wait for each other."""
    if find_spec("torch") is None:  # the tests that need it say so
        yield
        return
    torch = import_module("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def settings_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    file.write_text(tiny_settings())
    return file


@pytest.fixture(scope="session")
def settings(settings_file) -> Settings:
    return read_settings(settings_file)


@pytest.fixture(scope="session")
def drawn_data(tmp_path_factory) -> Path:
    data = tmp_path_factory.mktemp("data")
    write_data_sets(data, np.random.default_rng(7))
    return data


@pytest.fixture(scope="session")
def prepared(tmp_path_factory, drawn_data, settings) -> Path:
    """A run's folder after `prepare`; not to be written into."""
    run = tmp_path_factory.mktemp("run")
    prepare(drawn_data, run, settings)
    return run
