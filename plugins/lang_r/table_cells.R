# Cells of tables in R: fresh pieces of columns, their text, how they travel, pages and single cells whole. Part of the
# agent; `tables.R` says how a value is looked at without a trace.

page_rows_most <- 2000
page_cells_most <- 100000
text_most <- 200L
cell_text_most <- 1000000L
tree_items_most <- 10000L
seen_bytes_most <- 500000

NA_CODE <- 1L
NAN_CODE <- 2L
NULL_CODE <- 5L
UNSEEN_CODE <- 6L
CUT_CODE <- 7L
OBJECT_CODE <- 8L

missing_words <- c("NA", "NaN", "NaT", "None", "NULL")

# ---- cells ---------------------------------------------------------------------------------------------------------

# Some cells of a column, fresh: `storage`, a bare vector `x`, and what else belongs to it. `want`: "cells" as they are
# shown, "keys" to compare them (codes of a factor), "missing" only to tell which there are none.
fetch <- function(t, index, rows, want = "cells") fetch_in(value_at(t$path), t, index, rows, want)

# Holds the value.
fetch_in <- function(v, t, index, rows, want) {
  if (index < 0L) return(piece(labels_in(v, t$shape$form, t$row_axis), rows, want, FALSE))
  if (t$shape$form == "frame") return(piece(.subset2(v, index + 1L), rows, want, FALSE))
  if (t$shape$form == "grid") return(piece(v, places(t, index, rows), want, TRUE))
  piece(v, rows, want, FALSE)
}

# Places of cells in the one vector that an array is.
places <- function(t, index, rows) {
  dims <- as.double(t$shape$dims)
  strides <- cumprod(c(1, dims))[seq_along(dims)]
  others <- setdiff(seq_along(dims) - 1L, c(t$row_axis, t$column_axis))
  at <- 1 + sum(t$fixed * strides[others + 1L])
  if (t$column_axis >= 0L) at <- at + index * strides[t$column_axis + 1L]
  stride <- strides[t$row_axis + 1L]
  found <- if (stride == 1) rows + (at - 1) else (rows - 1) * stride + at
  found
}

# Holds the column.
piece <- function(col, rows, want, is_grid) {
  storage <- storage_of(col, is_grid)
  if (storage %in% c("list", "matrix", "frame", "opaque")) return(nested_piece(col, rows, want, storage))
  if (storage == "POSIXlt") return(list(storage = "POSIXct", x = posixlt_seconds(col, rows), zone = zone_of(col)))
  x <- .subset(col, rows)
  attributes(x) <- NULL
  if (storage == "factor") return(factor_piece(col, x, want))
  if (storage == "POSIXct") return(list(storage = storage, x = as.double(x), zone = zone_of(col)))
  if (storage == "difftime") return(list(storage = storage, x = x * scale_of(col)))
  if (storage == "integer64") return(wide_piece(x))
  list(storage = storage, x = x)
}

# Codes that are no place of a level, and levels that are NA, are missing values. Holds the column.
factor_piece <- function(col, x, want) {
  levels <- as.character(text_attribute(col, "levels"))
  is_sound <- min(x, 1L, na.rm = TRUE) == 1L && max(x, 0L, na.rm = TRUE) <= length(levels)
  if (!is_sound) x[!is.na(x) & (x < 1L | x > length(levels))] <- NA_integer_
  if (want == "cells") return(list(storage = "character", x = levels[x]))
  if (anyNA(levels)) x[is.na(levels)[x]] <- NA_integer_
  list(storage = "factor", x = x)
}

posixlt_length <- function(v) {
  count <- 0L
  for (i in seq_len(9L)) count <- max(count, length(.subset2(v, i)))
  count
}

posixlt_parts <- c("sec", "min", "hour", "mday", "mon", "year", "wday", "yday", "isdst")

# Seconds of a broken-down time; its parts may be of several lengths. Holds the column.
posixlt_seconds <- function(col, rows) {
  parts <- list()
  for (part in posixlt_parts) {
    one <- .subset2(col, part)
    x <- .subset(one, (rows - 1) %% length(one) + 1)
    attributes(x) <- NULL
    parts[[part]] <- x
  }
  zone <- zone_of(col)
  found <- as.POSIXct.POSIXlt(structure(parts, class = c("POSIXlt", "POSIXt"), tzone = zone), tz = zone)
  attributes(found) <- NULL
  found
}

# bit64 keeps 64-bit integers in the bits of doubles: `high` and `low` are their halves, as numbers.
wide_piece <- function(x) {
  words <- readBin(writeBin(x, raw(), endian = "little"), "integer", 2L * length(x), 4L, endian = "little")
  low <- as.double(words[c(TRUE, FALSE)])
  high <- as.double(words[c(FALSE, TRUE)])
  low[is.na(low)] <- -2147483648
  low[low < 0] <- low[low < 0] + 4294967296
  high[is.na(high)] <- -2147483648
  list(storage = "integer64", x = x, high = high, low = low, is_missing = high == -2147483648 & low == 0)
}

# Cells that have no plain value. Holds the column.
nested_piece <- function(col, rows, want, storage) {
  count <- length(rows)
  if (storage == "list" && want == "cells") return(list_piece(col, rows))
  if (storage == "list") return(list(storage = storage, x = list_gaps(col, rows)))
  if (want != "cells") return(list(storage = storage, x = rep(FALSE, count)))
  x <- switch(storage, matrix = matrix_rows(col, rows), frame = frame_rows(col, rows), rep(type_of(col), count))
  list(storage = storage, x = x, codes = rep(if (storage == "opaque") UNSEEN_CODE else OBJECT_CODE, count))
}

# Holds the column.
list_piece <- function(col, rows) {
  x <- character(length(rows))
  codes <- integer(length(rows))
  at <- 0L
  for (row in rows) {
    at <- at + 1L
    shown <- if (is_hole(col, row)) list(text = "", code = OBJECT_CODE) else element_shown(.subset2(col, row))
    x[at] <- shown$text
    codes[at] <- shown$code
  }
  list(storage = "list", x = x, codes = codes)
}

# Whether it is the mark of an argument without a default, which cannot be held. Holds the list.
is_hole <- function(col, row) typeof(.subset2(col, row)) == "symbol" && identical(.subset2(col, row), quote(expr = ))

# Which elements are NULL or a lone NA. Holds the column. A loop over many is worth compiling.
list_gaps <- function(col, rows) {
  set_jit(3L)
  gaps <- logical(length(rows))
  at <- 0L
  for (row in rows) {
    at <- at + 1L
    gaps[at] <- !is_hole(col, row) && is_gap(.subset2(col, row))
  }
  gaps
}

# Holds the element.
is_gap <- function(e) {
  if (is.null(e)) return(TRUE)
  if (is.object(e) || !is.atomic(e) || length(e) != 1L) return(FALSE)
  is.na(e)
}

# A plain single value is shown as itself, all else by a short description. Holds the element.
element_shown <- function(e) {
  if (is.null(e)) return(list(text = "", code = NULL_CODE))
  if (is.atomic(e) && !is.object(e) && length(e) == 1L && is.null(attr(e, "dim", exact = TRUE))) {
    x <- .subset(e, 1L)
    attributes(x) <- NULL
    if (is.na(x)) return(list(text = "", code = if (is.double(x) && is.nan(x)) NAN_CODE else NA_CODE))
    return(list(text = piece_text(list(storage = typeof(x), x = x)), code = 0L))
  }
  about <- describe(e)
  if (!about$evaluated && isS4(e)) return(list(text = about$type, code = UNSEEN_CODE))
  shape <- if (length(about$shape)) paste0(" [", paste(about$shape, collapse = " \u00d7 "), "]") else ""
  list(text = paste0(about$type, shape, if (nzchar(about$preview)) ": ", about$preview), code = OBJECT_CODE)
}

# Rows of a matrix that is one column. Holds the column.
matrix_rows <- function(col, rows) {
  dims <- attr(col, "dim", exact = TRUE)
  width <- min(8, prod(dims[-1L]))
  if (typeof(col) == "list") return(rep("list", length(rows)))
  text <- rep("", length(rows))
  for (i in seq_len(width) - 1) {
    x <- .subset(col, rows + i * dims[1L])
    attributes(x) <- NULL
    cell <- piece_text(list(storage = typeof(x), x = x))
    cell[is.na(cell)] <- "NA"
    text <- if (i == 0) cell else paste0(text, ", ", cell)
  }
  if (prod(dims[-1L]) > width) paste0(text, ", \u2026") else text
}

# Rows of a data frame that is one column. Holds the column.
frame_rows <- function(col, rows) {
  names <- text_attribute(col, "names")
  text <- rep("", length(rows))
  for (i in seq_len(min(8L, length(names)))) {
    one <- piece(.subset2(col, i), rows, "cells", FALSE)
    cell <- piece_text(one)
    cell[is.na(cell)] <- "NA"
    text <- paste0(text, if (i > 1L) ", ", names[i], " = ", cell)
  }
  if (length(names) > 8L) paste0(text, ", \u2026") else text
}

is_missing_in <- function(p) {
  if (p$storage == "integer64") return(p$is_missing)
  if (p$storage %in% c("list", "matrix", "frame", "opaque")) return(if (is.logical(p$x)) p$x else p$codes %in% 1:5)
  is.na(p$x)
}

# ---- cells that are alike ------------------------------------------------------------------------------------------

# Places of cells that are alike: `order` has them side by side, numbers in their order, each group up to one of `ends`;
# `first` is the first place of each group. R's radix sort finds groups many times as fast as its hash tables. `y` is a
# second key.
groups_of <- function(x, y = NULL) {
  if (is.complex(x)) return(groups_of(Re(x), Im(x)))
  if (is.raw(x)) x <- as.integer(x)
  if (is.character(x)) x <- enc2utf8(x)
  if (is.double(x)) return(groups_of_doubles(x, y))
  order <- grouping(x)
  ends <- attr(order, "ends")
  attributes(order) <- NULL
  list(order = order, ends = ends, first = order[c(1L, ends + 1L)[seq_along(ends)]])
}

# `grouping` takes doubles for alike that differ in their last two bytes, and leaves them in no order.
groups_of_doubles <- function(x, y) {
  place <- if (is.null(y)) order(x, method = "radix") else order(x, y, method = "radix")
  is_new <- differs_from_last(x[place])
  if (!is.null(y)) is_new <- is_new | differs_from_last(y[place])
  first <- which(is_new)
  list(order = place, ends = if (length(x)) c(first[-1L] - 1L, length(x)) else integer(), first = place[first])
}

# For each of some sorted numbers; missing ones, which come last, are alike.
differs_from_last <- function(s) {
  if (!length(s)) return(logical())
  c(TRUE, (s[-1L] != s[-length(s)] | is.na(s[-1L]) != is.na(s[-length(s)])) %in% TRUE)
}

group_sizes <- function(groups) diff(c(0L, groups$ends))

# What is known of each group, cell by cell.
spread_out <- function(of_each, groups) {
  found <- of_each[rep.int(1L, length(groups$order))]
  found[groups$order] <- rep.int(of_each, group_sizes(groups))
  found
}

# Whether texts rarely come again, by the first ones.
is_varied <- function(x) {
  some <- x[seq_len(min(length(x), 1000L))]
  length(unique(some)) > length(some) / 2
}

# ---- text of cells -------------------------------------------------------------------------------------------------

# Text in UTF-8; what is none becomes the bytes between angle brackets.
valid_text <- function(x) {
  x <- enc2utf8(x)
  bad <- !validUTF8(x)
  if (any(bad)) x[bad] <- iconv(x[bad], "UTF-8", "UTF-8", sub = "byte")
  marked <- Encoding(x) == "bytes"
  if (any(marked)) {
    some <- x[marked]
    Encoding(some) <- "UTF-8"
    x[marked] <- some
  }
  x
}

# The fewest digits, 15 at least, that make the same number again.
number_text <- function(x) {
  if (is.integer(x)) return(ifelse(is.na(x), NA_character_, sprintf("%d", x)))
  text <- sprintf("%.15g", x)
  for (form in c("%.16g", "%.17g")) {
    bad <- which(is.finite(x) & as.numeric(text) != x)
    if (!length(bad)) break
    text[bad] <- sprintf(form, x[bad])
  }
  text[is.infinite(x)] <- ifelse(x[is.infinite(x)] > 0, "inf", "-inf")
  text[is.na(x)] <- NA_character_
  text
}

complex_text <- function(x) {
  imaginary <- Im(x)
  sign <- ifelse(imaginary < 0 | 1 / imaginary < 0, "-", "+")
  ifelse(is.na(x), NA_character_, paste0(number_text(Re(x)), sign, number_text(abs(imaginary)), "i"))
}

# Decimal digits of 64-bit integers, by long division of their halves.
wide_text <- function(p) {
  is_negative <- p$high < 0
  high <- ifelse(is_negative, ifelse(p$low == 0, -p$high, -p$high - 1), p$high)
  low <- ifelse(is_negative & p$low > 0, 4294967296 - p$low, p$low)
  parts <- list()
  for (i in 1:4) {
    above <- floor(high / 1e6)
    rest <- (high - above * 1e6) * 4294967296 + low
    below <- floor(rest / 1e6)
    parts[[i]] <- sprintf("%06.0f", rest - below * 1e6)
    high <- above
    low <- below
  }
  text <- sub("^0+(?=.)", "", paste0(parts[[4L]], parts[[3L]], parts[[2L]], parts[[1L]]), perl = TRUE)
  text <- paste0(ifelse(is_negative, "-", ""), text)
  text[p$is_missing] <- NA_character_
  text
}

# Days since 1970-01-01 from a date of the Gregorian calendar, and back (Howard Hinnant, "chrono-compatible low-level
# date algorithms"): R's own functions would find methods that the user has written.
days_from <- function(year, month, day) {
  year <- year - (month <= 2)
  era <- floor(year / 400)
  of_era <- year - era * 400
  of_year <- (153 * (month + ifelse(month > 2, -3, 9)) + 2) %/% 5 + day - 1
  era * 146097 + of_era * 365 + of_era %/% 4 - of_era %/% 100 + of_year - 719468
}

date_text <- function(days) {
  shifted <- floor(days) + 719468
  era <- floor(shifted / 146097)
  of_era <- shifted - era * 146097
  year_of_era <- (of_era - of_era %/% 1460 + of_era %/% 36524 - of_era %/% 146096) %/% 365
  of_year <- of_era - (365 * year_of_era + year_of_era %/% 4 - year_of_era %/% 100)
  from_march <- (5 * of_year + 2) %/% 153
  day <- of_year - (153 * from_march + 2) %/% 5 + 1
  month <- from_march + ifelse(from_march < 10, 3, -9)
  year <- year_of_era + 400 * era + (month <= 2)
  text <- sprintf("%s%04.0f-%02.0f-%02.0f", ifelse(year < 0, "-", ""), abs(year), month, day)
  text[is.na(days)] <- NA_character_
  text[is.infinite(days)] <- ifelse(days[is.infinite(days)] > 0, "inf", "-inf")
  text
}

# Digits after the second that make the same time again: ".25", or nothing.
fraction_text <- function(x, whole) {
  part <- x - whole
  text <- rep("", length(x))
  open <- which(part > 0)
  for (digits in c(3L, 6L, 7L, 9L, 12L, 15L)) {
    if (!length(open)) break
    tried <- sprintf("%.*f", digits, part[open])
    is_same <- (whole[open] + as.numeric(tried) == x[open] & startsWith(tried, "0")) | digits == 15L
    text[open[is_same]] <- sub("0+$", "", substring(tried[is_same], 2L))
    open <- open[!is_same]
  }
  text
}

time_text <- function(x, zone) {
  whole <- floor(x)
  is_known <- is.finite(whole)
  broken <- as.POSIXlt.POSIXct(structure(ifelse(is_known, whole, NA), class = c("POSIXct", "POSIXt")), tz = zone)
  part <- function(name) .subset2(broken, name)
  offset <- part("gmtoff")
  if (is.null(offset)) offset <- 0L
  offset <- rep_len(offset, length(x))
  offset[is.na(offset)] <- 0L
  year <- part("year") + 1900
  text <- sprintf(
    "%s%04.0f-%02d-%02dT%02d:%02d:%02.0f%s%s%02d:%02d", ifelse(year < 0, "-", ""), abs(year), part("mon") + 1L,
    part("mday"), part("hour"), part("min"), floor(part("sec")),
    fraction_text(ifelse(is_known, x, 0), ifelse(is_known, whole, 0)),
    ifelse(offset < 0, "-", "+"), abs(offset) %/% 3600L, abs(offset) %/% 60L %% 60L
  )
  text[is.na(x)] <- NA_character_
  text[is.infinite(x)] <- ifelse(x[is.infinite(x)] > 0, "inf", "-inf")
  text
}

clock_text <- function(seconds) {
  ifelse(is.na(seconds), NA_character_,
         sprintf("%s%02d:%02d:%02d", ifelse(seconds < 0L, "-", ""), abs(seconds) %/% 3600L, abs(seconds) %/% 60L %% 60L,
                 abs(seconds) %% 60L))
}

# Cells as text in the canonical form of filters; NA where there is no value.
piece_text <- function(p) {
  x <- p$x
  switch(p$storage,
    logical = ifelse(x, "true", "false"),
    integer = , double = , difftime = number_text(x),
    integer64 = wide_text(p),
    character = valid_text(x),
    complex = complex_text(x),
    raw = as.character(x),
    Date = date_text(x),
    POSIXct = time_text(x, p$zone),
    ITime = clock_text(x),
    {
      x <- valid_text(x)
      x[p$codes %in% 1:5] <- NA_character_
      x
    }
  )
}

# ---- how cells travel ----------------------------------------------------------------------------------------------

encode <- function(p) {
  x <- p$x
  switch(p$storage,
    logical = encode_plain("bool", as.raw(x %in% TRUE), is.na(x)),
    integer = , ITime = encode_plain("int32", writeBin(as.integer(x), raw(), endian = "little"), is.na(x)),
    integer64 = encode_plain("int64", writeBin(x, raw(), endian = "little"), p$is_missing),
    double = encode_double(x),
    POSIXct = , difftime = , Date = if (any(is.infinite(x))) encode_text(piece_text(p)) else encode_days(p$storage, x),
    complex = encode_text(complex_text(x), ifelse(is.na(x) & is.nan(x), NAN_CODE, 0L)),
    character = encode_text(x),
    raw = encode_text(as.character(x)),
    encode_text(x, p$codes)
  )
}

encode_plain <- function(encoding, data, is_missing) {
  list(encoding = encoding, data = data, codes = if (any(is_missing)) as.raw(is_missing) else NULL)
}

# NA is a NaN with a payload of its own.
encode_double <- function(x) {
  codes <- if (anyNA(x)) as.raw(is.na(x) + is.nan(x)) else NULL
  list(encoding = "float64", data = writeBin(as.double(x), raw(), endian = "little"), codes = codes)
}

# Dates are whole days nearly always; those with parts of a day go as they are.
encode_days <- function(storage, x) {
  is_whole <- storage == "Date" && all(is.na(x) | (x == floor(x) & abs(x) < 2^31))
  if (!is_whole) return(encode_double(x))
  codes <- if (anyNA(x)) as.raw(is.na(x) + is.nan(x)) else NULL
  list(encoding = "int32", data = writeBin(as.integer(x), raw(), endian = "little"), codes = codes)
}

encode_text <- function(x, codes = 0L) {
  x <- valid_text(x)
  codes <- rep_len(as.integer(codes), length(x))
  gaps <- is.na(x)
  codes[gaps & codes == 0L] <- NA_CODE
  x[gaps] <- ""
  long <- which(nchar(x, "bytes") > text_most)
  long <- long[nchar(x[long], "chars") > text_most]
  x[long] <- substr(x[long], 1L, text_most)
  codes[long[codes[long] == 0L]] <- CUT_CODE
  ends <- writeBin(as.integer(cumsum(nchar(x, "bytes"))), raw(), endian = "little")
  list(encoding = "text", data = charToRaw(paste(x, collapse = "")), ends = ends,
       codes = if (any(codes != 0L)) as.raw(codes) else NULL)
}

# ---- pages ---------------------------------------------------------------------------------------------------------

# Rows of the object, from 1, that rows `first` to `end` of a view are.
rows_of <- function(t, view, first, end) {
  count <- view_rows(t, view)
  first <- min(max(0, first), count)
  end <- min(end, count)
  if (end <= first) return(integer())
  if (view == 0 || is.null(t$index)) seq.int(first + 1, end) else t$index[seq.int(first + 1, end)]
}

view_rows <- function(t, view) {
  if (view == 0) return(t$rows)
  if (is.null(t$view) || t$view != view) refuse("out_of_date", "The table is sorted or filtered in another way by now.")
  if (is.null(t$index)) t$rows else length(t$index)
}

table_page <- function(table, view, first, end, columns) {
  t <- current(table)
  if (end - first > page_rows_most || (end - first) * length(columns) > page_cells_most) {
    refuse("bad_params", "that is more than a page")
  }
  for (index in columns) if (index < 0 || index >= t$columns) check_column(t, index)
  rows <- rows_of(t, view, first, end)
  page <- encoded_page(t, rows, columns)
  is_small <- sum(lengths(page$buffers)) <= seen_bytes_most
  t$seen <- if (is_small) list(rows = rows, columns = columns, buffers = page$buffers) else NULL
  told <- list(view = view, first = first, end = first + length(rows), columns = page$columns, version = t$version)
  with_buffers(told, page$buffers)
}

encoded_page <- function(t, rows, columns) {
  cells <- vector("list", length(columns))
  for (at in seq_along(columns)) cells[[at]] <- encode(fetch(t, columns[at], rows))
  buffers <- vector("list", 3L * length(columns))
  for (at in seq_along(cells)) {
    one <- cells[[at]]
    if (!is.null(one$codes)) buffers[[3L * at - 2L]] <- one$codes
    buffers[[3L * at - 1L]] <- one$data
    if (!is.null(one$ends)) buffers[[3L * at]] <- one$ends
  }
  described <- if (!length(columns)) list() else structure(
    list(column = as.integer(columns), encoding = vapply(cells, function(one) one$encoding, ""),
         has_codes = vapply(cells, function(one) !is.null(one$codes), NA)),
    class = "data.frame", row.names = .set_row_names(length(columns))
  )
  list(columns = described, buffers = buffers[lengths(buffers) > 0L | !vapply(buffers, is.null, NA)])
}

# ---- one cell, whole -------------------------------------------------------------------------------------------------

table_cell <- function(table, view, row, column) {
  t <- current(table)
  check_column(t, column)
  rows <- rows_of(t, view, row, row + 1)
  if (!length(rows)) refuse("out_of_date", "This row is not there any more.")
  about <- column_about(t, column)
  if (about$kind == "nested") return(nested_detail(t, column, rows))
  p <- fetch(t, column, rows)
  if (is_missing_in(p)) {
    code <- missing_counts(p)[[1L]]$code
    return(list(text = "", type_name = valid_text(about$type_name), code = code))
  }
  text <- piece_text(p)
  length <- nchar(text, "chars")
  list(text = substr(text, 1L, cell_text_most), type_name = valid_text(about$type_name),
       code = if (about$storage == "opaque") UNSEEN_CODE else 0L, is_cut = length > cell_text_most, length = length)
}

nested_detail <- function(t, index, row) {
  shown <- fetch(t, index, row)
  budget <- new.env(parent = emptyenv())
  budget$left <- tree_items_most
  tree <- nested_tree(value_at(t$path), t, index, row, budget)
  text <- if (is.null(tree$text)) shown$x else tree$text
  code <- shown$codes
  json <- if (code == OBJECT_CODE) jsonlite::toJSON(tree$tree, auto_unbox = TRUE, digits = NA, null = "null") else ""
  length <- nchar(text, "chars")
  list(text = substr(text, 1L, cell_text_most), type_name = valid_text(tree$type), code = code,
       tree = as.character(json), is_cut = budget$left <= 0L || length > cell_text_most, length = length)
}

# Holds the value.
nested_tree <- function(v, t, index, row, budget) {
  if (t$shape$form == "grid") return(element_tree(.subset2(v, places(t, index, row)), budget))
  if (t$shape$form == "vector") return(element_tree(.subset2(v, row), budget))
  column_tree(.subset2(v, index + 1L), row, budget)
}

# Holds the column.
column_tree <- function(col, row, budget) {
  storage <- storage_of(col)
  if (storage == "list") return(element_tree(.subset2(col, row), budget))
  list(type = type_of(col), tree = nested_piece(col, row, "cells", storage)$x)
}

# Holds the element. Text: a vector's elements, or a string whole.
element_tree <- function(e, budget) {
  text <- NULL
  if (is.atomic(e) && !is.null(e) && is.null(attr(e, "dim", exact = TRUE)) && !isS4(e)) {
    count <- safe_length(e)
    if (!is.na(count)) text <- paste(plain_texts(e, min(count, tree_items_most)), collapse = ", ")
  }
  list(type = type_of(e), text = text, tree = tree_of(e, 0L, budget))
}

# Holds the element.
plain_texts <- function(e, count) {
  text <- piece_text(piece(e, seq_len(count), "cells", TRUE))
  text[is.na(text)] <- "NA"
  text
}

# Lists, vectors and frames as lists of plain values, for JSON. Holds the element.
tree_of <- function(e, depth, budget) {
  budget$left <- budget$left - 1L
  if (is.null(e)) return(NULL)
  if (depth > 20L || budget$left <= 0L) return("\u2026")
  type <- typeof(e)
  count <- if (isS4(e)) NA else safe_length(e)
  is_plain <- !is.na(count) && type %in% c(atomic_types, "list") && !("POSIXlt" %in% classes_of(e))
  if (!is_plain) return(element_shown(e)$text)
  names <- text_attribute(e, "names")
  shown <- min(count, budget$left)
  out <- vector("list", shown)
  if (type != "list") {
    budget$left <- budget$left - shown
    p <- piece(e, seq_len(shown), "cells", TRUE)
    is_json <- p$storage %in% c("logical", "integer", "double")
    out <- as.list(if (is_json) finite_or_text(p$x) else piece_text(p))
    out[is_missing_in(p)] <- list(NULL)
    if (count == 1L && is.null(names)) return(out[[1L]])
  } else {
    for (i in seq_len(shown)) {
      one <- if (is_hole(e, i)) "" else tree_of(.subset2(e, i), depth + 1L, budget)
      if (!is.null(one)) out[[i]] <- one
    }
  }
  if (count > shown) out[[shown + 1L]] <- "\u2026"
  if (is.null(names)) return(out)
  names <- valid_text(names[seq_len(shown)])
  names(out) <- c(names, if (count > shown) "\u2026")
  out
}

finite_or_text <- function(x) if (is.double(x) && any(is.infinite(x))) ifelse(is.infinite(x), number_text(x), x) else x

answers$table.page <- table_page
answers$table.cell <- table_cell
