# Run by `r.py` as `R --no-save --no-restore ... -f r_packages.R --args VERB LIBRARY REPOSITORY NAMES`. Base R alone.
# Answers are lines that begin with the mark, their fields parted by tabs.
local({
  arguments <- commandArgs(trailingOnly = TRUE)
  verb <- arguments[[1]]
  repository <- arguments[[2]]
  names <- arguments[-(1:2)]
  say <- function(...) cat("fourpane:", paste(..., sep = "\t"), "\n", sep = "")
  if (nzchar(repository)) {
    options(repos = c(CRAN = repository))
  } else if (identical(unname(getOption("repos")["CRAN"]), "@CRAN@")) {
    options(repos = c(CRAN = utils::getCRANmirrors(local.only = TRUE)$URL[[1L]]))  # the first of R's own list
  }
  options(timeout = 600, Ncpus = 1L, install.packages.compile.from.source = "always")
  # Where packages go: a library that the user named, that of a conda environment, else the user's own, which is made
  # where it is missing. Never into the machine's library, though whoever runs as root may write there.
  target <- function() {
    named <- path.expand(strsplit(Sys.getenv("R_LIBS"), .Platform$path.sep, fixed = TRUE)[[1]])
    named <- named[file.access(named, 2) == 0]
    if (length(named)) return(named[[1]])
    if (dir.exists(file.path(dirname(dirname(R.home())), "conda-meta"))) return(.Library)
    own <- strsplit(Sys.getenv("R_LIBS_USER"), .Platform$path.sep, fixed = TRUE)[[1]]
    own <- path.expand(own[nzchar(own) & own != "NULL"][1])
    if (is.na(own)) own <- file.path(path.expand("~"), "R", "library", paste(R.version$major, R.version$minor, sep = "."))
    own
  }
  available <- function() {
    away <- function(condition) say("unreachable", gsub("[\t\n]", " ", conditionMessage(condition)))
    withCallingHandlers(
      tryCatch(available.packages(), error = function(e) {
        away(e)
        matrix(character(), 0, 3, dimnames = list(NULL, c("Package", "Version", "Repository")))
      }),
      warning = function(w) {
        away(w)
        invokeRestart("muffleWarning")
      }
    )
  }
  version_of <- function(name, installed) {
    at <- match(name, installed[, "Package"])
    if (is.na(at)) "" else unname(installed[at, "Version"])
  }
  if (verb == "names") {
    for (name in rownames(available())) say("name", name)
  } else if (verb == "newest") {
    offered <- available()
    for (name in rownames(offered)) say("newest", name, offered[name, "Version"])
  } else if (verb == "plan") {
    say("target", target())
    offered <- available()
    installed <- installed.packages()
    installed <- installed[!duplicated(installed[, "Package"]), , drop = FALSE]
    which <- c("Depends", "Imports", "LinkingTo")
    missing <- setdiff(names, rownames(offered))
    for (name in missing) say("unknown", name)
    waiting <- setdiff(names, missing)
    planned <- character()
    while (length(waiting)) {
      name <- waiting[[1]]
      waiting <- waiting[-1]
      if (name %in% planned) next
      planned <- c(planned, name)
      fields <- offered[name, intersect(which, colnames(offered))]
      lines <- trimws(unlist(strsplit(fields[!is.na(fields)], ",")))
      for (line in lines[nzchar(lines)]) {
        wanted <- sub("[ (].*$", "", line)
        at_least <- if (grepl(">=", line)) trimws(gsub("^.*>=|\\)", "", line)) else ""
        if (wanted == "R") {
          if (nzchar(at_least) && getRversion() < at_least) say("old", name, at_least)
          next
        }
        here <- version_of(wanted, installed)
        if (nzchar(here) && (!nzchar(at_least) || package_version(here) >= at_least)) next
        if (!(wanted %in% rownames(offered))) {
          if (nzchar(here)) say("needs", name, wanted, at_least, here) else say("lacks", name, wanted)
        } else if (nzchar(at_least) && package_version(offered[wanted, "Version"]) < at_least) {
          say("needs", name, wanted, at_least, offered[wanted, "Version"])
        } else {
          waiting <- c(waiting, wanted)
        }
      }
    }
    for (name in planned) {
      say(
        "change", name, version_of(name, installed), offered[name, "Version"],
        gsub("[\t\n]", " ", if ("License" %in% colnames(offered)) offered[name, "License"] else ""),
        if ("MD5sum" %in% colnames(offered) && !is.na(offered[name, "MD5sum"])) "1" else "0",
        sub("/(src|bin)/.*$", "", offered[name, "Repository"])
      )
    }
  } else if (verb == "install") {
    library <- target()
    dir.create(library, recursive = TRUE, showWarnings = FALSE)
    .libPaths(c(library, .libPaths()))
    # R installs from source, which loads what a package needs: that comes before it.
    needs <- tools::package_dependencies(names, db = available(), which = c("Depends", "Imports", "LinkingTo"))
    while (length(names)) {
      is_waiting <- vapply(names, function(name) any(setdiff(needs[[name]], name) %in% names), NA)
      ready <- if (all(is_waiting)) names else names[!is_waiting]
      for (name in ready) install.packages(name, lib = library, dependencies = FALSE, quiet = TRUE)
      names <- setdiff(names, ready)
    }
  } else if (verb == "remove") {
    installed <- installed.packages()
    for (name in names) {
      at <- match(name, installed[, "Package"])
      if (!is.na(at)) remove.packages(name, lib = installed[at, "LibPath"])
    }
  }
  say("end")
})
