"""How a data file is read in each dialect, with the options that the viewer read it with."""

from __future__ import annotations

from ide.api.tables import ViewCodeError, ViewCodeRequest


def pandas(request: ViewCodeRequest, imports: set[str]) -> str:
    """An expression that reads the file as a frame."""
    raise ViewCodeError(f"Files of the format “{request.file_format}” cannot be read with pandas code.")


def polars(request: ViewCodeRequest, imports: set[str]) -> str:
    """An expression that reads the file, lazily where polars can."""
    raise ViewCodeError(f"Files of the format “{request.file_format}” cannot be read with Polars code.")


def duckdb(request: ViewCodeRequest) -> str:
    """What stands after FROM."""
    raise ViewCodeError(f"Files of the format “{request.file_format}” cannot be read with SQL.")
