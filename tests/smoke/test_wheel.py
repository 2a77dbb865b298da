"""The built distribution: what is in it, and that it starts from any folder."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path

import ide


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def run(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Start a program of the clean environment in a folder that has nothing to do with the checkout."""
    program, *rest = words
    return subprocess.run([str(installed / program), *rest], cwd=folder, capture_output=True, text=True, check=False)


def test_wheel_has_nothing_else_at_the_top(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names_in(wheel)}

    assert tops == {"ide", f"fourpane-{ide.__version__}.dist-info"}


def test_wheel_carries_plugins_resources_and_licences(wheel: Path) -> None:
    names = set(names_in(wheel))

    for folder in ("_plugins/lang_python/", "_plugins/lang_r/", "_resources/sample/", "_resources/icons/"):
        assert any(name.startswith(f"ide/{folder}") for name in names), folder
    assert "ide/py.typed" in names
    assert {name.rsplit("/", 1)[1] for name in names if "/licenses/" in name} >= {"LICENSE", "NOTICE"}
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []


def test_wheel_holds_every_shipped_file_of_the_checkout(wheel: Path) -> None:
    names = set(names_in(wheel))
    root = Path(ide.__file__).resolve().parents[1]
    shipped = [(root / "plugins", "ide/_plugins"), (root / "resources", "ide/_resources"), (root / "ide", "ide")]

    missing = [
        path.relative_to(root).as_posix()
        for source, target in shipped
        for path in source.rglob("*")
        if path.is_file() and not {"__pycache__", ".ruff_cache"} & set(path.parts)
        if f"{target}/{path.relative_to(source).as_posix()}" not in names
    ]

    assert missing == []


def test_wheel_describes_itself(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folder = f"fourpane-{ide.__version__}.dist-info"
        metadata = message_from_string(archive.read(f"{folder}/METADATA").decode("utf-8"))
        entry_points = archive.read(f"{folder}/entry_points.txt").decode("utf-8")

    assert metadata["Name"] == "fourpane"
    assert metadata["License-Expression"] == "MIT"
    assert "fourpane = ide.__main__:main" in entry_points


def test_source_archive_holds_no_build_or_test_leftovers(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        names = files.getnames()

    assert any(name.endswith("/resources/sample/analysis.py") for name in names)
    assert [name for name in names if "/.venv" in name or "/out/" in name or "/build/" in name] == []


def test_installed_program_tells_its_version_from_any_folder(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "fourpane", "--version")

    assert (done.returncode, done.stderr) == (0, "")
    assert ide.__version__ in done.stdout


def test_installed_package_finds_its_resources_and_plugins(installed: Path, tmp_path: Path) -> None:
    code = (
        "from ide._paths import plugins_dir, resources_dir; from ide.core import namespace;"
        "namespace.install(plugins_dir()); import fourpane_plugins.lang_python, fourpane_plugins.lang_r;"
        "print((resources_dir() / 'sample/analysis.py').exists(), plugins_dir().name, resources_dir().name)"
    )

    done = run(installed, tmp_path, "python", "-c", code)

    assert done.stdout.split() == ["True", "_plugins", "_resources"], done.stderr
