"""Figures of a Python script become files in outputs/ by themselves: figure-1.png and on. Shipped as source."""

from __future__ import annotations

import os
from pathlib import Path

# matplotlib draws with Agg. Saved is what is shown, and at the end what is open, but for what the script saved there.
_BACKEND = """
import atexit, os
from matplotlib._pylab_helpers import Gcf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backend_bases import FigureManagerBase

_folder = os.path.join(os.getcwd(), "outputs")


class FigureManager(FigureManagerBase):
    @classmethod
    def pyplot_show(cls, *args, **kwargs):
        for manager in list(Gcf.get_all_fig_managers()):
            _save(manager.canvas)
            Gcf.destroy(manager)


class FigureCanvas(FigureCanvasAgg):
    manager_class = FigureManager
    is_saved = False

    def print_figure(self, filename, *args, **kwargs):
        if isinstance(filename, (str, os.PathLike)):
            self.is_saved = os.path.dirname(os.path.abspath(filename)).startswith(_folder)
        return super().print_figure(filename, *args, **kwargs)


def _save(canvas):
    if getattr(canvas, "is_saved", False):
        return
    os.makedirs(_folder, exist_ok=True)
    number = 1
    while os.path.exists(path := os.path.join(_folder, f"figure-{number}.png")):
        number += 1
    canvas.figure.savefig(path)


@atexit.register
def _save_open_ones():
    for manager in list(Gcf.get_all_fig_managers()):
        _save(manager.canvas)
"""


def variables(folder: Path) -> dict[str, str]:
    """With which matplotlib keeps them; `folder` is of the job, outside its files."""
    place = folder / "figures"
    place.mkdir()
    (place / "fourpane_figures.py").write_text(_BACKEND, "utf-8")
    paths = [str(place), os.environ.get("PYTHONPATH", "")]
    return {"MPLBACKEND": "module://fourpane_figures", "PYTHONPATH": os.pathsep.join(filter(None, paths))}
