# What columns of R's tables hold: profiles, distinct values, missing values. Part of the agent.
#
# R has one thread: these are answered at once. They look at the time and say how many rows they looked at.

sample_rows <- 100000
# Of larger tables, whose columns are asked for one after the other while the user waits for R.
profile_rows <- 50000
time_budget_s <- 2

# ---- profiles ------------------------------------------------------------------------------------------------------

# The places of a sample, kept with the table: all its columns are asked for one after the other.
sample_places <- function(t, rows, count) {
  if (count != profile_rows || count >= rows) return(spread(rows, count))
  if (!identical(t$sample$rows, rows)) t$sample <- list(rows = rows, places = spread(rows, count))
  t$sample$places
}

# Places of `count` rows among `rows` ones, in order, as numbers from 1: one in each of `count` equal stretches, but not
# at the same place of each, as data may come in turns.
spread <- function(rows, count) {
  if (count >= rows) return(seq_len(rows))
  at <- seq_len(count)
  floor((at - 1 + (at * 0.6180339887498949) %% 1) * (rows / count)) + 1
}

view_places <- function(t, view, places) {
  if (view == 0 || is.null(t$index)) places else t$index[places]
}

seconds <- function() proc.time()[[3L]]

# What `look(count)` says of so many rows: of a sample, and then of as many as there is time for.
as_time_allows <- function(rows, is_exact, look, count = min(rows, sample_rows)) {
  started <- seconds()
  found <- look(count)
  if (!is_exact || count == rows) return(found)
  spent <- max(0.001, seconds() - started)
  look(max(count, min(rows, floor(count * (time_budget_s - spent) / spent))))
}

missing_counts <- function(p) {
  if (!is.null(p$codes)) {
    codes <- tabulate(p$codes, 8L)[1:5]
  } else {
    gaps <- sum(is_missing_in(p))
    nan <- if (is.double(p$x) && p$storage != "integer64") sum(is.nan(p$x)) else 0L
    codes <- c(gaps - nan, nan, 0L, 0L, if (p$storage == "list") gaps else 0L)
    if (p$storage == "list") codes[1L] <- 0L
  }
  lapply(which(codes > 0L), function(code) list(text = missing_words[code], count = codes[code], code = code))
}

table_profile <- function(table, view, column, is_exact, bins, top) {
  t <- current(table)
  check_column(t, column)
  rows <- view_rows(t, view)
  about <- column_about(t, column)
  as_time_allows(rows, is_exact, function(count) {
    want <- if (about$kind == "nested") "missing" else "cells"
    p <- fetch(t, column, view_places(t, view, sample_places(t, rows, count)), want)
    base <- list(column = as.integer(column), row_count = rows, rows_looked_at = count, missing = missing_counts(p))
    c(base, profile_of(p, about, max(1L, min(as.integer(bins), 1000L)), top))
  }, if (rows > sample_rows) profile_rows else rows)
}

# Records as a data frame, which becomes a list of JSON objects quickly.
records <- function(...) {
  rows <- list(...)
  structure(rows, class = "data.frame", row.names = .set_row_names(length(rows[[1L]])))
}

# Figures, without those that there are none of.
statistics_of <- function(figures) {
  figures <- figures[!is.na(figures)]
  records(name = names(figures), text = unname(figures))
}

number_figures <- function(...) {
  figures <- c(...)
  structure(number_text(as.double(figures)), names = names(figures))
}

profile_of <- function(p, about, bins, top) {
  if (about$kind %in% c("nested", "object")) return(list())
  x <- if (p$storage == "integer64") wide_present(p) else p$x[!is.na(p$x)]
  if (!length(x)) return(list())
  switch(about$kind,
    number = , duration = number_profile(p, x, bins),
    date = , timestamp = , time = moment_profile(p, x, bins),
    boolean = list(
      statistics = statistics_of(number_figures(true = sum(x), false = sum(!x))),
      top = top_values(p, top)$values
    ),
    text_profile(p, x, top)
  )
}

wide_present <- function(p) (p$high * 4294967296 + p$low)[!p$is_missing]

# Quantile of sorted numbers by R's default (type 7), without what it makes of infinities.
quantile_sorted <- function(s, share) {
  at <- 1 + (length(s) - 1) * share
  low <- s[floor(at)]
  high <- s[ceiling(at)]
  if (low == high) low else low + (high - low) * (at - floor(at))
}

number_profile <- function(p, x, bins) {
  groups <- groups_of(x)
  numbers <- as.double(x)
  s <- numbers[groups$order]
  ends <- if (p$storage == "integer64") wide_ends(p) else number_text(c(x[which.min(x)], x[which.max(x)]))
  distinct <- if (p$storage == "integer64") wide_distinct(p) else length(groups$ends)
  figures <- c(
    minimum = ends[1L], maximum = ends[2L],
    number_figures(
      mean = mean.default(numbers), sd = stats::sd(numbers), median = quantile_sorted(s, 0.5),
      q25 = quantile_sorted(s, 0.25), q75 = quantile_sorted(s, 0.75), distinct = distinct,
      zeros = sum(x == 0), negative = sum(x < 0), infinite = if (!is.integer(x)) sum(is.infinite(x))
    )
  )
  c(list(statistics = statistics_of(figures)), histogram(s, bins))
}

wide_ends <- function(p) {
  place <- order(ifelse(p$is_missing, NA, p$high), p$low, method = "radix")
  at <- place[c(1L, sum(!p$is_missing))]
  wide_text(list(high = p$high[at], low = p$low[at], is_missing = c(FALSE, FALSE)))
}

wide_distinct <- function(p) length(groups_of(p$high[!p$is_missing], p$low[!p$is_missing])$ends)

moment_profile <- function(p, x, bins) {
  groups <- groups_of(x)
  s <- as.double(x)[groups$order]
  middle <- quantile_sorted(s, 0.5)
  shown <- p
  shown$x <- c(s[1L], s[length(s)], middle)
  if (p$storage == "ITime") shown$x <- as.integer(shown$x)
  text <- piece_text(shown)
  figures <- c(earliest = text[1L], latest = text[2L], median = text[3L])
  distinct <- number_figures(distinct = length(groups$ends))
  c(list(statistics = statistics_of(c(figures, distinct))), histogram(s, bins))
}

# Counts of finite ones among sorted numbers in bins of one width; only the last bin holds its upper edge.
histogram <- function(s, bins) {
  if (!all(is.finite(s[c(1L, length(s))]))) s <- s[is.finite(s)]
  if (!length(s)) return(list())
  low <- s[1L]
  high <- s[length(s)]
  if (low == high) {
    # A number so large that a half is nothing beside it gets the room that it can have.
    low <- min(low - 0.5, low - abs(low) * 2^-50)
    high <- max(high + 0.5, high + abs(high) * 2^-50)
    if (!is.finite(low) || !is.finite(high)) return(list())
  }
  share <- (0:bins) / bins
  edges <- low * (1 - share) + high * share
  edges[1L] <- low
  edges[bins + 1L] <- high
  if (is.unsorted(edges, strictly = TRUE)) return(list())
  counts <- diff(c(0L, findInterval(edges[-c(1L, bins + 1L)], s, left.open = TRUE), length(s)))
  if (!is.function(binary_way()) && any(edges != round(edges, 4L))) return(list())
  list(edges = I(edges), counts = I(counts))
}

text_profile <- function(p, x, top) {
  found <- top_values(p, top)
  figures <- number_figures(distinct = found$distinct)
  if (p$storage == "character") {
    sizes <- nchar(valid_text(p$x[found$each]), "chars")
    figures <- c(figures, number_figures(shortest = min(sizes), longest = max(sizes), empty = sum(!nzchar(x))))
  }
  list(statistics = statistics_of(figures), top = found$values)
}

# ---- values --------------------------------------------------------------------------------------------------------

# Distinct values of a piece, the most frequent first, ties in order of appearance. Missing ones are not among them.
distinct_counts <- function(p) {
  keep <- which(!is_missing_in(p))
  groups <- if (p$storage == "integer64") groups_of(p$high[keep], p$low[keep]) else groups_of(p$x[keep])
  counts <- group_sizes(groups)
  place <- order(-counts, groups$first, method = "radix")
  list(at = keep[groups$first[place]], counts = counts[place])
}

# The same piece, of some of its cells.
part_of <- function(p, at) {
  for (field in c("x", "high", "low", "is_missing", "codes")) if (!is.null(p[[field]])) p[[field]] <- p[[field]][at]
  p
}

cut_value <- function(text) substr(text, 1L, text_most)

value_list <- function(text, counts) {
  lapply(seq_along(text), function(i) list(text = cut_value(text[i]), count = counts[i]))
}

top_values <- function(p, top) {
  found <- distinct_counts(p)
  some <- seq_len(min(top, length(found$at)))
  text <- cut_value(piece_text(part_of(p, found$at[some])))
  list(values = records(text = text, count = found$counts[some]), distinct = length(found$at), each = found$at)
}

table_values <- function(table, column, search, limit) {
  t <- current(table)
  check_column(t, column)
  about <- column_about(t, column)
  if (about$kind == "nested") refuse("not_possible", "Nested values have no list to choose from.")
  as_time_allows(t$rows, TRUE, function(count) {
    p <- fetch(t, column, spread(t$rows, count))
    found <- distinct_counts(p)
    if (!nzchar(search)) {
      fitting <- seq_along(found$at)
      gaps <- missing_counts(p)
    } else {
      text <- piece_text(part_of(p, found$at))
      fitting <- grep(tolower(search), tolower(text), fixed = TRUE)
      gaps <- Filter(function(gap) grepl(tolower(search), tolower(gap$text), fixed = TRUE), missing_counts(p))
    }
    some <- fitting[seq_len(min(limit, length(fitting)))]
    values <- c(gaps, value_list(piece_text(part_of(p, found$at[some])), found$counts[some]))
    values <- values[order(-vapply(values, function(one) as.double(one$count), 0), method = "radix")]
    values <- values[seq_len(min(limit, length(values)))]
    total <- if (count < t$rows) -1L else length(fitting) + length(gaps)
    list(values = values, total = total, rows_looked_at = count)
  })
}

# ---- missing values ------------------------------------------------------------------------------------------------

missing_cells_most <- 1e7
missing_cells_exact_most <- 4e7
patterns_most <- 20L
pattern_columns_most <- 100L

table_missing <- function(table, view, columns, buckets, is_exact) {
  t <- current(table)
  for (index in columns) check_column(t, index)
  rows <- view_rows(t, view)
  cells <- if (is_exact) missing_cells_exact_most else missing_cells_most
  count <- max(min(rows, 1000), min(rows, floor(cells / max(1L, length(columns)))))
  if (!is_exact) count <- min(count, sample_rows)
  buckets <- max(1L, min(as.integer(buckets), rows))
  places <- spread(rows, count)
  bucket <- if (rows > 0) floor((places - 1) * buckets / rows) + 1 else integer()
  sizes <- tabulate(bucket, buckets)
  picture <- missing_columns(t, columns, view_places(t, view, places), bucket, sizes, buckets)
  with_buffers(
    list(columns = as.list(as.integer(columns)), buckets = buckets, counts = as.list(picture$counts), row_count = rows,
         rows_looked_at = count, patterns = missing_patterns(columns, picture$gaps)),
    list(picture$shares)
  )
}

# Any missing value is at least one part of 255: a single one must not be lost among many rows.
missing_columns <- function(t, columns, rows, bucket, sizes, buckets) {
  shares <- vector("list", length(columns))
  counts <- integer(length(columns))
  gaps <- list()
  for (at in seq_along(columns)) {
    found <- which(is_missing_in(fetch(t, columns[at], rows, "missing")))
    counts[at] <- length(found)
    of_bucket <- tabulate(bucket[found], buckets)
    shares[[at]] <- as.raw(ifelse(of_bucket > 0L, pmax(1, round(255 * of_bucket / pmax(1L, sizes))), 0))
    if (length(found) && length(gaps) < pattern_columns_most) gaps[[as.character(at)]] <- found
  }
  list(shares = as.raw(unlist(shares)), counts = counts, gaps = gaps)
}

# Columns that are missing together: rows are told apart by a number that grows by column.
missing_patterns <- function(columns, gaps) {
  if (!length(gaps)) return(list())
  rows <- sort.int(unique(unlist(gaps)), method = "radix")
  key <- integer(length(rows))
  for (found in gaps) {
    key <- 2L * key + (match(rows, found, 0L) > 0L)
    key <- match(key, unique(key)) - 1L
  }
  counts <- tabulate(key + 1L)
  place <- order(-counts, method = "radix")
  lapply(place[seq_len(min(patterns_most, length(place)))], function(one) {
    row <- rows[match(one - 1L, key)]
    together <- as.integer(names(gaps))[vapply(gaps, function(found) row %in% found, NA)]
    list(columns = as.list(as.integer(columns[together])), count = counts[one])
  })
}

answers$table.profile <- table_profile
answers$table.values <- table_values
answers$table.missing <- table_missing
