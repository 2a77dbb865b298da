"""A project folder in which everything that some program runs by itself leaves a file in a canary folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import textwrap
from pathlib import Path

# Modules of the standard library, of kernels, of the program and of the user's libraries.
SHADOWS = (
    "types", "random", "os", "readline", "json", "socket", "logging", "inspect", "numpy", "pandas", "matplotlib",
    "polars", "ipykernel", "IPython", "ipykernel_launcher", "zmq", "jedi", "parso", "ruff", "traitlets", "comm",
    "debugpy", "jupyter_client", "matplotlib_inline", "PySide6", "ide", "fourpane_plugins", "sitecustomize",
    "usercustomize", "conftest", "setup", "noxfile", "tasks", "antigravity", "evil_backend", "__main__", "__init__",
    "ipython_config", "ipython_kernel_config", "jupyter_config", "jupyter_kernel_config", "ipykernel_config",
)  # fmt: skip
PROGRAMS = (
    "python", "python3", "python3.11", "R", "Rscript", "ruff", "uv", "git", "jedi", "jupyter", "pip", "conda", "sh",
)  # fmt: skip
EXTENSION = """
#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void spring(void) { close(open(CANARY, O_CREAT | O_WRONLY, 0600)); }
"""


class Traps:
    """The folder, its canaries, and what has sprung."""

    def __init__(self, folder: Path, canaries: Path) -> None:
        self.folder = folder
        self.canaries = canaries
        canaries.mkdir()
        folder.mkdir()
        self._python()
        self._r()
        self._kernelspecs()
        self._git()
        self._settings()
        self._documents()
        self._extension("fast")

    @property
    def sprung(self) -> list[str]:
        """Names of the traps that ran."""
        return sorted(path.name for path in self.canaries.iterdir())

    # --- the parts

    def _write(self, path: str, text: str, mode: int = 0o644) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"))
        file.chmod(mode)
        return file

    def _mark(self, name: str) -> str:
        return str(self.canaries / name.replace("/", "_"))

    def _script(self, path: str) -> Path:
        return self._write(path, f"#!/bin/sh\n: > '{self._mark(path)}'\nexit 1\n", 0o755)

    def _module(self, path: str) -> None:
        self._write(path, f"open({self._mark(path)!r}, 'a').close()\n")

    def _python(self) -> None:
        for name in SHADOWS:
            self._module(f"{name}.py")
        (self.folder / "pkg_beside_script").mkdir()
        self._module("pkg_beside_script/__init__.py")
        site = ".venv/lib/python3.11/site-packages"
        for name in ("sitecustomize.py", "usercustomize.py", "ipykernel/__init__.py", "jedi/__init__.py"):
            self._module(f"{site}/{name}")
        for path in (f"{site}/evil.pth", "evil.pth"):
            self._write(path, f"import builtins; builtins.open({self._mark(path)!r}, 'a').close()\n")
        self._write(".venv/pyvenv.cfg", f"home = {self.folder / 'bin'}\nversion = 3.11.7\n")
        for folder in (".venv/bin", "bin", "env/bin"):
            for name in PROGRAMS:
                self._script(f"{folder}/{name}")
        for name in ("R", "python", "Makefile", "gradlew", "configure"):
            self._script(name)
        for path in (
            ".ipython/profile_default/startup/00.py",
            ".ipython/profile_default/ipython_kernel_config.py",
            "profile_default/startup/00.py",
            "profile_default/ipython_config.py",
            ".jupyter/jupyter_config.py",
            ".jupyter/jupyter_kernel_config.py",
        ):
            self._module(path)
        lines = [f"open({self._mark('exec_lines')!r}, 'a').close()"]
        settings = {"InteractiveShellApp": {"exec_lines": lines}, "IPKernelApp": {"exec_lines": lines}}
        for path in (
            "ipython_config.json",
            "ipython_kernel_config.json",
            ".ipython/profile_default/ipython_config.json",
        ):
            self._write(path, json.dumps(settings))
        self._write("matplotlibrc", "backend: module://evil_backend\n")
        self._write(".env", f"PYTHONSTARTUP={self.folder / 'conftest.py'}\nPYTHONPATH={self.folder}\n")

    def _r(self) -> None:
        for path in (".Rprofile", "evil.R", "Rprofile.site", "renv/activate.R", ".Rprofile.site"):
            self._write(path, f"cat('x', file = {self._mark(path)!r})\noptions(project.profile = TRUE)\n")
        self._write(".Renviron", f"R_PROFILE_USER={self.folder / 'evil.R'}\nPROJECT_RENVIRON=yes\n")
        mark = self._mark(".RData")
        subprocess.run(
            ["Rscript", "--vanilla", "-e", f".First <- function() cat('x', file = {mark!r}); save.image('.RData')"],
            cwd=self.folder,
            check=True,
            env={name: text for name, text in os.environ.items() if not name.startswith("R_")},
        )

    def _kernelspecs(self) -> None:
        for place in (
            "share/jupyter",
            ".venv/share/jupyter",
            "env/share/jupyter",
            ".local/share/jupyter",
            ".jupyter",
            ".ipython",
        ):
            program = self._script(f"{place}/kernels/evil/start")
            spec = {"argv": [str(program), "{connection_file}"], "display_name": "Evil", "language": "python"}
            self._write(f"{place}/kernels/evil/kernel.json", json.dumps(spec))

    def _git(self) -> None:
        monitor = self._script(".git/monitor")
        self._write(
            ".git/config",
            f"""
            [core]
                repositoryformatversion = 0
                fsmonitor = {monitor}
                hooksPath = {self.folder / ".git" / "hooks"}
                sshCommand = {monitor}
                pager = {monitor}
            [diff]
                external = {monitor}
            [filter "evil"]
                clean = {monitor}
            """,
        )
        self._write(".git/HEAD", "ref: refs/heads/main\n")
        (self.folder / ".git" / "objects").mkdir()
        (self.folder / ".git" / "refs").mkdir()
        for hook in ("post-checkout", "pre-commit", "post-index-change"):
            self._script(f".git/hooks/{hook}")
        self._write(".gitattributes", "* filter=evil diff=evil\n")

    def _settings(self) -> None:
        self._write(
            "pyproject.toml",
            f"""
            [build-system]
            requires = ["evil"]
            build-backend = "conftest"
            backend-path = ["."]
            [tool.ruff]
            line-length = 40
            cache-dir = "{self.folder / "ruff-cache"}"
            [tool.pytest.ini_options]
            addopts = "-p conftest"
            """,
        )
        self._write("ruff.toml", f"extend = '{self.folder / 'odd.toml'}'\nindent-width = 7\n")
        self._write("odd.toml", "line-length = 10\n[lint]\nselect = ['ALL']\n")
        self._write("setup.cfg", "[flake8:local-plugins]\nextension = X = conftest:Evil\n")
        program = self.folder / ".venv/bin/python"
        self._write(".fourpane/settings.toml", f"[editor]\ntab_width = 11\n[kernels]\ninterpreter = '{program}'\n")
        self._write(".vscode/settings.json", json.dumps({"python.defaultInterpreterPath": str(program)}))
        self._write(".envrc", f": > {self._mark('envrc')}\n")
        self._write("Untitled.Rproj", "Version: 1.0\nRestoreWorkspace: Yes\nSaveWorkspace: Yes\n")

    def _documents(self) -> None:
        self._write(
            "analysis.py", "import math\n\n# %% one\nvalue = 41 + 1\nprint('value', value)\nmath.s\nunknown_name\n"
        )
        self._write("uses.py", "import fast\nimport pkg_beside_script\nimport numpy\nfast.\n")
        self._write("analysis.R", "numbers <- c(1, 2)\nprint(sum(numbers))\n")
        page = f"<script>new Image().src='file://{self._mark('html')}'</script><img src=x onerror=alert(1)>"
        output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": page}}
        cell = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "1 + 1", "outputs": [output]}
        kernel = {"kernelspec": {"name": "evil", "display_name": "Evil"}}
        book = {"nbformat": 4, "nbformat_minor": 4, "metadata": kernel, "cells": [cell]}
        self._write("book.ipynb", json.dumps(book))
        knit = f"(function(...) system(': > {self._mark('knit')}'))"
        self._write("report.qmd", f"---\nknit: {knit}\n---\n\n```{{r setup, eval=system('true')}}\n1 + 1\n```\n")
        self._write("page.html", page)
        self._write("drawing.svg", f"<svg xmlns='http://www.w3.org/2000/svg'>{page}</svg>")
        pickled = b"cposix\nsystem\n(S': > '\ntR."
        (self.folder / "data.pkl").write_bytes(pickled)
        os.mkfifo(self.folder / "pipe.py")

    def _extension(self, name: str) -> None:
        """A compiled module whose loading alone leaves a mark."""
        source = self.canaries.parent / "extension.c"
        source.write_text(EXTENSION)
        target = self.folder / f"{name}.abi3.so"
        compiler = shutil.which("cc") or shutil.which("gcc") or ""
        mark = json.dumps(self._mark(target.name))
        subprocess.run([compiler, "-shared", "-fPIC", f"-DCANARY={mark}", "-o", str(target), str(source)], check=True)
