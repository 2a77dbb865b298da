# Edits of cells in R's tables, as code that the user could have written, and taking them back. Part of the agent.

# ---- editing -------------------------------------------------------------------------------------------------------

# A string as R writes it.
text_literal <- function(text) {
  text <- gsub("\\", "\\\\", text, fixed = TRUE)
  for (pair in list(c("\"", "\\\""), c("\n", "\\n"), c("\r", "\\r"), c("\t", "\\t"))) {
    text <- gsub(pair[1L], pair[2L], text, fixed = TRUE)
  }
  for (number in setdiff(1:31, c(9L, 10L, 13L))) {
    character <- intToUtf8(number)
    if (grepl(character, text, fixed = TRUE)) text <- gsub(character, sprintf("\\u%04x", number), text, fixed = TRUE)
  }
  paste0("\"", text, "\"")
}

# Code for what the user typed, by kind of column.
typed_literal <- function(t, about, text, index) {
  tryCatch(switch(about$storage,
    logical = if (parse_boolean(text)) "TRUE" else "FALSE",
    integer = whole_literal(text),
    double = number_literal(parse_number(text)),
    character = text_literal(text),
    factor = level_literal(t, text, index),
    Date = paste0("as.Date(", text_literal(date_text(parse_date(text))), ")"),
    POSIXct = time_literal(parse_time(text, about$zone), about),
    difftime = duration_literal(parse_number(text), about)
  ), fourpane_unfit = function(e) refuse("not_possible", conditionMessage(e)))
}

whole_literal <- function(text) {
  number <- parse_number(text)
  if (number != floor(number) || abs(number) > .Machine$integer.max) {
    unfit(quoted(text), " is not a whole number that fits this column.")
  }
  paste0(number_text(number), "L")
}

number_literal <- function(x) {
  text <- number_text(x)
  sub("inf", "Inf", text, fixed = TRUE)
}

level_literal <- function(t, text, index) {
  if (!(text %in% levels_of(t, index))) unfit(quoted(text), " is not one of the categories.")
  text_literal(text)
}

# What a clock in the column's zone shows; where that is no one instant, the seconds.
time_literal <- function(x, about) {
  text <- sub("[+-][0-9]{2}:[0-9]{2}$", "", time_text(x, about$zone))
  is_same <- is.finite(x) && tryCatch(parse_time(text, about$zone) == x, fourpane_unfit = function(e) FALSE)
  zone <- text_literal(about$zone)
  if (is_same && x == floor(x)) return(paste0("as.POSIXct(", text_literal(sub("T", " ", text)), ", tz = ", zone, ")"))
  paste0(".POSIXct(", number_literal(x), ", tz = ", zone, ")")
}

duration_literal <- function(seconds, about) {
  units <- sub("^difftime \\((.*)\\)$", "\\1", about$type_name)
  scale <- if (units %in% names(unit_seconds)) unit_seconds[[units]] else 1
  paste0("as.difftime(", number_literal(seconds / scale), ", units = ", text_literal(units), ")")
}

# Code for the present value of a cell, to put it back.
present_literal <- function(p, about) {
  if (is_missing_in(p)) return(if (is.double(p$x) && is.nan(p$x) && about$storage == "double") "NaN" else "NA")
  switch(about$storage,
    logical = if (p$x) "TRUE" else "FALSE",
    integer = paste0(number_text(p$x), "L"),
    double = number_literal(p$x),
    character = , factor = text_literal(valid_text(p$x)),
    Date = if (p$x == floor(p$x)) paste0("as.Date(", text_literal(date_text(p$x)), ")") else
      paste0(".Date(", number_literal(p$x), ")"),
    POSIXct = time_literal(p$x, about),
    difftime = duration_literal(p$x, about)
  )
}

# The cell as something that can be assigned to; for a data.table a call that sets it in place.
assignment <- function(t, row, index, value) {
  name <- t$expression
  if (t$shape$form == "vector") return(sprintf("%s[%s] <- %s", name, number_text(row), value))
  if (t$shape$form == "grid") return(grid_assignment(t, name, row, index, value))
  names <- column_names(t, index)
  is_named <- !nzchar(names$code)
  if (t$shape$type == "data.table") {
    column <- if (is_named) text_literal(names$name) else names$code
    return(sprintf("data.table::set(%s, i = %sL, j = %s, value = %s)", name, number_text(row), column, value))
  }
  column <- if (is_named) paste0("$", ticked(names$name)) else paste0("[[", names$code, "]]")
  sprintf("%s%s[%s] <- %s", name, column, number_text(row), value)
}

grid_assignment <- function(t, name, row, index, value) {
  at <- numeric(length(t$shape$dims))
  others <- setdiff(seq_along(at) - 1L, c(t$row_axis, t$column_axis))
  at[others + 1L] <- t$fixed + 1
  at[t$row_axis + 1L] <- row
  if (t$column_axis >= 0L) at[t$column_axis + 1L] <- index + 1
  sprintf("%s[%s] <- %s", name, paste(number_text(at), collapse = ", "), value)
}

run_in_session <- function(code) {
  parsed <- parse(text = code, keep.source = FALSE, encoding = "UTF-8")
  tryCatch(for (one in parsed) eval(one, globalenv()), error = function(e) refuse("not_possible", conditionMessage(e)))
  invisible(NULL)
}

table_edit <- function(table, view, row, column, text, is_missing) {
  t <- current(table)
  if (column < 0) refuse("not_possible", "Row labels are not edited here.")
  check_column(t, column)
  about <- column_about(t, column)
  if (!can_edit(t) || !about$can_edit) refuse("not_possible", "This cell cannot be edited here.")
  at <- rows_of(t, view, row, row + 1)
  if (!length(at)) refuse("out_of_date", "This row is not there any more.")
  value <- if (is_missing) "NA" else typed_literal(t, about, text, column)
  before <- present_literal(fetch(t, column, at), about)
  code <- assignment(t, at, column, value)
  run_in_session(code)
  token <- paste0("u", t$version + 1L)
  now <- after_edit(t, at, column)
  t$undo[[token]] <- list(row = at, column = column, before = before, now = now)
  list(code = code, undo = token, text = now)
}

# What the cell holds now. The table's own window knows; others that show the same object are told.
after_edit <- function(t, row, column) {
  t$version <- t$version + 1L
  t$marks <- marks_at(t)
  t$seen <- NULL
  for (id in setdiff(ls(tables), t$id)) {
    other <- tables[[id]]
    if (identical(other$path, t$path)) follow(other, changed_names = t$path[1L])
  }
  text <- piece_text(fetch(t, column, row))
  if (is.na(text)) "" else cut_value(text)
}

undo_edit <- function(table, undo) {
  t <- current(table)
  edit <- t$undo[[undo]]
  if (is.null(edit)) refuse("not_possible", "This edit cannot be taken back any more.")
  now <- if (edit$row > t$rows || edit$column >= t$columns) NULL else piece_text(fetch(t, edit$column, edit$row))
  if (is.null(now) || !identical(if (is.na(now)) "" else cut_value(now), edit$now)) {
    refuse("not_possible", "The cell holds another value by now, so the edit is not taken back.")
  }
  code <- assignment(t, edit$row, edit$column, edit$before)
  run_in_session(code)
  t$undo[[undo]] <- NULL
  list(code = code, undo = "", text = after_edit(t, edit$row, edit$column))
}

answers$table.edit <- table_edit
answers$table.undo <- undo_edit
