"""How a function's process starts, each in a process of its own as deployed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
HEAVY = {"numpy", "cv2", "PIL", "tflite_runtime", "ai_edge_litert", "memegen.meme", "memegen.photo.decode"}


@pytest.fixture
def start(key_file):
    def run(code: str, folder: Path = FUNCTIONS, **environment: str) -> subprocess.CompletedProcess[str]:
        account = "signing@project.iam.gserviceaccount.com"
        file = str(key_file(account))
        settings = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(folder),
            "GOOGLE_APPLICATION_CREDENTIALS": file,
            "UPLOADS_BUCKET": "photos",
            "MEMES_BUCKET": "memes",
            "PAGE_URL": "http://localhost:8080/",
            "SIGNING_ACCOUNT": account,
            "SIGNING_KEY_FILE": file,
        }
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            env={**settings, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def loaded(start, function: str) -> set[str]:
    code = "import sys, functions_framework; functions_framework.create_app(); print(*sys.modules)"
    done = start(code, FUNCTION_TARGET=function)
    assert done.returncode == 0, done.stderr
    return HEAVY & set(done.stdout.split())


def test_api_loads_no_pictures_and_no_models(start):
    assert loaded(start, "api") == set()


def test_on_upload_loads_them_at_its_start(start):
    assert loaded(start, "on_upload") >= HEAVY - {"tflite_runtime", "ai_edge_litert"}


@pytest.mark.parametrize("function", ["api", "on_upload"])
def test_a_start_leaves_the_garbage_collector_at_work_on_what_comes_later(start, function):
    code = (
        "import functions_framework, gc; functions_framework.create_app()\n"
        "print(gc.isenabled(), gc.get_freeze_count())"
    )
    enabled, frozen = start(code, FUNCTION_TARGET=function).stdout.split()
    assert enabled == "True"
    assert int(frozen) > 10_000


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted as Linux shows them")
@pytest.mark.skipif(os.cpu_count() == 1, reason="on one processor OpenBLAS starts no threads anyway")
def test_a_start_makes_no_threads(start):
    code = (
        "import functions_framework, os; functions_framework.create_app()\n"
        "print(len(os.listdir('/proc/self/task')))"
    )
    assert start(code, FUNCTION_TARGET="on_upload").stdout.split() == ["1"]


@pytest.mark.parametrize("function", ["api", "on_upload", "sweep"])
def test_equal_buckets_refuse_to_start(start, function):
    done = start("import main", FUNCTION_TARGET=function, MEMES_BUCKET="photos")
    assert done.returncode == 1
    assert "UPLOADS_BUCKET and MEMES_BUCKET are both 'photos'" in done.stderr


def test_a_broken_model_refuses_to_start_on_upload_but_not_the_api(start, tmp_path):
    broken = shutil.copytree(FUNCTIONS, tmp_path / "functions")
    member = sorted((broken / "memegen" / "models").glob("*.tflite"))[0]
    member.write_bytes(member.read_bytes()[:-1])
    done = start("import main", broken, FUNCTION_TARGET="on_upload")
    assert done.returncode == 1
    assert f"ModelError: {member}" in done.stderr
    assert start("import main", broken, FUNCTION_TARGET="api").returncode == 0
