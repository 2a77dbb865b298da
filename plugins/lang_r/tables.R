# Tables of the R agent: what is open, what it is, its columns, how it follows its object, and the user's `View`. Cells,
# views, profiles and edits are in the files beside. Sent after `agent.R` into the same environment; its laws hold too.
#
# Nothing of the user's is kept between requests: a table is a path, what its columns were when they were last looked
# at, and the index vector of its present view. Each request looks the value up again. How a value is looked at without
# a copy and without a trace:
#   - only functions that say so hold the user's value (`v`, or a column `col`). They are flat: no closure and no
#     tryCatch is made in them, nothing is stored in a list, so that R takes its counts of references back when they
#     end. Only an error in one of them would leave a count behind, and with it one copy at the user's next change;
#   - what they give on is fresh: `.subset` of the rows asked for, without attributes;
#   - sorts and filters work on such fresh vectors. What stays is four bytes for each row of the view.
# R has one thread: slow methods are answered at once, and those that look at much say how many rows they looked at.

# ---- finding the value ---------------------------------------------------------------------------------------------

# Values that `View` was called with and that have no name; dropped when their table is closed.
kept_mark <- "#view:"
kept <- new.env(hash = TRUE, parent = emptyenv())
kept_titles <- new.env(hash = TRUE, parent = emptyenv())
kept_most <- 20L
last_kept <- 0L

is_kept <- function(path) startsWith(path[1L], kept_mark)

# Whether there is a value that can be looked at; refuses with the reason if not.
find_value <- function(path) {
  if (is_kept(path)) {
    if (!exists(path[1L], envir = kept, inherits = FALSE)) refuse("not_possible", "The value is not kept any more.")
    return(invisible(NULL))
  }
  state <- binding_state(path[1L], globalenv())
  if (state == "value") return(invisible(NULL))
  refuse("not_possible", switch(state,
    none = paste0("There is no variable ", path[1L], " any more."),
    active = paste0(path[1L], " is an active binding: looking at it would run code."),
    paste0(path[1L], " is not evaluated yet: looking at it would run code. Use it once, then open it.")
  ))
}

# Holds the value only to hand it on; `find_value` was asked before. Tokens after the name are those of
# `variables.children`.
value_at <- function(path) {
  if (is_kept(path)) return(kept[[path[1L]]])
  if (length(path) == 1L) return(get(path, envir = globalenv(), inherits = FALSE))
  value_on_path(path)
}

# ---- what it is ----------------------------------------------------------------------------------------------------

# Form "frame", "grid" (matrix, table, array) or "vector" (also a list), or why it is none. Holds the value.
shape_of <- function(v) {
  if (is_frame(v)) {
    names <- text_attribute(v, "names")
    return(list(form = "frame", type = type_of(v), rows = row_count(v), columns = length(names), dims = integer(),
                note = frame_note(v), is_edited = can_edit_frame(classes_of(v))))
  }
  type <- typeof(v)
  if (isS4(v) || !(type %in% c(atomic_types, "list"))) {
    return(list(form = "", why = paste0("A value of type ", type_of(v), " has no rows and columns to show.")))
  }
  is_known <- all(classes_of(v) %in% known_classes)
  dims <- attr(v, "dim", exact = TRUE)
  if (typeof(dims) == "integer" && !is.object(dims)) {
    return(list(form = "grid", type = type_of(v), rows = dims[1L], columns = if (length(dims) > 1L) dims[2L] else 1L,
                dims = as.integer(dims), note = "", is_edited = is_known && type != "list"))
  }
  rows <- if ("POSIXlt" %in% classes_of(v)) posixlt_length(v) else safe_length(v)
  if (is.na(rows)) {
    return(list(form = "", why = paste0("Only a method of class ", type_of(v), " could tell how long it is.")))
  }
  list(form = "vector", type = type_of(v), rows = rows, columns = 1L, dims = integer(), note = "",
       is_edited = is_known && type != "list")
}

shape_at <- function(path) {
  find_value(path)
  shape_of(value_at(path))
}

frame_classes <- c("data.frame", "tbl_df", "tbl", "spec_tbl_df", "grouped_df", "rowwise_df", "data.table")
known_classes <- c("factor", "ordered", "Date", "IDate", "POSIXct", "POSIXt", "difftime", "table", "matrix", "array",
                   "ts", "mts")

can_edit_frame <- function(classes) all(classes %in% frame_classes)

# Holds the value.
frame_note <- function(v) {
  groups <- attr(v, "groups", exact = TRUE)
  named <- if (is.list(groups)) text_attribute(groups, "names") else NULL
  if (length(named) > 1L) return(cut_text(paste0("Grouped by ", paste(named[named != ".rows"], collapse = ", "), ".")))
  key <- text_attribute(v, "sorted")
  if (length(key)) return(cut_text(paste0("Key: ", paste(key, collapse = ", "), ".")))
  ""
}

# How the cells of a column are stored, by class and type. Holds the column; `is_grid` where its dim is the table's.
storage_of <- function(col, is_grid = FALSE) {
  type <- typeof(col)
  if (!is.object(col) && type %in% atomic_types && (is_grid || is.null(attr(col, "dim", exact = TRUE)))) return(type)
  if (isS4(col)) return("opaque")
  cls <- classes_of(col)
  if (type == "list" && "POSIXlt" %in% cls) return("POSIXlt")
  if (type == "list" && "data.frame" %in% cls) return("frame")
  if (!is_grid && length(attr(col, "dim", exact = TRUE)) > 1L) return("matrix")
  if (type == "list") return("list")
  if (!(type %in% atomic_types)) return("opaque")
  if ("factor" %in% cls && type == "integer") return("factor")
  if (type %in% c("integer", "double")) {
    for (name in c("Date", "POSIXct", "difftime")) if (name %in% cls) return(name)
    if ("ITime" %in% cls && type == "integer") return("ITime")
    if ("integer64" %in% cls && type == "double") return("integer64")
  }
  type
}

storage_kinds <- c(
  logical = "boolean", integer = "number", double = "number", integer64 = "number", complex = "object",
  character = "text", raw = "binary", factor = "category", Date = "date", POSIXct = "timestamp", POSIXlt = "timestamp",
  difftime = "duration", ITime = "time", list = "nested", matrix = "nested", frame = "nested", opaque = "object"
)
sorted_kinds <- c("boolean", "number", "text", "category", "date", "timestamp", "duration", "time")

unit_seconds <- c(secs = 1, mins = 60, hours = 3600, days = 86400, weeks = 604800)

# Seconds that one of the column's own units takes. Holds the column.
scale_of <- function(col) {
  units <- text_attribute(col, "units")
  found <- if (length(units) == 1L) unit_seconds[units] else NA
  if (is.na(found)) 1 else found[[1L]]
}

# Holds the column.
zone_of <- function(col) {
  zone <- text_attribute(col, "tzone")
  if (length(zone) && !is.na(zone[1L]) && nzchar(zone[1L])) zone[1L] else local_zone()
}

# The zone that R shows times in which have none of their own. `Sys.timezone` may start a program to find it out.
local_zone <- function() {
  zone <- Sys.getenv("TZ", NA_character_)
  if (!is.na(zone) && nzchar(zone)) return(sub("^:", "", zone))
  link <- Sys.readlink("/etc/localtime")
  if (grepl("zoneinfo/", link, fixed = TRUE)) return(sub("^.*zoneinfo/", "", link))
  zone <- tryCatch(Sys.timezone(), error = function(e) NA_character_)
  if (is.na(zone)) "UTC" else zone
}

# The label of haven and others, with the labels of single values. Holds the column.
label_of <- function(col) {
  label <- text_attribute(col, "label")
  label <- if (length(label)) label[1L] else ""
  labels <- attr(col, "labels", exact = TRUE)
  names <- if (is.null(labels)) NULL else text_attribute(labels, "names")
  if (!length(names) || is.object(labels) || !(typeof(labels) %in% c("double", "integer", "character"))) {
    return(cut_text(label))
  }
  some <- seq_len(min(8L, length(names)))
  pairs <- paste(labels[some], "=", names[some], collapse = ", ")
  cut_text(paste0(label, if (nzchar(label)) " ", "(", pairs, if (length(names) > 8L) ", \u2026", ")"))
}

# What the contract says of a column, but its name and index. Holds the column.
about_of <- function(col, is_grid = FALSE) {
  storage <- storage_of(col, is_grid)
  kind <- storage_kinds[[storage]]
  type_name <- if (is_grid && !length(classes_of(col))) type_word(typeof(col)) else type_of(col)
  if (storage == "difftime") type_name <- paste0("difftime (", text_attribute(col, "units")[1L], ")")
  is_plain <- storage %in% c("logical", "integer", "double", "character", "factor", "Date", "POSIXct", "difftime")
  list(
    storage = storage, kind = kind, type_name = type_name,
    unit = if (kind %in% c("timestamp", "duration", "time")) "s" else "",
    zone = if (kind == "timestamp") zone_of(col) else "", label = label_of(col),
    level_count = if (storage == "factor") length(text_attribute(col, "levels")) else 0L,
    is_ordered = storage == "factor" && "ordered" %in% classes_of(col), can_sort = kind %in% sorted_kinds,
    can_edit = is_plain && (is_grid || all(classes_of(col) %in% known_classes))
  )
}

type_word <- function(type) if (type %in% names(type_words)) type_words[[type]] else type

# Row labels: row names that somebody gave, names, dimnames. NULL where rows are only numbered. Holds the value.
labels_in <- function(v, form, row_axis) {
  if (form == "frame") {
    if (.row_names_info(v, 1L) < 0L) return(NULL)
    return(.row_names_info(v, 0L))
  }
  if (form == "vector") return(if (storage_of(v) == "POSIXlt") NULL else text_attribute(v, "names"))
  dimnames <- attr(v, "dimnames", exact = TRUE)
  if (typeof(dimnames) != "list") return(NULL)
  found <- .subset2(dimnames, row_axis + 1L)
  if (typeof(found) == "character") found else NULL
}

# ---- open tables ---------------------------------------------------------------------------------------------------

tables <- new.env(hash = TRUE, parent = emptyenv())
last_table <- 0L

table_named <- function(id) {
  found <- tables[[id]]
  if (is.null(found)) refuse("not_possible", "This table is not open any more.")
  found
}

# The table, if its object is still what the window was told.
current <- function(id) {
  t <- table_named(id)
  shape <- shape_at(t$path)
  if (!same_shape(t$shape, shape)) refuse("out_of_date", "The table is another by now.")
  t
}

same_shape <- function(a, b) {
  identical(a$form, b$form) && identical(a$dims, b$dims) && identical(a$columns, b$columns) && identical(a$rows, b$rows)
}

set_shape <- function(t, shape) {
  keeps_axes <- !is.null(t$shape) && length(shape$dims) && identical(t$shape$dims, shape$dims)
  t$shape <- shape
  axes <- length(shape$dims)
  if (keeps_axes) return(show_axes(t, t$row_axis, t$column_axis, t$fixed))
  show_axes(t, if (axes) 0L else -1L, if (axes > 1L) 1L else -1L, integer(max(0L, axes - 2L)))
}

# Numbers of rows and columns are those of the axes shown.
show_axes <- function(t, row_axis, column_axis, fixed) {
  t$row_axis <- row_axis
  t$column_axis <- column_axis
  t$fixed <- fixed
  dims <- t$shape$dims
  if (length(dims)) {
    t$rows <- dims[row_axis + 1L]
    t$columns <- if (column_axis < 0L) 1L else dims[column_axis + 1L]
  } else {
    t$rows <- t$shape$rows
    t$columns <- t$shape$columns
  }
  drop_view(t)
}

drop_view <- function(t) {
  t$index <- NULL
  t$view <- NULL
  t$seen <- NULL
}

open_table <- function(path) {
  if (!length(path)) refuse("bad_params", "path is empty")
  shape <- shape_at(path)
  if (!nzchar(shape$form)) refuse("not_possible", shape$why)
  last_table <<- last_table + 1L
  t <- new.env(hash = TRUE, parent = emptyenv())
  t$id <- paste0("t", last_table)
  t$path <- path
  t$expression <- if (is_kept(path)) "" else if (length(path) == 1L) ticked(path) else expression_of(path)
  t$title <- if (is_kept(path)) kept_titles[[path[1L]]] else if (length(path) == 1L) path else t$expression
  if (!nzchar(t$title)) t$title <- paste(path[1L], "\u203a \u2026")
  t$version <- 0L
  t$is_gone <- FALSE
  t$undo <- list()
  set_shape(t, shape)
  t$marks <- marks_at(t)
  t$signature <- signature_of(t, seq_len(t$shape$columns))
  assign(t$id, t, envir = tables)
  table_info(t)
}

table_info <- function(t) {
  labels <- columns_of(t, if (is.null(label_about(t))) integer() else -1L)
  is_frame <- t$shape$form == "frame"
  features <- c("sort", "filter", "profile", "missing", "values", "find", if (can_edit(t)) "edit",
                if (is_frame) "audit", if (length(t$shape$dims) > 2L) "slice")
  list(
    table = t$id, title = valid_text(t$title), type_name = valid_text(t$shape$type), library = "r",
    dialects = if (is_frame && nzchar(t$expression)) list("dplyr", "base_r") else list(),
    expression = valid_text(t$expression),
    row_count = t$rows, column_count = t$columns, labels = labels, dims = as.list(t$shape$dims), row_axis = t$row_axis,
    column_axis = t$column_axis, fixed = as.list(t$fixed), features = as.list(features), version = t$version,
    note = t$shape$note
  )
}

# Only elements and bindings below the name: others are no places that code would write to.
can_edit <- function(t) t$shape$is_edited && nzchar(t$expression) && all(substr(t$path[-1L], 1L, 1L) %in% c("i", "e"))

close_table <- function(table) {
  t <- tables[[table]]
  if (!is.null(t)) {
    rm(list = table, envir = tables)
    if (is_kept(t$path)) drop_kept(t$path[1L])
  }
  nothing()
}

drop_kept <- function(name) {
  others <- vapply(ls(tables), function(id) tables[[id]]$path[1L], "")
  if (!(name %in% others) && exists(name, envir = kept, inherits = FALSE)) {
    rm(list = name, envir = kept)
    rm(list = name, envir = kept_titles)
  }
}

nothing <- function() structure(list(), names = character())

slice_table <- function(table, row_axis, column_axis, fixed) {
  t <- current(table)
  dims <- t$shape$dims
  others <- setdiff(seq_along(dims) - 1L, c(row_axis, column_axis))
  is_axis <- row_axis %in% (seq_along(dims) - 1L) && column_axis %in% (seq_along(dims) - 1L)
  if (length(dims) < 2L || !is_axis || row_axis == column_axis) refuse("bad_params", "there are no such axes")
  if (length(fixed) != length(others) || any(fixed < 0 | fixed >= dims[others + 1L])) {
    refuse("bad_params", "fixed is no place on the other axes")
  }
  show_axes(t, as.integer(row_axis), as.integer(column_axis), as.integer(fixed))
  table_info(t)
}

# ---- columns -------------------------------------------------------------------------------------------------------

column_about <- function(t, index) {
  if (index < 0L) return(label_about(t))
  column_about_in(value_at(t$path), t$shape$form, index)
}

# Holds the value.
column_about_in <- function(v, form, index) {
  if (form == "frame") about_of(.subset2(v, index + 1L)) else about_of(v, form == "grid")
}

columns_about <- function(t, indexes) columns_about_in(value_at(t$path), t$shape$form, indexes)

# Holds the value.
columns_about_in <- function(v, form, indexes) {
  if (form != "frame") return(rep(list(about_of(v, form == "grid")), length(indexes)))
  found <- vector("list", length(indexes))
  for (at in seq_along(indexes)) found[[at]] <- about_of(.subset2(v, indexes[at] + 1L))
  found
}

label_about <- function(t) label_about_in(value_at(t$path), t)

# Holds the value.
label_about_in <- function(v, t) {
  labels <- labels_in(v, t$shape$form, t$row_axis)
  if (is.null(labels)) return(NULL)
  found <- about_of(labels)
  found$can_edit <- FALSE
  found
}

# Holds the value. Names as they are, and code for those that do not name one column.
column_names <- function(t, indexes) names_in_table(value_at(t$path), t, indexes)

names_in_table <- function(v, t, indexes) {
  at <- indexes + 1
  names <- NULL
  if (t$shape$form == "vector") return(list(name = rep("value", length(at)), code = rep("", length(at))))
  if (t$shape$form == "frame") {
    names <- text_attribute(v, "names")
  } else if (t$column_axis >= 0L) {
    dimnames <- attr(v, "dimnames", exact = TRUE)
    if (typeof(dimnames) == "list") names <- .subset2(dimnames, t$column_axis + 1L)
  }
  if (typeof(names) != "character") {
    shown <- if (t$column_axis < 0L) rep("value", length(at)) else sprintf("[,%d]", as.integer(at))
    return(list(name = shown, code = if (t$column_axis < 0L) rep("", length(at)) else sprintf("%dL", as.integer(at))))
  }
  is_repeated <- names %in% names[duplicated(names)]
  needs_code <- is.na(names[at]) | !nzchar(names[at]) | is_repeated[at]
  shown <- valid_text(names[at])
  shown[is.na(shown)] <- "NA"
  list(name = shown, code = ifelse(needs_code, sprintf("%dL", as.integer(at)), ""))
}

label_name <- function(t) label_name_in(value_at(t$path), t)

# Holds the value.
label_name_in <- function(v, t) {
  if (t$shape$form != "grid") return("")
  names <- names(attr(v, "dimnames", exact = TRUE))
  name <- if (is.null(names)) "" else names[t$row_axis + 1L]
  if (is.na(name)) "" else valid_text(name)
}

# Rows of `TableColumn`. A data frame becomes a list of JSON objects quickly.
columns_of <- function(t, indexes) {
  if (!length(indexes)) return(list())
  about <- if (indexes[1L] < 0L) list(label_about(t)) else columns_about(t, indexes)
  names <- if (indexes[1L] < 0L) list(name = label_name(t), code = "") else column_names(t, indexes)
  pick <- function(field, like) vapply(about, function(one) one[[field]], like, USE.NAMES = FALSE)
  editable <- can_edit(t)
  rows <- list(
    index = as.integer(indexes), name = names$name, name_code = names$code,
    type_name = valid_text(pick("type_name", "")),
    kind = pick("kind", ""), unit = pick("unit", ""), zone = pick("zone", ""), label = pick("label", ""),
    level_count = pick("level_count", 0L), is_ordered = pick("is_ordered", NA), can_sort = pick("can_sort", NA),
    can_filter = rep(TRUE, length(about)), can_edit = pick("can_edit", NA) & editable
  )
  structure(rows, class = "data.frame", row.names = .set_row_names(length(about)))
}

table_columns <- function(table, first, end) {
  t <- current(table)
  first <- max(0, first)
  end <- min(end, t$columns)
  list(columns = columns_of(t, if (end > first) seq.int(first, end - 1) else integer()))
}

check_column <- function(t, index) {
  is_there <- if (index < 0) index == -1 && !is.null(label_about(t)) else index < t$columns
  if (!is_there) refuse("bad_params", paste0("there is no column ", index))
}

# ---- following the object ------------------------------------------------------------------------------------------

# Where the value and its columns are: another place means other content. NULL where R does not tell.
marks_at <- function(t) if (has_addresses) marks_in(value_at(t$path), t$shape$form) else NULL

# Holds the value.
marks_in <- function(v, form) {
  if (form != "frame") return(list(.Internal(address(v))))
  columns <- length(text_attribute(v, "names"))
  marks <- vector("list", columns + 2L)
  marks[[1L]] <- .Internal(address(attr(v, "names", exact = TRUE)))
  marks[[2L]] <- .Internal(address(.row_names_info(v, 0L)))
  for (i in seq_len(columns)) marks[[i + 2L]] <- .Internal(address(.subset2(v, i)))
  marks
}

# One text for each column: if all are the same, so is the schema.
signature_of <- function(t, at) {
  if (t$shape$form != "frame") {
    return(paste(unlist(c(column_about(t, 0L), label_about(t), t$shape$dims)), collapse = "\r"))
  }
  names <- column_names(t, at - 1L)$name
  paste(names, column_words(value_at(t$path), at), sep = "\r")
}

# Holds the value. Most columns are plain, and there may be many.
column_words <- function(v, at) {
  words <- character(length(at))
  for (i in seq_along(at)) words[i] <- column_word(.subset2(v, at[i]))
  words
}

# Holds the column.
column_word <- function(col) {
  is_plain <- !is.object(col) && is.null(attr(col, "dim", exact = TRUE)) && is.null(attr(col, "label", exact = TRUE))
  if (is_plain) typeof(col) else paste(unlist(about_of(col)), collapse = "\r")
}

# Names that code assigns to, parts of them too (`df$x[2] <- 1`), and those that it may change by reference.
changed_names <- function(code) {
  found <- new.env(hash = TRUE, parent = emptyenv())
  parsed <- tryCatch(parse(text = code, keep.source = FALSE), error = function(e) NULL)
  for (one in as.list(parsed)) note_changes(one, one, found)
  ls(found, all.names = TRUE)
}

# `:=` may change whatever the whole statement names.
note_changes <- function(call, statement, found) {
  if (!is.call(call)) return(invisible(NULL))
  head <- call_head(call)
  if (length(call) > 1L && (head %in% c("<-", "<<-", "=") || startsWith(head, "set"))) note_root(call[[2L]], found)
  if (head == ":=") for (name in all.vars(statement)) assign(name, TRUE, envir = found)
  for (at in seq_along(call)) {
    part <- call[[at]]
    if (!missing(part) && is.call(part)) note_changes(part, statement, found)
  }
}

# The name of the function that is called, without its package.
call_head <- function(call) {
  head <- call[[1L]]
  if (is.call(head) && length(head) == 3L) head <- head[[3L]]
  if (is.name(head) || is.character(head)) as.character(head)[1L] else ""
}

note_root <- function(target, found) {
  while (is.call(target) && length(target) > 1L) target <- target[[2L]]
  if (is.name(target) || is.character(target)) assign(as.character(target), TRUE, envir = found)
}

# After a run: tells what became of each open table.
follow_tables <- function() {
  ids <- ls(tables)
  if (!length(ids)) return(invisible(NULL))
  names <- changed_names(last_code())
  for (id in ids) follow(tables[[id]], names)
}

follow <- function(t, changed_names) {
  shape <- tryCatch(shape_at(t$path), fourpane_refusal = function(e) list(form = ""))
  if (!nzchar(shape$form)) {
    if (!t$is_gone) send_event("table.changed", list(table = t$id, change = "gone", version = t$version))
    t$is_gone <- TRUE
    return(invisible(NULL))
  }
  change <- change_of(t, shape, changed_names)
  t$is_gone <- FALSE
  if (!nzchar(change)) return(invisible(NULL))
  t$version <- t$version + 1L
  drop_view(t)
  t$undo <- if (change == "schema") list() else t$undo
  send_event("table.changed", list(table = t$id, change = change, info = table_info(t), version = t$version))
}

# "schema", "data" or "". Looks only at columns that are in another place than before.
change_of <- function(t, shape, changed_names) {
  before <- t$shape
  was <- t$signature
  marks <- marks_at(list(path = t$path, shape = shape))
  is_moved <- is.null(marks) || !identical(marks, t$marks)
  is_other <- t$is_gone || is_moved || !same_shape(before, shape) || t$path[1L] %in% changed_names
  if (!is_other) {
    if (!is_seen_other(t)) return("")
    return("data")
  }
  is_same_form <- before$form == shape$form && before$columns == shape$columns && identical(before$dims, shape$dims)
  set_shape(t, shape)
  t$signature <- if (!is_same_form || is.null(marks) || !identical(marks[1L], t$marks[1L]) || shape$form != "frame") {
    signature_of(t, seq_len(shape$columns))
  } else {
    moved <- which(!mapply(identical, marks, t$marks)[-(1:2)])
    replace(was, moved, signature_of(t, moved))
  }
  t$marks <- marks
  if (is_same_form && identical(was, t$signature) && identical(before$type, shape$type)) "data" else "schema"
}

# Whether the page that the window asked for last holds other cells now.
is_seen_other <- function(t) {
  seen <- t$seen
  if (is.null(seen)) return(FALSE)
  !identical(encoded_page(t, seen$rows, seen$columns)$buffers, seen$buffers)
}

# ---- View ----------------------------------------------------------------------------------------------------------

# Opens what it is given in the window. A plain name of the global environment is opened by that name, so that the table
# follows it; any other value is kept until its table is closed.
show_table <- function(x, title) {
  if (is.null(window_comm)) stop("there is no window to show it in", call. = FALSE)
  expression <- substitute(x)
  shown <- paste(deparse(expression, nlines = 1L), collapse = " ")
  title <- if (missing(title)) shown else paste(as.character(title), collapse = " ")
  is_global <- is.name(expression) && identical(parent.frame(), globalenv()) &&
    exists(as.character(expression), envir = globalenv(), inherits = FALSE)
  if (is_global) force(x)
  is_global <- is_global && binding_state(as.character(expression), globalenv()) == "value"
  if (!nzchar(shape_of(x)$form)) {
    x <- as.data.frame(x)
    is_global <- FALSE
  }
  name <- if (is_global) as.character(expression) else keep(x, title)
  send_event("table.show", list(path = list(name), title = valid_text(title)))
  invisible(NULL)
}

keep <- function(x, title) {
  last_kept <<- last_kept + 1L
  name <- paste0(kept_mark, last_kept)
  assign(name, x, envir = kept)
  assign(name, title, envir = kept_titles)
  open <- vapply(ls(tables), function(id) tables[[id]]$path[1L], "")
  idle <- setdiff(paste0(kept_mark, seq_len(last_kept)), open)
  idle <- idle[vapply(idle, exists, NA, envir = kept, inherits = FALSE)]
  for (old in idle[seq_len(max(0L, length(idle) - kept_most))]) drop_kept(old)
  name
}

# ---- answers -------------------------------------------------------------------------------------------------------

sync_before_tables <- answers$variables.sync

answers$variables.sync <- function(full) {
  result <- sync_before_tables(full)
  tryCatch(follow_tables(), error = function(e) {
    send_event("agent.failed", list(message = paste("tables:", conditionMessage(e))))
  })
  result
}
answers$table.open <- open_table
answers$table.columns <- table_columns
answers$table.slice <- slice_table
answers$table.close <- close_table
answers$cancel <- function(request) nothing()

replace_in("utils", "View", show_table)
# IRkernel puts a `View` of its own before that of utils, in a place that is there twice until it clears one away.
for (place in which(search() == "jupyter:irkernel")) assign("View", show_table, as.environment(place))
invisible(NULL)
