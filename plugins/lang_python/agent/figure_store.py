"""Figures of matplotlib that were shown, and how they are drawn again at another size: `plots.render`.

The user may go on with his figure, so what is kept is a copy from the moment of showing: the figure's pickle, which
pyplot never hears of, and matplotlib's settings of that moment. Functions, and what cannot be pickled, are not copied
but shared, which a pickle for this process alone can do. Drawing runs in the main thread between runs and leaves
nothing behind: no random number is used up, no warning told, no figure opened, nothing printed.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import random
import signal
import sys
import threading
import time
import warnings
from importlib import import_module
from types import FunctionType
from typing import Any, Iterator

from fourpane_plugins.lang_python.agent.figure_words import words_of
from fourpane_plugins.lang_python.agent.plotnine_figures import plots_of, resize, without_data
from fourpane_plugins.lang_python.agent.refusal import Refusal

MOST = 1000
MOST_BYTES = 256_000_000
ONE_MOST_BYTES = 128_000_000
COPY_LIMIT_S = 0.4
"""What a run may be held up by for the copy of one figure."""

MOST_PX = 30_000
MOST_AREA_PX = 200_000_000
LEAST_SIZE_IN = 0.5
_FITTING_TURNS = 2
_PLAIN_AXES = ("rectilinear", "polar")
"""Where the things of these axes stand is known without drawing them."""
_PILLOW_FORMATS = {"jpeg": {"quality": 95}, "tiff": {"compression": "tiff_lzw"}}

_shared: list[Any] = []
"""What the figure that is being read shares with the user."""


class Kept:
    """One figure: its pickle, what that shares, the settings that differ from matplotlib's when it is drawn again."""

    def __init__(self, data: bytes, shared: list[Any], settings: dict[str, Any], *, is_sized: bool) -> None:
        self.data = data
        self.shared = shared
        self.settings = settings
        self.is_sized = is_sized


class _TooMuchError(Exception):
    """The copy has become too large, or takes too long."""


class _TooLongError(BaseException):
    """Drawing was stopped. Not an Exception, which a figure's own code might catch."""


# ---- keeping --------------------------------------------------------------------------------------------------------

_kept: dict[str, Kept] = {}
_mark = os.urandom(4).hex()
_made = 0
_settings: dict[str, Any] = {}


def keep(figure: Any, draw_s: float, size: Any) -> dict[str, Any]:
    """Keep a figure that was just shown: the contract's `ShownPlot`. `size` is what it was laid out for: width and
    height in pixels and resolution; None where the user's code chose that."""
    global _made  # noqa: PLW0603 - one count for the process
    told: dict[str, Any] = {"plot": "", "draw_ms": round(draw_s * 1000), "is_sized": size is None}
    told["alt"] = words_of(figure)
    if size is not None:
        told["width_px"], told["height_px"], told["dpi"] = size
    try:
        data, shared = _copied(figure)
    except _TooMuchError:
        told["problem"] = "This figure is too large to be kept in the session: it cannot be drawn at another size."
        return told
    except Exception as error:  # noqa: BLE001 - whatever the user's own artists raise; the picture is there all the same
        told["problem"] = f"This figure cannot be copied, so it cannot be drawn at another size: {error}"[:200]
        return told
    _made += 1
    told["plot"] = f"{_mark}-{_made}"
    _kept[told["plot"]] = Kept(data, shared, _settings_now(), is_sized=size is None)
    size = sum(len(one.data) for one in _kept.values())
    while len(_kept) > MOST or size > MOST_BYTES:
        size -= len(_kept.pop(next(iter(_kept))).data)
    return told


def forget(shell: Any, plots: list[str]) -> dict[str, Any]:
    """The contract's `plots.forget`."""
    for plot in plots:
        _kept.pop(plot, None)
    return {}


def _settings_now() -> dict[str, Any]:
    """matplotlib's settings; the same dictionary as long as they are the same."""
    global _settings  # noqa: PLW0603 - shared by all figures that were shown under them
    now = {name: value for name, value in sys.modules["matplotlib"].rcParams.copy().items() if name != "backend"}
    if len(now) != len(_settings) or any(_settings.get(name) is not value for name, value in now.items()):
        _settings = now
    return _settings


def _copied(figure: Any) -> tuple[bytes, list[Any]]:
    """The figure's pickle. Where that fails a second one shares whatever cannot be pickled."""
    for is_lenient in (False, True):
        room = _Room()
        pickler = _Pickler(room, is_lenient=is_lenient)
        try:
            pickler.dump(figure)
        except _TooMuchError:
            raise
        except Exception:
            if is_lenient:
                raise
            continue
        return b"".join(room.parts), pickler.shared
    raise AssertionError


class _Room:
    """A file that takes so much, and for so long."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self.end_s = time.monotonic() + COPY_LIMIT_S

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self.size += size
        if self.size > ONE_MOST_BYTES or time.monotonic() > self.end_s:
            raise _TooMuchError
        self.parts.append(bytes(data))
        return size


def _get_shared(number: int) -> Any:
    return _shared[number]


class _Pickler(pickle.Pickler):
    """Shares functions and the classes of notebooks by identity: their names may mean something else later."""

    def __init__(self, room: _Room, *, is_lenient: bool) -> None:
        super().__init__(room, protocol=5)
        self.shared: list[Any] = []
        self._is_lenient = is_lenient

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if kind is FunctionType:
            return NotImplemented if value is _get_shared else self._share(value)
        if isinstance(value, type):
            is_local = self._is_lenient or value.__module__ == "__main__" or "<locals>" in value.__qualname__
            return self._share(value) if is_local else NotImplemented
        if issubclass(kind, _figure_class()):
            return _without_pyplot(value.__reduce_ex__(5))
        if kind.__module__.startswith("plotnine."):
            reduced = without_data(value)
            if reduced is not NotImplemented:
                return reduced
        if self._is_lenient:
            return self._reduced_or_shared(value)
        return NotImplemented

    def _share(self, value: Any) -> Any:
        self.shared.append(value)
        return _get_shared, (len(self.shared) - 1,)

    def _reduced_or_shared(self, value: Any) -> Any:
        import copyreg

        if type(value) in copyreg.dispatch_table:
            return NotImplemented
        try:
            reduced = value.__reduce_ex__(5)
        except Exception:  # noqa: BLE001 - a lock, a generator, a connection: what says that it is not to be copied
            return self._share(value)
        return NotImplemented if isinstance(reduced, str) else reduced


def _figure_class() -> Any:
    return sys.modules["matplotlib.figure"].FigureBase


def _without_pyplot(reduced: Any) -> Any:
    """A figure that pyplot knows would open itself there again when it is read."""
    state = reduced[2] if len(reduced) > 2 else None
    if type(state) is dict:
        state.pop("_restore_to_pylab", None)
    return reduced


# ---- drawing --------------------------------------------------------------------------------------------------------


def render(
    shell: Any,
    plot: str,
    width_px: int,
    height_px: int,
    dpi: float,
    format: str,
    is_transparent: bool,
    can_enlarge: bool,
    limit_s: float,
) -> Any:
    """The contract's `plots.render`: the answer and the picture's bytes. Raises Refusal."""
    kept = _kept.get(plot)
    if kept is None:
        raise Refusal("not_possible", "This plot is not kept in the session any more.")
    is_sensible = 1 <= width_px <= MOST_PX and 1 <= height_px <= MOST_PX and 10 <= dpi <= 2400
    if not is_sensible or width_px * height_px > MOST_AREA_PX:
        raise Refusal("not_possible", "A picture of this size cannot be drawn.")
    start_s = time.perf_counter()
    with _nothing_left_behind(kept.settings), _stopped_after(limit_s):
        figure = _read(kept)
        fit = _scaled if kept.is_sized else _fitted
        if plots_of(figure):
            fit = _whole_scaled if kept.is_sized else _whole_fitted
        size_px, box, dpi = fit(figure, width_px, height_px, dpi, can_enlarge)
        file = io.BytesIO()
        options = {"pil_kwargs": _PILLOW_FORMATS[format]} if format in _PILLOW_FORMATS else {}
        figure.savefig(file, format=format, dpi=dpi, bbox_inches=box, transparent=is_transparent, **options)
    draw_ms = round((time.perf_counter() - start_s) * 1000)
    answer = {"format": format, "width_px": size_px[0], "height_px": size_px[1], "draw_ms": draw_ms}
    return answer, [file.getvalue()]


def _read(kept: Kept) -> Any:
    global _shared  # noqa: PLW0603 - what `_get_shared` looks into while this pickle is read
    _shared = kept.shared
    try:
        figure = pickle.loads(kept.data)
        import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
        return figure
    finally:
        _shared = []


def _fitted(figure: Any, width_px: int, height_px: int, dpi: float, can_enlarge: bool) -> tuple[Any, Any, float]:
    """Size in pixels, the part of the figure's plane to draw in inches, and the resolution.

    What was shown first was the figure with all that stands out of it, such as a legend beside the axes, without empty
    margins. So it is here: the figure is made larger or smaller until all of that has the size wanted. Only where that
    cannot be done is it made smaller as a whole.
    """
    figure.set_dpi(dpi)
    width, height = width_px / dpi, height_px / dpi
    figure.set_size_inches(width, height)
    box = _tight_box(figure)
    for _ in range(_FITTING_TURNS):
        if abs(box.width - width) * dpi < 1 and abs(box.height - height) * dpi < 1:
            break
        now = figure.get_size_inches()
        wanted = now[0] + width - box.width, now[1] + height - box.height
        figure.set_size_inches(max(LEAST_SIZE_IN, wanted[0]), max(LEAST_SIZE_IN, wanted[1]))
        box = _tight_box(figure)
    dpi *= min(1.0, width / box.width, height / box.height)
    return (width_px, height_px), _part_around(box, width_px / dpi, height_px / dpi, dpi), dpi


def _scaled(figure: Any, width_px: int, height_px: int, dpi: float, can_enlarge: bool) -> tuple[Any, Any, float]:
    """The same for a figure whose size the user chose: only the resolution is another one."""
    figure.set_dpi(dpi)
    box = _tight_box(figure)
    fitting = min(width_px / box.width, height_px / box.height)
    dpi = fitting if can_enlarge else min(dpi, fitting)
    size_px = max(1, round(box.width * dpi)), max(1, round(box.height * dpi))
    return size_px, _part_around(box, size_px[0] / dpi, size_px[1] / dpi, dpi), dpi


def _whole_fitted(figure: Any, width_px: int, height_px: int, dpi: float, can_enlarge: bool) -> tuple[Any, Any, float]:
    """The same for a plot of plotnine, which shows the figure's whole plane and is laid out for any size."""
    return _whole(figure, width_px, height_px, dpi)


def _whole_scaled(figure: Any, width_px: int, height_px: int, dpi: float, can_enlarge: bool) -> tuple[Any, Any, float]:
    """The same for one whose size the user chose."""
    width, height = (float(length) for length in figure.get_size_inches())
    fitting = min(width_px / width, height_px / height)
    dpi = fitting if can_enlarge else min(dpi, fitting)
    return _whole(figure, max(1, round(width * dpi)), max(1, round(height * dpi)), dpi)


def _whole(figure: Any, width_px: int, height_px: int, dpi: float) -> tuple[Any, Any, float]:
    """The canvas cuts what is not whole, so the figure is larger by a millionth of a pixel."""
    resize(figure, (width_px + 1e-6) / dpi, (height_px + 1e-6) / dpi, dpi)
    sys.modules["matplotlib"].rcParams["savefig.bbox"] = None
    return (width_px, height_px), None, dpi


def _part_around(box: Any, width: float, height: float, dpi: float) -> Any:
    """A part of that size around the middle of `box`; a tenth of a pixel more, as the canvas cuts what is not whole."""
    width, height = width + 0.1 / dpi, height + 0.1 / dpi
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    bounds = x - width / 2, y - height / 2, width, height
    return import_module("matplotlib.transforms").Bbox.from_bounds(*bounds)


def _tight_box(figure: Any) -> Any:
    """All that the figure draws, in inches, with the margin that the first picture had."""
    engine = getattr(figure, "get_layout_engine", lambda: "unknown")()
    if engine is not None or any(axes.name not in _PLAIN_AXES for axes in figure.axes):
        getattr(figure, "draw_without_rendering", figure.canvas.draw)()
    box = figure.get_tightbbox(figure.canvas.get_renderer()).padded(
        sys.modules["matplotlib"].rcParams["savefig.pad_inches"]
    )
    is_drawable = 0 < box.width < 1000 and 0 < box.height < 1000
    return box if is_drawable else figure.bbox_inches.frozen()


@contextlib.contextmanager
def _nothing_left_behind(settings: dict[str, Any]) -> Iterator[None]:
    """matplotlib's settings as they were when the figure was shown; afterwards all is as before."""
    mpl, numbers = sys.modules["matplotlib"], sys.modules.get("numpy.random")
    python_state, numpy_state = random.getstate(), numbers.get_state(legacy=False) if numbers is not None else None
    current = mpl.rcParams.copy()
    wanted = {name: value for name, value in settings.items() if current.get(name) is not value}
    unheard = io.StringIO()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(unheard), contextlib.redirect_stderr(unheard):
            warnings.simplefilter("ignore")
            with mpl.rc_context(wanted):
                yield
    finally:
        random.setstate(python_state)
        if numbers is not None:
            numbers.set_state(numpy_state)


@contextlib.contextmanager
def _stopped_after(limit_s: float) -> Iterator[None]:
    """Stops what draws by the signal of Ctrl+C, which ends a wait too; also where the user presses it."""
    is_over, is_late = False, False
    lock = threading.Lock()

    def stop(number: int, frame: Any) -> None:
        if not is_over:
            raise _TooLongError

    def ring() -> None:
        nonlocal is_late
        with lock:
            if not is_over:
                is_late = True
                _interrupt_main()

    handler = signal.signal(signal.SIGINT, stop)
    timer = threading.Timer(limit_s, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    except _TooLongError:
        words = f"Drawing took longer than {limit_s:g} s and was stopped." if is_late else "Drawing was interrupted."
        raise Refusal("failed", words) from None
    finally:
        is_over = True
        timer.cancel()
        with lock:
            signal.signal(signal.SIGINT, handler if handler is not None else signal.SIG_DFL)


def _interrupt_main() -> None:
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        import _thread

        _thread.interrupt_main()
