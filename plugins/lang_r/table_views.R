# Filters, sorts and finds in R's tables. Part of the agent; what they mean is in docs/reference/filters.md.
#
# Text is sorted by code point (`method = "radix"`, which takes the C locale): the same in every language, and many
# times as fast as the locale's order. They work on fresh vectors, filters in chunks that fit into the cache of the
# processor; what stays is four bytes a row.

chunk_rows <- 100000
find_budget_s <- 1

# ---- filters -------------------------------------------------------------------------------------------------------

quoted <- function(text) paste0("\u201c", text, "\u201d")

# A filter that cannot be applied: the message is for the user.
unfit <- function(...) {
  stop(structure(class = c("fourpane_unfit", "error", "condition"), list(message = paste0(...), call = NULL)))
}

operators_by_kind <- local({
  equal <- c("eq", "ne", "in", "not_in")
  order <- c("lt", "le", "gt", "ge", "between")
  text <- c("contains", "not_contains", "starts", "ends", "regex", "is_empty")
  every <- c("is_missing", "is_present")
  ordered <- c(equal, order, every)
  list(number = ordered, timestamp = ordered, date = ordered, time = ordered, duration = ordered,
       text = c(ordered, text), category = c(ordered, text), boolean = c(equal, "is_true", "is_false", every),
       binary = every, nested = every, object = every)
})

value_counts_of <- function(operator) {
  switch(operator, `in` = , not_in = NA, between = 2L,
         is_empty = , is_true = , is_false = , is_missing = , is_present = 0L, 1L)
}

parse_number <- function(text) {
  plain <- grepl("^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]+)?$", text, ignore.case = TRUE)
  if (plain) return(as.numeric(text))
  if (grepl("^[+-]?inf(inity)?$", text, ignore.case = TRUE)) return(if (startsWith(text, "-")) -Inf else Inf)
  unfit(quoted(text), " is not a number.")
}

parse_boolean <- function(text) {
  found <- match(tolower(text), c("false", "true"))
  if (is.na(found)) unfit(quoted(text), " is neither true nor false.")
  found == 2L
}

parse_date <- function(text) {
  part <- regmatches(text, regexec("^(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})$", text))[[1L]]
  if (!length(part)) unfit(quoted(text), " is not a date such as 2024-01-31.")
  month <- as.numeric(part[3L])
  days <- days_from(as.numeric(part[2L]), month, as.numeric(part[4L]))
  if (month < 1 || month > 12 || date_text(days) != text) unfit("There is no day ", text, ".")
  days
}

parse_clock <- function(text) {
  part <- regmatches(text, regexec("^([0-9]{2}):([0-9]{2})(?::([0-9]{2}([.][0-9]+)?))?$", text, perl = TRUE))[[1L]]
  if (!length(part)) unfit(quoted(text), " is not a time such as 12:30.")
  seconds <- if (nzchar(part[4L])) as.numeric(part[4L]) else 0
  if (as.numeric(part[2L]) > 24 || as.numeric(part[3L]) > 59 || seconds >= 61) unfit("There is no time ", text, ".")
  as.numeric(part[2L]) * 3600 + as.numeric(part[3L]) * 60 + seconds
}

time_pattern <- paste0("^(-?[0-9]{4,}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)([.][0-9]+)?)?",
                       "(Z|[+-][0-9]{2}:?[0-9]{2})?$")

# Seconds since 1970 of a time; without an offset it is what a clock in the zone shows.
parse_time <- function(text, zone) {
  part <- regmatches(text, regexec(time_pattern, text, perl = TRUE))[[1L]]
  if (!length(part)) unfit(quoted(text), " is not a time such as 2024-01-31T12:30.")
  days <- parse_date(part[2L])
  seconds <- if (nzchar(part[3L])) parse_clock(part[3L]) else 0
  fraction <- if (nzchar(part[4L])) as.numeric(paste0("0", part[4L])) else 0
  offset <- part[5L]
  if (offset == "Z") return(days * 86400 + seconds + fraction)
  if (nzchar(offset)) {
    digits <- gsub("[^0-9]", "", offset)
    east <- as.numeric(substr(digits, 1L, 2L)) * 3600 + as.numeric(substr(digits, 3L, 4L)) * 60
    return(days * 86400 + seconds - (if (startsWith(offset, "-")) -east else east) + fraction)
  }
  local_seconds(days, seconds, zone, text) + fraction
}

local_seconds <- function(days, seconds, zone, text) {
  day <- as.numeric(regmatches(date_text(days), regexec("^(-?[0-9]+)-([0-9]+)-([0-9]+)$", date_text(days)))[[1L]][-1L])
  broken <- structure(
    list(sec = seconds %% 60, min = as.integer(seconds %/% 60 %% 60), hour = as.integer(seconds %/% 3600),
         mday = as.integer(day[3L]), mon = as.integer(day[2L] - 1), year = as.integer(day[1L] - 1900),
         wday = 0L, yday = 0L, isdst = -1L),
    class = c("POSIXlt", "POSIXt"), tzone = zone
  )
  found <- as.POSIXct.POSIXlt(broken, tz = zone)
  attributes(found) <- NULL
  if (is.na(found)) unfit("There is no time ", text, " in ", zone, ".")
  found
}

parse_value <- function(about, text) {
  switch(about$kind,
    number = if (about$storage == "integer64") parse_wide(text) else parse_number(text),
    boolean = parse_boolean(text), date = parse_date(text), timestamp = parse_time(text, about$zone),
    time = parse_clock(text), duration = parse_number(text), text)
}

# A number beside 64-bit integers: halves of its whole part (rounded down), and whether something was cut off.
parse_wide <- function(text) {
  number <- parse_number(text)
  if (!grepl("^[+-]?[0-9]+$", text)) {
    whole <- floor(number)
    if (abs(number) >= 2^63) return(list(high = sign(number) * Inf, low = 0, is_exact = FALSE))
    high <- floor(whole / 4294967296)
    return(list(high = high, low = whole - high * 4294967296, is_exact = whole == number))
  }
  if (abs(number) > 2^64) return(list(high = sign(number) * Inf, low = 0, is_exact = FALSE))
  digits <- as.numeric(strsplit(sub("^[+-]", "", text), "", fixed = TRUE)[[1L]])
  high <- low <- 0
  for (digit in digits) {
    low <- low * 10 + digit
    high <- high * 10 + floor(low / 4294967296)
    low <- low %% 4294967296
  }
  if (startsWith(text, "-")) {
    high <- -high - (low > 0)
    low <- if (low > 0) 4294967296 - low else 0
  }
  list(high = high, low = low, is_exact = TRUE)
}

# -1, 0 or 1 for each 64-bit integer beside a number.
wide_relation <- function(p, value) {
  sign <- (p$high > value$high) - (p$high < value$high)
  sign <- ifelse(sign == 0, (p$low > value$low) - (p$low < value$low), sign)
  if (!value$is_exact) sign[sign == 0] <- -1
  sign[p$is_missing] <- NA
  sign
}

# -1, 0 or 1 for each text beside another, by code point: R's own comparison would take the locale's order.
text_relation <- function(x, value) {
  each <- unique(c(value, x))
  rank <- integer(length(each))
  rank[order(each, method = "radix")] <- seq_along(each)
  sign(rank[match(x, each)] - rank[1L])
}

# Cells beside a value; missing ones may come out as NA.
compares <- function(p, operator, value) {
  symbol <- symbols[[operator]]
  if (p$storage == "integer64") return(symbol(wide_relation(p, value), 0))
  if (p$storage == "character" && !(operator %in% c("eq", "ne"))) return(symbol(text_relation(p$x, value), 0))
  symbol(p$x, value)
}

symbols <- list(eq = `==`, ne = `!=`, lt = `<`, le = `<=`, gt = `>`, ge = `>=`)

is_member <- function(p, values) {
  if (p$storage != "integer64") return(match(p$x, unlist(values), 0L) > 0L)
  found <- rep(FALSE, length(p$x))
  for (value in values) found <- found | wide_relation(p, value) == 0
  found
}

text_fits <- function(operator, value, is_case_sensitive) {
  if (operator == "regex") {
    is_sound <- tryCatch({
      grepl(value, "", perl = TRUE)
      TRUE
    }, error = function(e) FALSE, warning = function(w) FALSE)
    if (!is_sound) unfit(quoted(value), " is not a regular expression.")
    return(function(x) grepl(value, x, perl = TRUE, ignore.case = !is_case_sensitive))
  }
  fold <- if (is_case_sensitive) identity else tolower
  value <- fold(value)
  switch(operator,
    contains = , not_contains = if (!nzchar(value)) function(x) rep(TRUE, length(x)) else
      function(x) grepl(value, fold(x), fixed = TRUE),
    starts = function(x) startsWith(fold(x), value),
    ends = function(x) endsWith(fold(x), value)
  )
}

# A predicate on a piece of keys. What it says of missing cells does not count.
predicate <- function(about, operator, values, is_case_sensitive, levels) {
  if (operator %in% c("is_true", "is_false")) return(function(p) p$x == (operator == "is_true"))
  if (about$kind == "category") return(category_predicate(about, operator, values, is_case_sensitive, levels))
  if (operator == "is_empty") return(function(p) !nzchar(p$x))
  if (operator %in% c("contains", "not_contains", "starts", "ends", "regex")) {
    fits <- text_fits(operator, values[[1L]], is_case_sensitive)
    return(if (operator == "not_contains") function(p) !fits(p$x) else function(p) fits(p$x))
  }
  values <- lapply(values, function(text) parse_value(about, text))
  switch(operator,
    `in` = function(p) is_member(p, values),
    not_in = function(p) !is_member(p, values),
    between = function(p) compares(p, "ge", values[[1L]]) & compares(p, "le", values[[2L]]),
    function(p) compares(p, operator, values[[1L]])
  )
}

# Looked up by level, once for all rows.
category_predicate <- function(about, operator, values, is_case_sensitive, levels) {
  place <- function(text) {
    found <- match(text, levels)
    if (is.na(found)) unfit(quoted(text), " is not one of the categories.")
    found
  }
  at <- seq_along(levels)
  if (operator %in% c("lt", "le", "gt", "ge", "between") && !about$is_ordered) {
    unfit("These categories have no order: none is more than another.")
  }
  fits <- switch(operator,
    eq = , `in` = levels %in% unlist(values),
    ne = , not_in = !(levels %in% unlist(values)),
    lt = at < place(values[[1L]]),
    le = at <= place(values[[1L]]),
    gt = at > place(values[[1L]]),
    ge = at >= place(values[[1L]]),
    between = at >= place(values[[1L]]) & at <= place(values[[2L]]),
    is_empty = levels %in% "",
    not_contains = !text_fits(operator, values[[1L]], is_case_sensitive)(levels),
    text_fits(operator, values[[1L]], is_case_sensitive)(levels)
  )
  function(p) fits[p$x]
}

# Holds the value; the levels are a copy.
levels_of <- function(t, index) levels_in(value_at(t$path), t, index)

levels_in <- function(v, t, index) {
  levels <- text_attribute(if (t$shape$form == "frame") .subset2(v, index + 1L) else v, "levels")
  valid_text(as.character(levels))
}

# One filter as a function of rows. `one` is {column, operator, values, is_case_sensitive}.
filter_test <- function(t, one) {
  index <- one$column
  if (!is.numeric(index) || index < -1 || index >= t$columns) unfit("There is no column ", index, ".")
  about <- column_about(t, index)
  if (is.null(about)) unfit("The rows have no labels.")
  operator <- one$operator
  if (!is.character(operator) || !(operator %in% operators_by_kind[[about$kind]])) {
    unfit("A column of kind ", about$kind, " cannot be filtered by ", gsub("_", " ", operator), ".")
  }
  values <- as.list(one$values)
  takes_missing <- operator == "in" && any(vapply(values, is.null, NA))
  values <- lapply(Filter(Negate(is.null), values), as.character)
  wanted <- value_counts_of(operator)
  if (!is.na(wanted) && length(values) != wanted) {
    unfit(c("No value is needed.", "A value is needed.", "Two values are needed.")[wanted + 1L])
  }
  if (operator %in% c("is_missing", "is_present")) {
    return(function(rows) is_missing_in(fetch(t, index, rows, "missing")) == (operator == "is_missing"))
  }
  levels <- if (about$storage == "factor") levels_of(t, index)
  fits <- predicate(about, operator, values, isTRUE(one$is_case_sensitive), levels)
  # R compares plain texts at once. Others may be another than they look: in several encodings, or bytes (`valid_text`).
  is_plain <- !any(grepl("[^ -;=-~]", values, perl = TRUE))
  is_compared <- operator %in% c("eq", "ne", "in", "not_in") && is_plain
  function(rows) {
    p <- fetch(t, index, rows, "keys")
    found <- if (p$storage == "character" && !is_compared) text_found(p$x, fits) else fits(p)
    # To `&`, `|` and `which` NA is as good as FALSE.
    if (takes_missing) found[is_missing_in(p)] <- TRUE else if (operator == "not_in") found[is_missing_in(p)] <- FALSE
    found
  }
}

# Where texts come again and again each of them is looked at once.
text_found <- function(x, fits) {
  groups <- if (is_varied(x)) NULL else groups_of(x)
  each <- if (is.null(groups)) x else x[groups$first]
  found <- fits(list(storage = "character", x = valid_text(each)))
  found[is.na(each)] <- NA
  if (is.null(groups)) found else spread_out(found, groups)
}

# A group as a function of rows; NULL where no member is left. `problems` notes filters that cannot be applied, by their
# place among all (depth first).
group_test <- function(t, group, problems) {
  tests <- list()
  for (member in group$members) {
    test <- if (!is.null(member$members)) group_test(t, member, problems) else numbered_test(t, member, problems)
    if (!is.null(test)) tests[[length(tests) + 1L]] <- test
  }
  if (!length(tests)) return(NULL)
  is_all <- !identical(group$all, FALSE)
  function(rows) {
    found <- tests[[1L]](rows)
    for (test in tests[-1L]) found <- if (is_all) found & test(rows) else found | test(rows)
    found
  }
}

numbered_test <- function(t, one, problems) {
  number <- problems$count
  problems$count <- number + 1L
  tryCatch(filter_test(t, one), fourpane_unfit = function(e) {
    problems$found[[length(problems$found) + 1L]] <- list(filter = number, message = conditionMessage(e))
    NULL
  })
}

# Rows that fit, in the order of the table.
filtered_rows <- function(t, test) {
  hits <- list()
  first <- 1
  while (first <= t$rows) {
    end <- min(t$rows, first + chunk_rows - 1)
    found <- which(test(seq.int(first, end)))
    hits[[length(hits) + 1L]] <- if (first > 1) found + as.integer(first - 1) else found
    first <- end + 1
  }
  if (length(hits) == 1L) hits[[1L]] else as.integer(unlist(hits))
}

# ---- views ---------------------------------------------------------------------------------------------------------

sort_keys <- function(t, index, rows) {
  about <- column_about(t, index)
  if (is.null(about) || !about$can_sort) refuse("not_possible", "This column cannot be sorted.")
  p <- fetch(t, index, rows, "keys")
  if (p$storage == "integer64") return(list(ifelse(p$is_missing, NA, p$high), ifelse(p$is_missing, NA, p$low)))
  list(if (p$storage == "character") valid_texts(p$x) else p$x)
}

# `valid_text` of many, of which nearly all are as they must be.
valid_texts <- function(x) {
  if (is_varied(x)) return(valid_text(x))
  x <- enc2utf8(x)
  groups <- groups_of(x)
  each <- x[groups$first]
  if (all(validUTF8(each)) && !any(Encoding(each) == "bytes")) x else spread_out(valid_text(each), groups)
}

# R's radix order is stable, also where a key is descending, and NA and NaN are one to it.
sorted_rows <- function(t, sort, rows) {
  keys <- list()
  is_descending <- logical()
  for (one in sort) {
    check_column(t, one$column)
    found <- sort_keys(t, one$column, rows)
    keys <- c(keys, found)
    is_descending <- c(is_descending, rep(isTRUE(one$is_descending), length(found)))
  }
  place <- do.call(order, c(keys, list(na.last = TRUE, decreasing = is_descending, method = "radix")))
  if (is.null(rows) || length(rows) == t$rows) place else rows[place]
}

table_view <- function(table, view, sort, filter) {
  t <- current(table)
  if (!is.null(t$view) && view < t$view) refuse("out_of_date", "A newer view is there.")
  if (t$rows > .Machine$integer.max) refuse("not_possible", "So many rows cannot be sorted or filtered.")
  problems <- new.env(parent = emptyenv())
  problems$count <- 0L
  problems$found <- list()
  test <- if (length(filter)) group_test(t, filter, problems)
  rows <- if (!is.null(test)) filtered_rows(t, test)
  if (length(sort)) rows <- sorted_rows(t, sort, if (is.null(rows)) seq_len(t$rows) else rows)
  t$index <- rows
  t$view <- view
  list(view = view, row_count = view_rows(t, view), ready_rows = -1L, problems = problems$found)
}

# ---- finding -------------------------------------------------------------------------------------------------------

find_rows_first <- 256

table_find <- function(table, view, text, row, column, is_case_sensitive, is_regex) {
  t <- current(table)
  fits <- tryCatch(text_fits(if (is_regex) "regex" else "contains", text, is_case_sensitive),
                   fourpane_unfit = function(e) refuse("not_possible", conditionMessage(e)))
  rows <- view_rows(t, view)
  end_s <- seconds() + find_budget_s
  columns <- searched_columns(t, text, is_regex)
  row <- max(0, row)
  size <- max(1, min(find_rows_first, floor(20000 / max(1L, length(columns)))))
  while (row < rows) {
    end <- min(rows, row + size)
    found <- found_in(t, rows_of(t, view, row, end), columns, fits, column)
    if (!is.null(found)) return(list(row = row + found$row, column = found$column, next_row = -1L))
    row <- end
    column <- 0
    if (row < rows && seconds() > end_s) return(list(row = -1L, column = 0L, next_row = row))
    size <- min(size * 2, max(1, floor(200000 / max(1L, length(columns)))))
  }
  list(row = -1L, column = 0L, next_row = -1L)
}

# Numbers and times need not be written out where the text cannot be in them.
searched_columns <- function(t, text, is_regex) {
  if (!t$columns) return(integer())
  columns <- seq_len(t$columns) - 1L
  if (is_regex || grepl("^[-+0-9.:einfatrulsz]*$", text, ignore.case = TRUE)) return(columns)
  is_written <- c("text", "category", "nested", "object", "binary")
  columns[vapply(columns_about(t, columns), function(about) about$kind %in% is_written, NA)]
}

# The first fitting cell, row by row; in the first row only from `column` on.
found_in <- function(t, rows, columns, fits, column) {
  best_row <- Inf
  best_column <- 0L
  for (index in columns) {
    text <- piece_text(fetch(t, index, rows))
    at <- which(!is.na(text) & fits(text))
    if (index < column) at <- at[at > 1L]
    if (length(at) && at[1L] < best_row) {
      best_row <- at[1L]
      best_column <- index
    }
  }
  if (is.finite(best_row)) list(row = best_row - 1, column = best_column) else NULL
}

answers$table.view <- table_view
answers$table.find <- table_find
