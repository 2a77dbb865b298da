# Saving variables into a folder and loading them back: an .rds file for each, and a manifest. Sent after
# `variable_acts.R` in the same `local()`.
#
# An .rds file can hold code: functions, and in R before 4.4 promises that run once they are touched. So without the
# user's word only data are saved, and what a file holds is looked through, without touching it, before it is kept.

# ---- saving and loading --------------------------------------------------------------------------------------------

saved_format <- "fourpane variables"
checked_parts_most <- 2e6

file_stem <- function(name) {
  stem <- gsub("[^A-Za-z0-9._-]", "_", name)
  if (grepl("^[.-]|^(con|prn|aux|nul|com[0-9]|lpt[0-9])$", stem, ignore.case = TRUE)) paste0("_", stem) else stem
}

free_file <- function(folder, stem) {
  file <- paste0(stem, ".rds")
  number <- 1L
  while (file.exists(file.path(folder, file))) {
    number <- number + 1L
    file <- paste0(stem, "-", number, ".rds")
  }
  file
}

write_value <- function(name, path) {
  connection <- gzfile(path, "wb", compression = 1L)
  on.exit(close(connection))
  saveRDS(get(name, envir = globalenv(), inherits = FALSE), connection)
}

is_data_at <- function(name) {
  is.finite(data_count(get(name, envir = globalenv(), inherits = FALSE), checked_parts_most, allows_pointer = TRUE))
}

save_variables <- function(names, folder, allows_pickle) {
  names <- present_names(unique.default(as.character(unlist(names))))
  if (!length(names)) refuse("not_possible", "There are no variables of these names any more.")
  folder <- path.expand(folder)
  if (file.exists(file.path(folder, "manifest.json"))) {
    refuse("not_possible", "There are saved variables in this folder already: choose a new one.")
  }
  if (file.exists(folder) && !dir.exists(folder)) refuse("not_possible", "There is a file of this name: choose another folder.")
  is_new <- !dir.exists(folder)
  if (is_new && !dir.create(folder, recursive = TRUE, showWarnings = FALSE)) refuse("not_possible", "The folder could not be made.")
  entries <- list()
  notes <- character()
  code <- character()
  left_out <- character()
  for (name in names) {
    problem <- save_problem(name)
    if (!nzchar(problem) && !allows_pickle && !is_data_at(name)) {
      left_out <- c(left_out, name)
      problem <- only_code_file
    }
    if (!nzchar(problem)) {
      file <- free_file(folder, file_stem(name))
      problem <- tryCatch({
        write_value(name, file.path(folder, file))
        ""
      }, error = function(e) conditionMessage(e))
    }
    if (nzchar(problem)) {
      notes <- c(notes, paste0(name, " was not saved: ", problem))
      next
    }
    entries[[length(entries) + 1L]] <- list(name = enc2utf8(name), file = file, kind = "rds", type = type_on(name))
    code <- c(code, paste0("saveRDS(", ticked(name), ", ", in_quotes(file.path(folder, file)), ")"))
  }
  note <- paste(notes, collapse = " ")
  if (!length(entries)) {
    if (is_new) unlink(folder, recursive = TRUE)
    if (!length(left_out)) refuse("not_possible", note)
    return(list(code = "", undo = "", names = list(), note = note, left_out = as.list(left_out)))
  }
  content <- list(format = saved_format, version = 1L, language = "r",
                  versions = list(r = paste0(R.version$major, ".", R.version$minor)), variables = entries)
  writeLines(jsonlite::toJSON(content, auto_unbox = TRUE, pretty = TRUE), file.path(folder, "manifest.json"), useBytes = TRUE)
  list(code = paste(code, collapse = "\n"), undo = "", names = lapply(entries, function(entry) entry$name), note = note,
       left_out = as.list(left_out))
}

# What holds code comes back only as a warned act.
only_code_file <- "it holds functions, environments or other things than data: only a file that can run code could hold it."

# Why there is nothing to save; "" where there is a value.
save_problem <- function(name) {
  state <- binding_state(name, globalenv())
  if (state == "value") "" else no_value_words(state, name)
}

read_manifest <- function(path) {
  unclear <- function(e) refuse("not_possible", "The manifest.json of this folder cannot be understood.")
  if (!file.exists(path)) refuse("not_possible", "This folder holds no saved variables: its manifest.json is missing.")
  if (file.size(path) > 1e7) unclear()
  content <- tryCatch(
    jsonlite::parse_json(paste(readLines(path, warn = FALSE, encoding = "UTF-8"), collapse = "\n"), simplifyVector = FALSE),
    error = unclear
  )
  is_entry <- function(entry) {
    fields <- if (is.list(entry)) entry[c("name", "file", "kind")] else list()
    is_text <- length(fields) == 3L && all(vapply(fields, function(field) is.character(field) && length(field) == 1L, NA))
    is_text && nzchar(entry$name) && !startsWith(entry$name, ".") && !grepl("[[:cntrl:]]", entry$name) &&
      nzchar(entry$file) && !grepl("[/\\\\]", entry$file) && !(entry$file %in% c(".", ".."))
  }
  if (!is.list(content) || !identical(content$format, saved_format) || !all(vapply(content$variables, is_entry, NA))) unclear()
  content$variables
}

file_kinds <- c(rds = "rds", csv = "csv", rdata = "rdata", rda = "rdata")

load_variables <- function(path, allows_pickle) {
  path <- path.expand(path)
  if (dir.exists(path)) path <- file.path(path, "manifest.json")
  entries <- if (basename(path) == "manifest.json") read_manifest(path) else one_file(path)
  made <- character()
  notes <- character()
  for (entry in entries) {
    found <- tryCatch(load_entry(file.path(dirname(path), entry$file), entry, allows_pickle), error = function(e) {
      notes <<- c(notes, paste0(entry$name, " was not loaded: ", conditionMessage(e)))
      NULL
    })
    if (is.null(found)) next
    for (name in .Internal(ls(found, FALSE, TRUE))) {
      free <- free_variable(name)
      if (free != name) notes <- c(notes, paste0("There is a variable ", name, " already, so this one is called ", free, "."))
      copy_binding(name, found, free, globalenv())
      made <- c(made, free)
    }
  }
  note <- paste(notes, collapse = " ")
  if (!length(made)) refuse("not_possible", if (nzchar(note)) note else "There are no variables in it.")
  undos <- lapply(made, function(name) undo_made(name, held_after(name)))
  undo <- function() {
    done <- lapply(undos, function(one) one())
    list(names = unlist(lapply(done, function(one) one$names)),
         note = trimws(paste(vapply(done, function(one) one$note, ""), collapse = " ")))
  }
  act_answer("", made, keep_act(undo), note)
}

one_file <- function(path) {
  kind <- file_kinds[tolower(tools::file_ext(path))]
  if (is.na(kind)) refuse("not_possible", "Files of this kind cannot be loaded here.")
  if (!file.exists(path)) refuse("not_possible", "There is no such file.")
  list(list(name = make.names(tools::file_path_sans_ext(basename(path))), file = basename(path), kind = kind[[1L]]))
}

free_variable <- function(name) {
  free <- name
  number <- 1L
  while (exists(free, envir = globalenv(), inherits = FALSE)) {
    number <- number + 1L
    free <- paste0(name, "_", number)
  }
  free
}

# The values of a file, in an environment of their own. Data are looked through before any of it can be used: an .rds
# file may hold promises, which run code once they are touched.
load_entry <- function(path, entry, allows_pickle) {
  link <- Sys.readlink(path)
  if (!file.exists(path) || dir.exists(path) || (!is.na(link) && nzchar(link))) stop("its file is no plain file.", call. = FALSE)
  found <- new.env(parent = emptyenv())
  if (entry$kind == "csv") {
    assign(entry$name, utils::read.csv(path, check.names = FALSE, fileEncoding = "UTF-8"), envir = found)
  } else if (entry$kind == "rdata") {
    if (!allows_pickle) stop("an .RData file can hold code. Load it only if you trust it.", call. = FALSE)
    load(path, envir = found)
  } else if (entry$kind == "rds") {
    holder <- list(readRDS(path))
    if (!allows_pickle && !is_held_data(holder)) {
      stop("it holds more than data, which can run code. Load it only if you trust it.", call. = FALSE)
    }
    assign(entry$name, .subset2(holder, 1L), envir = found)
  } else {
    stop("it was saved by another language in a form that R does not read here.", call. = FALSE)
  }
  found
}

is_held_data <- function(holder) {
  typeof(.subset2(holder, 1L)) != "promise" &&
    is.finite(data_count(.subset2(holder, 1L), checked_parts_most, allows_pointer = TRUE))
}

answers$variables.save <- save_variables
answers$variables.load <- load_variables
