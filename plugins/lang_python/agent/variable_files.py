"""Saving variables into a folder and loading them back. Owns the folder's manifest and which file a value becomes.

A frame becomes Parquet, an array `.npy`, a plain value JSON: files that hold data and no code. Only where the user has
said so, other values become pickles, and only then is a pickle loaded: loading one runs what it says.
"""

from __future__ import annotations

import io
import json
import keyword
import re
import stat
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Callable, NamedTuple

from fourpane_plugins.lang_python.agent import acts, look, objects, plain_json
from fourpane_plugins.lang_python.agent.refusal import Refusal

MANIFEST = "manifest.json"
FORMAT = "fourpane variables"
MANIFEST_BYTES_MOST = 10_000_000
JSON_BYTES_MOST = 200_000_000
ARROW_SAFE = (14, 0, 1)
"""Before this version, reading a Parquet file could run code (CVE-2023-47248)."""
_ODD_NAMES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)\Z", re.IGNORECASE)


class _CannotError(Exception):
    """This value cannot be saved this way, or this file not loaded; the message is for the user."""


class _NeedsPickleError(_CannotError):
    """Only a pickle could hold this value, and the user has not said that one may be written."""


class _Saved(NamedTuple):
    """One value as bytes: what kind of value it was, the suffix of its file, and code that does the same."""

    kind: str
    suffix: str
    data: bytes
    code: str = ""
    note: str = ""


# ---- saving ---------------------------------------------------------------------------------------------------------


def save(shell: Any, names: list[str], folder: str, allows_pickle: bool) -> dict[str, Any]:
    """Save names into a new folder."""
    values = [(name, shell.user_ns[name]) for name in dict.fromkeys(names) if name in shell.user_ns]
    if not values:
        raise Refusal("not_possible", "There are no variables of these names any more.")
    place = Path(folder)
    is_new = _make_folder(place)
    entries: list[dict[str, Any]] = []
    codes: list[str] = []
    notes: list[str] = []
    left_out: list[str] = []
    try:
        for name, value in values:
            try:
                saved = _as_file(name, value, allows_pickle)
                file = _write_new(place, name, saved)
            except (_CannotError, OSError) as error:
                notes.append(f"{name} was not saved: {error}")
                left_out.extend([name] if type(error) is _NeedsPickleError else [])
                continue
            entries.append({"name": name, "file": file, "kind": saved.kind, "type": look.type_name(type(value))})
            notes.extend([saved.note] if saved.note else [])
            codes.extend([saved.code.replace("FILE", repr(str(place / file)))] if saved.code else [])
        if entries:
            _write_manifest(place, entries)
    except OSError as error:
        raise Refusal("not_possible", f"The folder could not be written: {error}") from error
    if not entries:
        if is_new:
            place.rmdir()
        if not left_out:
            raise Refusal("not_possible", " ".join(notes))
    saved_names = [entry["name"] for entry in entries]
    note = " ".join(notes)
    return {"code": "\n".join(codes), "undo": "", "names": saved_names, "note": note, "left_out": left_out}


def _make_folder(place: Path) -> bool:
    """Whether the folder had to be made."""
    if (place / MANIFEST).exists():
        raise Refusal("not_possible", "There are saved variables in this folder already: choose a new one.")
    try:
        place.mkdir(parents=True)
    except FileExistsError as error:
        if not place.is_dir():
            raise Refusal("not_possible", "There is a file of this name: choose another folder.") from error
        return False
    except OSError as error:
        raise Refusal("not_possible", f"The folder could not be made: {error}") from error
    return True


def _write_new(place: Path, name: str, saved: _Saved) -> str:
    """Write a file that was not there before; its name."""
    stem = "_" + name if _ODD_NAMES.match(name) else name
    for number in range(1, 1_000):
        file = f"{stem}{'' if number == 1 else f'-{number}'}{saved.suffix}"
        try:
            with (place / file).open("xb") as stream:
                stream.write(saved.data)
        except FileExistsError:  # also `A` beside `a`, where the file system holds them for the same
            continue
        return file
    raise _CannotError("there are too many files of its name.")


def _write_manifest(place: Path, entries: list[dict[str, Any]]) -> None:
    versions = {"python": ".".join(str(part) for part in sys.version_info[:3])}
    for module in ("numpy", "pandas", "polars", "pyarrow"):
        version = (look.library(module) or {}).get("__version__")
        if type(version) is str:
            versions[module] = version
    content = {"format": FORMAT, "version": 1, "language": "python", "versions": versions, "variables": entries}
    with (place / MANIFEST).open("x", encoding="utf-8") as file:
        json.dump(content, file, indent=1)


def _as_file(name: str, value: Any, allows_pickle: bool) -> _Saved:
    """The file that a value becomes. Raises _CannotError, or _NeedsPickleError where the user may allow one."""
    known = look.known_name(value)
    writer = _WRITERS.get(known)
    try:
        if writer is not None:
            return writer(name, value)
        return _Saved("plain", ".json", json.dumps(plain_json.encode(value)).encode("ascii"))
    except plain_json.NotPlainError:
        problem = f"only a pickle could hold a value of type {look.type_name(type(value))}."
    except _CannotError as error:
        problem = str(error)
    except Exception as error:  # noqa: BLE001 - the library says why it cannot: told in its words
        problem = acts.words(error)
    if not allows_pickle:
        raise _NeedsPickleError(problem)
    return _pickled(value)


def _pickled(value: Any) -> _Saved:
    import pickle

    try:
        return _Saved("pickle", ".pickle", pickle.dumps(value))
    except Exception as error:
        raise _CannotError(acts.words(error)) from error


def _pandas_file(name: str, value: Any) -> _Saved:
    frame = value
    kind = "pandas"
    code = f"{name}.to_parquet(FILE)"
    if look.known_name(value) == "_pandas_series":
        kind = "pandas_series" if value.name is None else "pandas_named_series"
        frame = value.to_frame("values" if value.name is None else value.name)
        code = f"{name}.to_frame({'values' if value.name is None else value.name!r}).to_parquet(FILE)"
    if _can_import("pyarrow") or _can_import("fastparquet"):
        buffer = io.BytesIO()
        frame.to_parquet(buffer)
        return _Saved(kind, ".parquet", buffer.getvalue(), code)
    text = frame.to_csv()
    note = f"{name} was saved as CSV, which keeps no types: install pyarrow to save it as Parquet."
    return _Saved(kind + "_csv", ".csv", text.encode("utf-8"), f"{name}.to_csv(FILE)", note)


def _can_import(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def _polars_file(name: str, value: Any) -> _Saved:
    frame, kind = value, "polars"
    if look.known_name(value) == "_polars_series":
        frame, kind = value.to_frame(), "polars_series"
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return _Saved(kind, ".parquet", buffer.getvalue(), f"{name}.write_parquet(FILE)" if kind == "polars" else "")


def _polars_lazy_file(name: str, value: Any) -> _Saved:
    raise _CannotError("a lazy frame holds no data before it is collected.")


def _arrow_file(name: str, value: Any) -> _Saved:
    arrow: Any = import_module("pyarrow")
    table, kind = value, "arrow"
    if type(value) is arrow.RecordBatch:
        table = arrow.Table.from_batches([value])
    elif type(value) is not arrow.Table:
        table, kind = arrow.table([value], ["values"]), "arrow_array"
    buffer = io.BytesIO()
    import_module("pyarrow.parquet").write_table(table, buffer)
    code = f"pyarrow.parquet.write_table({name}, FILE)" if table is value else ""
    return _Saved(kind, ".parquet", buffer.getvalue(), code)


def _numpy_file(name: str, value: Any) -> _Saved:
    if value.dtype.hasobject:
        raise _CannotError("only a pickle could hold an array of objects.")
    numpy: Any = import_module("numpy")
    buffer = io.BytesIO()
    numpy.save(buffer, value, allow_pickle=False)
    is_array = look.known_name(value) == "_ndarray"
    return _Saved("numpy" if is_array else "numpy_scalar", ".npy", buffer.getvalue(), f"numpy.save(FILE, {name})")


_WRITERS: dict[str, Callable[[str, Any], _Saved]] = {
    "_pandas_frame": _pandas_file,
    "_pandas_series": _pandas_file,
    "_polars_frame": _polars_file,
    "_polars_series": _polars_file,
    "_polars_lazy": _polars_lazy_file,
    "_arrow_table": _arrow_file,
    "_arrow_array": _arrow_file,
    "_ndarray": _numpy_file,
    "_numpy_scalar": _numpy_file,
}

# ---- loading --------------------------------------------------------------------------------------------------------


def load(shell: Any, path: str, allows_pickle: bool) -> dict[str, Any]:
    """Load a folder of saved variables, or one file. Names that are taken stay as they are."""
    place = Path(path)
    try:
        entries, place = _entries(place)
    except OSError as error:
        raise Refusal("not_possible", f"It could not be read: {error}") from error
    loaded: list[str] = []
    notes: list[str] = []
    for entry in entries:
        name = str(entry["name"])
        try:
            value = _from_file(place / str(entry["file"]), str(entry["kind"]), allows_pickle)
        except _CannotError as error:
            notes.append(f"{name} was not loaded: {error}")
            continue
        except Exception as error:  # noqa: BLE001 - a library says that the file is not sound: told in its words
            notes.append(f"{name} was not loaded: {acts.words(error)}")
            continue
        free = _free_name(shell.user_ns, name)
        if free != name:
            notes.append(f"There is a variable {name} already, so this one is called {free}.")
        shell.user_ns[free] = value
        loaded.append(free)
    if not loaded:
        raise Refusal("not_possible", " ".join(notes) or "There are no variables in it.")
    return {"code": "", "undo": acts.made(shell, tuple(loaded)), "names": loaded, "note": " ".join(notes)}


def _free_name(space: dict[str, Any], name: str) -> str:
    number = 1
    free = name
    while free in space:
        number += 1
        free = f"{name}_{number}"
    return free


def _entries(place: Path) -> tuple[list[dict[str, Any]], Path]:
    """What is to be loaded, and the folder that it lies in. Raises Refusal."""
    if place.is_dir():
        return _manifest_entries(place / MANIFEST), place
    if place.name == MANIFEST:
        return _manifest_entries(place), place.parent
    kind = _SUFFIXES.get(place.suffix.lower())
    if kind is None:
        raise Refusal("not_possible", _UNKNOWN.get(place.suffix.lower(), "Files of this kind cannot be loaded here."))
    if not place.is_file():
        raise Refusal("not_possible", "There is no such file.")
    name = re.sub(r"\W", "_", place.stem)
    name = name if name.isidentifier() and not keyword.iskeyword(name) else "_" + name
    return [{"name": name, "file": place.name, "kind": kind}], place.parent


def _manifest_entries(manifest: Path) -> list[dict[str, Any]]:
    try:
        if manifest.stat().st_size > MANIFEST_BYTES_MOST:
            raise ValueError
        content = json.loads(manifest.read_bytes())
        found = list(content["variables"])
        if content["format"] != FORMAT or not all(_is_entry(entry) for entry in found):
            raise ValueError
    except FileNotFoundError as error:
        raise Refusal("not_possible", "This folder holds no saved variables: its manifest.json is missing.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refusal("not_possible", "The manifest.json of this folder cannot be understood.") from error
    return found


def _is_entry(entry: Any) -> bool:
    """A name that is one, and a file in the folder itself: a manifest may come from anybody."""
    if type(entry) is not dict or not all(type(entry.get(key)) is str for key in ("name", "file", "kind")):
        return False
    name, file = entry["name"], entry["file"]
    is_name = name.isidentifier() and not keyword.iskeyword(name) and not objects.is_special(name)
    return is_name and "/" not in file and file not in ("", ".", "..") and "\\" not in file


def _from_file(file: Path, kind: str, allows_pickle: bool) -> Any:
    if not stat.S_ISREG(file.lstat().st_mode):
        raise _CannotError("its file is no plain file.")
    reader = _READERS.get(kind)
    if reader is None:
        raise _CannotError("it was saved by R, and only R reads it." if kind == "rds" else "its kind is not known.")
    if kind == "pickle" and not allows_pickle:
        raise _CannotError("it is a pickle, which can run any code when it is loaded. Load it only if you trust it.")
    return reader(file)


def _read_pickle(file: Path) -> Any:
    import pickle

    with file.open("rb") as stream:
        return pickle.load(stream)


def _read_plain(file: Path) -> Any:
    if file.stat().st_size > JSON_BYTES_MOST:
        raise _CannotError("its file is too large.")
    try:
        return plain_json.decode(json.loads(file.read_bytes()))
    except (ValueError, RecursionError, plain_json.NotPlainError) as error:
        raise _CannotError("its file cannot be understood.") from error


def _read_numpy(file: Path) -> Any:
    return import_module("numpy").load(str(file), allow_pickle=False)


def _read_archive(file: Path) -> Any:
    with _read_numpy(file) as archive:
        return {name: archive[name] for name in archive.files}


def _library(*names: str) -> tuple[str, Any]:
    """The first of these that the session has imported, else the first that can be imported."""
    for name in names:
        if look.library(name) is not None:
            return name, sys.modules[name]
    for name in names:
        if _can_import(name):
            return name, sys.modules[name]
    raise _CannotError(f"{names[0]} is needed for it, and this environment does not have it.")


def _check_arrow() -> None:
    version = (look.library("pyarrow") or {}).get("__version__")
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3]) if type(version) is str else ARROW_SAFE
    if numbers < ARROW_SAFE:
        raise _CannotError("this pyarrow could run code that a file brings: install 14.0.1 or newer.")


def _read_frame(*names: str) -> Callable[[Path], Any]:
    def read(file: Path) -> Any:
        name, library = _library(*names)
        if name == "polars":
            return library.read_parquet(file)
        _can_import("pyarrow")
        _check_arrow()
        return library.read_parquet(file) if name == "pandas" else import_module("pyarrow.parquet").read_table(file)

    return read


def _read_feather(file: Path) -> Any:
    name, library = _library("pandas", "polars", "pyarrow")
    if name == "polars":
        return library.read_ipc(file)
    _can_import("pyarrow")
    _check_arrow()
    return library.read_feather(file) if name == "pandas" else import_module("pyarrow.feather").read_table(file)


def _read_csv(file: Path) -> Any:
    _, library = _library("pandas", "polars")
    return library.read_csv(file)


def _named_series(file: Path) -> Any:
    return _read_frame("pandas")(file).iloc[:, 0]


def _series(file: Path) -> Any:
    return _named_series(file).rename(None)


def _saved_csv(file: Path) -> Any:
    return _library("pandas")[1].read_csv(file, index_col=0)


_READERS: dict[str, Callable[[Path], Any]] = {
    "pandas": _read_frame("pandas"),
    "pandas_series": _series,
    "pandas_named_series": _named_series,
    "pandas_csv": _saved_csv,
    "pandas_series_csv": lambda file: _saved_csv(file).iloc[:, 0].rename(None),
    "pandas_named_series_csv": lambda file: _saved_csv(file).iloc[:, 0],
    "polars": _read_frame("polars"),
    "polars_series": lambda file: _read_frame("polars")(file).to_series(0),
    "arrow": _read_frame("pyarrow"),
    "arrow_array": lambda file: _read_frame("pyarrow")(file).column(0),
    "numpy": _read_numpy,
    "numpy_scalar": lambda file: _read_numpy(file)[()],
    "npz": _read_archive,
    "plain": _read_plain,
    "pickle": _read_pickle,
    "parquet": _read_frame("pandas", "polars", "pyarrow"),
    "feather": _read_feather,
    "csv": _read_csv,
}
_SUFFIXES = {
    ".parquet": "parquet", ".pq": "parquet", ".feather": "feather", ".arrow": "feather", ".csv": "csv",
    ".npy": "numpy", ".npz": "npz", ".json": "plain", ".pickle": "pickle", ".pkl": "pickle",
}  # fmt: skip
_UNKNOWN = {
    ".rds": "An .rds file holds a value of R: load it in an R session.",
    ".rdata": "An .RData file holds values of R: load it in an R session.",
}
