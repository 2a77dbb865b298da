"""Runs a script in R as Rscript does, and besides keeps its plots and the place of its error. Shipped as source.

Rscript alone knows no lines (it keeps no sources), and would draw all plots into one Rplots.pdf.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

# Each device has names of its own, since a script may close one and open the next. `warn`: told when they come.
_RUN = """
local({
  file <- Sys.getenv("FOURPANE_SCRIPT")
  place <- Sys.getenv("FOURPANE_PLACE")
  folder <- Sys.getenv("FOURPANE_FIGURES")
  Sys.unsetenv(c("FOURPANE_SCRIPT", "FOURPANE_PLACE", "FOURPANE_FIGURES"))
  base <- normalizePath(getwd(), "/")
  count <- 0L
  options(
    device = function(...) {
      count <<- count + 1L
      grDevices::png(
        file.path(folder, sprintf("plot-%06d-%%06d.png", count)), width = 1200, height = 900, res = 150,
        type = if (capabilities("cairo")) "cairo" else getOption("bitmapType")
      )
    },
    keep.source = TRUE, warn = 1, showErrorCalls = FALSE
  )
  where <- function(reference) {
    path <- normalizePath(utils::getSrcFilename(reference, full.names = TRUE), "/", mustWork = FALSE)
    if (length(path) == 1L && startsWith(path, paste0(base, "/"))) {
      paste(substring(path, nchar(base) + 2L), as.integer(reference)[[1L]], sep = "\\t")
    }
  }
  locate <- function(...) {
    try(silent = TRUE, {
      for (call in rev(sys.calls())) {
        reference <- attr(call, "srcref")
        found <- if (inherits(reference, "srcref")) where(reference)
        if (!is.null(found)) break
      }
      if (is.null(found)) found <- where(references[[at]])
      writeLines(found, place)
    })
  }
  at <- 0L
  expressions <- parse(file, keep.source = TRUE, encoding = "UTF-8")
  references <- attr(expressions, "srcref")
  for (at in seq_along(expressions)) {
    withCallingHandlers(
      {
        value <- withVisible(eval(expressions[[at]], globalenv()))
        if (value$visible) print(value$value)
      },
      error = locate
    )
  }
})
"""
_PARSE_ERROR = re.compile(r"(\S+):(\d+):\d+: ")


def command(rscript: str, folder: Path, script: str, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """What is run in the folder of the job's files, with which variables. `folder` is of the job, outside its files."""
    run, figures = folder / "run.R", folder / "figures"
    figures.mkdir()
    run.write_text(_RUN, "utf-8")
    variables = {
        "FOURPANE_SCRIPT": script, "FOURPANE_PLACE": str(folder / "place.txt"), "FOURPANE_FIGURES": str(figures)
    }  # fmt: skip
    return [rscript, "--no-save", "--no-restore", str(run), *arguments], variables


def collect(folder: Path, outputs: Path) -> None:
    """Plots into `outputs`, in the order they were drawn."""
    number = 0
    for path in sorted((folder / "figures").glob("plot-*.png")):
        number += 1
        while (outputs / f"figure-{number}.png").exists():
            number += 1
        path.replace(outputs / f"figure-{number}.png")


def last_error(said: str, folder: Path) -> tuple[str, str, int]:
    """What went wrong, in which file of the project, at which line; "" and 0 where that is not known."""
    lines = said.strip().splitlines()
    start = next((number for number in range(len(lines) - 1, -1, -1) if lines[number].startswith("Error")), None)
    if start is None:
        return lines[-1] if lines else "", "", 0
    words = " ".join(line.strip() for line in lines[start:] if not line.startswith("Execution halted"))[:500]
    if found := _PARSE_ERROR.search(words):
        return words, found[1], int(found[2])
    with contextlib.suppress(OSError, ValueError):
        file, line = (folder / "place.txt").read_text("utf-8").strip().split("\t")
        return words, file, int(line)
    return words, "", 0
