# What a run did to frames that is easily overlooked, and the audit of one frame. Sent after `tables.R` in the same
# `local()`; the laws of both hold here too.
#
# Owns what is kept of each frame: addresses and numbers, never a value. The code of a run is parsed to see what was
# joined to what, and never evaluated. A finding needs evidence in the frames themselves. Functions that say so hold the
# user's value: they are flat, and give on fresh vectors only. What is looked at is counted in rows.

frame_cells_most <- 2000000
frame_unique_rows <- 100000
frame_unique_cells <- 500000
frame_repeat_rows <- 200000
frames_most <- 200L
frame_columns_most <- 500L

frames_on <- TRUE
frames_kept <- new.env(hash = TRUE, parent = emptyenv())  # name -> list(mark, profile)
frames_noted <- character()

frame_kinds <- c(logical = "boolean", integer = "integer", integer64 = "integer", double = "float", character = "text",
                 factor = "category", Date = "date", POSIXct = "date", POSIXlt = "date", difftime = "duration")
frame_kind_words <- c(boolean = "true and false", integer = "whole numbers", float = "numbers", text = "text",
                      category = "a factor", date = "dates", duration = "durations", object = "other values")

# ---- looking -------------------------------------------------------------------------------------------------------

# Addresses of a frame and its columns; NULL where the value is no frame. Holds the value.
frame_mark <- function(name) {
  v <- get(name, envir = globalenv(), inherits = FALSE)
  if (!is_frame(v)) return(NULL)
  count <- length(text_attribute(v, "names"))
  marks <- vector("list", min(count, 64L))
  if (has_addresses) for (i in seq_along(marks)) marks[[i]] <- .Internal(address(.subset2(v, i)))
  c(marks, list(if (has_addresses) .Internal(address(v)), row_count(v), count))
}

# Names that hold lists, as the last look at all names found them: no promise, no active binding among them.
list_names <- function() {
  if (!has_addresses) {
    return(last_names[vapply(last_names, function(name) binding_state(name, globalenv()) == "value", NA)])
  }
  last_names[vapply(last_marks, is.list, NA)]
}

# Some values of a column as a plain vector of its own; NULL where its values are lists or unknown. Holds the column.
fresh_values <- function(col, places) {
  storage <- storage_of(col)
  if (!(storage %in% names(frame_kinds)) || storage == "POSIXlt") return(NULL)
  x <- .subset(col, places)
  attributes(x) <- NULL
  x
}

is_key_like <- function(x, kind) kind %in% c("integer", "text", "date", "category") || (kind == "float" && all(x == floor(x), na.rm = TRUE))

# Rows, and of each column the kind, missing values, and whether all values differ. Holds the value.
frame_profile <- function(name) {
  v <- get(name, envir = globalenv(), inherits = FALSE)
  names <- text_attribute(v, "names")
  width <- min(length(names), frame_columns_most)
  rows <- row_count(v)
  looked <- min(rows, max(1000, floor(frame_cells_most / max(1L, width))))
  places <- spread(rows, looked)
  cells_left <- frame_unique_cells
  kinds <- rep("object", width)
  missing <- numeric(width)
  unique <- rep(NA, width)
  for (i in seq_len(width)) {
    col <- .subset2(v, i)
    storage <- storage_of(col)
    if (storage %in% names(frame_kinds)) kinds[i] <- frame_kinds[[storage]]
    x <- fresh_values(col, places)
    if (is.null(x)) next
    missing[i] <- if (storage == "integer64") 0 else sum(is.na(x))
    count <- min(length(x), frame_unique_rows)
    if (rows > 1L && cells_left >= count && storage != "integer64" && is_key_like(x, kinds[i])) {
      cells_left <- cells_left - count
      unique[i] <- anyDuplicated.default(x[seq_len(count)]) == 0L
    }
  }
  list(rows = rows, looked = looked, names = names[seq_len(width)], kinds = kinds, missing = missing, unique = unique,
       is_table = "data.table" %in% classes_of(v))
}

# How many rows share their key with another one; NA where that is not to be known. Holds the value.
key_repeats <- function(name, keys) {
  v <- get(name, envir = globalenv(), inherits = FALSE)
  at <- match(keys, text_attribute(v, "names"))
  if (!length(at) || anyNA(at)) return(NA)
  places <- seq_len(min(row_count(v), frame_repeat_rows))
  ids <- numeric(length(places))
  for (i in at) {
    x <- fresh_values(.subset2(v, i), places)
    if (is.null(x)) return(NA)
    ids <- match(ids, unique.default(ids)) * (length(places) + 1) + match(x, unique.default(x))
  }
  sum(duplicated.default(ids) | duplicated.default(ids, fromLast = TRUE))
}

# ---- what the code says --------------------------------------------------------------------------------------------

join_hows <- c(left_join = "left", inner_join = "inner", right_join = "right", full_join = "full")
frame_keeps <- c("mutate", "arrange", "select", "rename", "ungroup", "group_by", "transform", "as_tibble",
                 "as.data.frame", "as.data.table", "copy", "relocate", "transmute", "within", "tibble", "rename_with")
frame_less <- c("filter", "subset", "na.omit", "drop_na", "distinct", "head", "tail", "slice", "slice_max", "slice_min",
                "slice_head", "slice_tail", "slice_sample", "unique", "semi_join", "anti_join")

call_word <- function(e) {
  f <- e[[1L]]
  if (is.symbol(f)) return(as.character(f))
  if (is.call(f) && length(f) == 3L && as.character(f[[1L]])[1L] %in% c("::", ":::")) return(as.character(f[[3L]]))
  ""
}

# A text vector as it is written; NULL where it is something else.
written_texts <- function(e) {
  if (is.character(e)) return(e)
  if (!is.call(e)) return(NULL)
  word <- call_word(e)
  parts <- as.list(e)[-1L]
  if (word == "c" && all(vapply(parts, is.character, NA))) return(unlist(parts))
  if (word %in% c(".", "list") && all(vapply(parts, is.symbol, NA))) return(vapply(parts, as.character, ""))
  if (word == "join_by") {
    found <- lapply(parts, function(part) {
      if (is.symbol(part)) return(as.character(part))
      is_equal <- is.call(part) && call_word(part) == "==" && is.symbol(part[[2L]]) && is.symbol(part[[3L]])
      if (is_equal) structure(as.character(part[[3L]]), names = as.character(part[[2L]])) else NULL
    })
    if (!any(vapply(found, is.null, NA))) return(unlist(found))
  }
  NULL
}

# Keys of both sides of `by = c(left = "right")`.
key_pairs <- function(texts) {
  left <- if (is.null(names(texts))) texts else ifelse(nzchar(names(texts)), names(texts), texts)
  list(left = unname(left), right = unname(texts))
}

peel_frame <- function(e) {
  while (is.call(e)) {
    word <- call_word(e)
    if (!(word %in% c(frame_keeps, "(", "%>%")) || length(e) < 2L) return("")
    e <- e[[2L]]
  }
  if (is.symbol(e)) as.character(e) else ""
}

option_of <- function(parts, name) if (name %in% names(parts)) parts[[name]] else NULL

is_true <- function(e) identical(e, TRUE) || identical(e, quote(T))

# The join that a call spells: the side it begins with, the other, keys, how. NULL where it cannot be read.
read_join <- function(word, parts) {
  labels <- names(parts)
  if (is.null(labels)) labels <- rep("", length(parts))
  sides <- c(which(labels == "x"), which(labels == ""))[1L]
  others <- setdiff(c(which(labels == "y"), which(labels == "")), sides)
  if (is.na(sides) || !length(others)) return(NULL)
  right <- peel_frame(parts[[others[1L]]])
  if (!nzchar(right)) return(NULL)
  positional <- setdiff(which(labels == ""), c(sides, others[1L]))
  by <- option_of(parts, "by")
  if (is.null(by) && length(positional)) by <- parts[[positional[1L]]]
  keys <- NULL
  if (!is.null(by)) {
    texts <- written_texts(by)
    if (is.null(texts)) return(NULL)
    keys <- key_pairs(texts)
  }
  how <- if (word == "merge") "inner" else join_hows[[word]]
  if (word == "merge") {
    if (!is.null(option_of(parts, "by.x")) || !is.null(option_of(parts, "by.y"))) {
      keys <- list(left = written_texts(option_of(parts, "by.x")), right = written_texts(option_of(parts, "by.y")))
      if (is.null(keys$left) || is.null(keys$right)) return(NULL)
    }
    if (is_true(option_of(parts, "all"))) how <- "full"
    if (is_true(option_of(parts, "all.x"))) how <- "left"
    if (is_true(option_of(parts, "all.y"))) how <- if (how == "left") "full" else "right"
  }
  list(begin = parts[[sides]], join = list(word = word, right = right, keys = keys, how = how))
}

# data.table's `a[b, on = ]`: a row for each of `b` and each partner in `a`. NULL where it is none.
read_bracket_join <- function(parts) {
  labels <- names(parts)
  if (is.null(labels) || !("on" %in% labels) || length(parts) < 3L) return(NULL)
  if (sum(labels == "") != 2L || !is.symbol(parts[[1L]]) || !is.symbol(parts[[2L]])) return(NULL)
  texts <- written_texts(parts[["on"]])
  if (is.null(texts)) return(NULL)
  pairs <- key_pairs(texts)
  how <- if ("nomatch" %in% labels && !identical(parts[["nomatch"]], quote(NA))) "inner" else "left"
  list(begin = parts[[2L]], join = list(word = "[", right = as.character(parts[[1L]]), how = how,
                                        keys = list(left = pairs$right, right = pairs$left)))
}

read_step <- function(target, e, order, source) {
  joins <- list()
  calls <- character()
  is_exact <- TRUE
  while (!is.symbol(e)) {
    if (!is.call(e)) return(NULL)
    word <- call_word(e)
    if (word == "%>%") {
      if (!is.call(e[[3L]])) return(NULL)
      e <- as.call(c(list(e[[3L]][[1L]]), list(e[[2L]]), as.list(e[[3L]])[-1L]))
      next
    }
    parts <- as.list(e)[-1L]
    if (!length(parts)) return(NULL)
    calls <- c(calls, word)
    found <- if (word == "merge" || word %in% names(join_hows)) read_join(word, parts) else NULL
    if (word == "[") found <- read_bracket_join(parts)
    if (!is.null(found)) {
      joins <- c(list(found$join), joins)
      e <- found$begin
    } else if (word %in% c("merge", names(join_hows))) {
      return(NULL)
    } else if (word == "[") {
      if (any(names(parts) %in% c("by", "keyby", "on")) || (length(parts) > 2L && is_summary(parts[[3L]]))) return(NULL)
      is_exact <- is_exact && length(parts) > 1L && is.call(parts[[2L]]) && call_word(parts[[2L]]) == "order"
      e <- parts[[1L]]
    } else {
      if (word %in% frame_less) is_exact <- FALSE else if (!(word %in% c(frame_keeps, "("))) return(NULL)
      e <- parts[[1L]]
    }
  }
  list(target = target, left = as.character(e), is_exact = is_exact, joins = joins, calls = calls, order = order,
       source = source)
}

is_summary <- function(e) is.call(e) && !(call_word(e) %in% c("c", ":", "-", "!", ":="))

composed_step <- function(before, step) {
  before$is_exact <- before$is_exact && step$is_exact
  if (length(step$joins)) before$source <- step$source
  before$joins <- c(before$joins, step$joins)
  before$calls <- c(before$calls, step$calls)
  before
}

read_codes <- function(codes) {
  steps <- list(last = list(), assigned = list(), touched = character(), fed = character(), filled = character(),
                words = character(), text = paste(codes, collapse = "\n"))
  expressions <- expression()
  for (code in codes) {
    expressions <- c(expressions, tryCatch(parse(text = code, keep.source = FALSE), error = function(e) expression()))
  }
  for (order in seq_along(expressions)) steps <- read_statement(steps, expressions[[order]], order)
  steps$words <- unique.default(all.names(expressions, unique = TRUE))
  steps
}

read_statement <- function(steps, e, order) {
  word <- if (is.call(e)) call_word(e) else ""
  if (!(word %in% c("<-", "=", "<<-")) || length(e) != 3L) {
    steps$touched <- c(steps$touched, all.vars(e))
    if (word %in% c("for", "while", "repeat", "if", "{", "function")) {
      for (name in all.vars(e)) steps <- note_assigned(steps, name, NULL, order)
    }
    return(steps)
  }
  target <- e[[2L]]
  if (is.character(target)) target <- as.name(target)
  if (!is.symbol(target)) {
    steps$touched <- c(steps$touched, all.vars(target))
    is_filled <- is.call(target) && call_word(target) == "[" && length(target) == 3L && is.symbol(target[[2L]]) &&
      identical(target[[3L]], call("is.na", target[[2L]]))
    if (is_filled) steps$filled <- c(steps$filled, as.character(target[[2L]]))
    return(steps)
  }
  name <- as.character(target)
  if (name %in% all.vars(e[[3L]])) steps$fed <- c(steps$fed, name)
  note_assigned(steps, name, read_step(name, e[[3L]], order, paste(deparse(e, 500L), collapse = "\n")), order)
}

note_assigned <- function(steps, name, step, order) {
  if (!is.null(step) && step$left == name && name %in% names(steps$assigned)) {
    before <- steps$last[[name]]
    step <- if (is.null(before)) NULL else composed_step(before, step)
  }
  steps$last[[name]] <- step
  steps$assigned[[name]] <- order
  steps
}

is_as_used <- function(steps, name, order) is.null(steps$assigned[[name]]) || steps$assigned[[name]] <= order

# ---- the codes of the runs ------------------------------------------------------------------------------------------

# Statements run one after the other, and the window asks when all have ended: so the code of each is noted when the
# kernel object is told of it. Where that object is another than we know, the last code is all there is.
run_codes <- character()
codes_most <- 500L

note_run <- function(request) {
  code <- tryCatch(request$content$code, error = function(e) NULL)
  if (!is.character(code) || length(code) != 1L || is.na(code) || isTRUE(request$content$silent)) return(invisible(NULL))
  if (nchar(code, "bytes") > 100000L) return(invisible(NULL))
  run_codes <<- c(run_codes, code)
  if (length(run_codes) > codes_most) run_codes <<- run_codes[-1L]
}

listen_to_runs <- function() {
  executor <- as.environment(kernel_of()$executor)
  held <- executor$current_request
  if (!is.list(held) || environmentIsLocked(executor) || bindingIsLocked("current_request", executor)) return(FALSE)
  rm("current_request", envir = executor)
  makeActiveBinding("current_request", function(request) {
    if (!missing(request)) {
      held <<- request
      if (frames_on) note_run(request)
    }
    held
  }, executor)
  TRUE
}

is_listening <- tryCatch(listen_to_runs(), error = function(e) FALSE)

codes_since <- function() {
  codes <- if (is_listening) run_codes else last_code()
  run_codes <<- character()
  codes
}

# ---- after a run ---------------------------------------------------------------------------------------------------

note_frames <- function() {
  if (!frames_on || is_partial) return(invisible(NULL))  # after a look in part the window asks again at once
  codes <- codes_since()
  names <- list_names()
  marks <- list()
  for (name in names) {
    if (length(marks) >= frames_most) break
    mark <- frame_mark(name)
    if (!is.null(mark)) marks[[name]] <- mark
  }
  gone <- setdiff(ls(frames_kept, all.names = TRUE), names(marks))
  rm(list = gone, envir = frames_kept)
  frames_noted <<- setdiff(frames_noted, gone)
  changed <- names(marks)[vapply(names(marks), function(name) !identical(frames_kept[[name]]$mark, marks[[name]]), NA)]
  if (!length(changed)) return(invisible(NULL))
  before <- list()
  for (name in names(marks)) before[[name]] <- frames_kept[[name]]$profile
  for (name in changed) assign(name, list(mark = marks[[name]], profile = frame_profile(name)), envir = frames_kept)
  steps <- read_codes(codes)
  told <- list()
  for (name in changed) {
    findings <- findings_of(name, steps, before)
    if (length(findings) || name %in% frames_noted) {
      told[[length(told) + 1L]] <- list(name = valid_text(name), findings = findings)
    }
    frames_noted <<- if (length(findings)) union(frames_noted, name) else setdiff(frames_noted, name)
  }
  if (length(told)) send_event("frames.noted", list(frames = told))
  invisible(NULL)
}

# `filters` are those of `table.view`, of the table at `path`; `names` are that table's columns.
finding <- function(name, kind, sentence, short, columns = character(), severity = "notice", code = "", mend_code = "",
                    path = name, is_sampled = FALSE, filters = list(), is_all = TRUE, count = 0,
                    names = frames_kept[[path]]$profile$names) {
  list(kind = kind, sentence = valid_text(sentence), short = valid_text(short), severity = severity,
       columns = as.list(valid_text(columns)), code = valid_text(code), mend_code = valid_text(mend_code),
       path = as.list(valid_text(path)), is_sampled = is_sampled, filters = filters, is_all = is_all, count = as.integer(count),
       places = as.list(places_of(columns, names)))
}

# Indexes of columns, from 0; those that are not there are left out.
places_of <- function(columns, names) {
  at <- match(columns, names)
  at[!is.na(at)] - 1L
}

filter_of <- function(column, operator, values = character()) {
  list(column = column, operator = operator, values = as.list(valid_text(values)))
}

missing_filter <- function(name, column) {
  list(filter_of(places_of(column, frames_kept[[name]]$profile$names), "is_missing"))
}

# ---- keys as filters name them

key_rows_most <- 50000L
keys_shown <- 20L

# Keys of the first rows as text, a vector for each column; missing ones are left out. NULL where a column holds other
# things than numbers and text. Holds the value.
key_texts <- function(name, keys) {
  v <- get(name, envir = globalenv(), inherits = FALSE)
  at <- match(keys, text_attribute(v, "names"))
  if (!length(at) || anyNA(at)) return(NULL)
  places <- seq_len(min(row_count(v), key_rows_most))
  texts <- list()
  for (i in seq_along(at)) {
    col <- .subset2(v, at[i])
    storage <- storage_of(col)
    x <- fresh_values(col, places)
    if (is.null(x)) return(NULL)
    if (storage == "factor") x <- text_attribute(col, "levels")[x]
    else if (storage %in% c("integer", "double")) x <- number_text(x)
    else if (storage != "character") return(NULL)
    texts[[i]] <- x
  }
  present <- !Reduce(`|`, lapply(texts, is.na))
  lapply(texts, function(text) text[present])
}

joined_texts <- function(texts) do.call(paste, c(texts, sep = "\x1f"))

# Filters that keep the rows of some keys: of one where several columns make it. `is_meant` tells which of `texts`.
key_filters <- function(name, keys, texts, is_meant) {
  first <- which(is_meant & !duplicated(joined_texts(texts)))
  if (!length(first)) return(list())
  at <- places_of(keys, frames_kept[[name]]$profile$names)
  if (length(at) == 1L) return(list(filter_of(at, "in", texts[[1L]][first[seq_len(min(length(first), keys_shown))]])))
  lapply(seq_along(at), function(i) filter_of(at[i], "eq", texts[[i]][first[1L]]))
}

# Rows of a frame whose key repeats in it.
repeat_filters <- function(name, keys) {
  texts <- key_texts(name, keys)
  if (!length(texts)) return(list())
  joined <- joined_texts(texts)
  key_filters(name, keys, texts, joined %in% joined[duplicated(joined)])
}

# Rows of a joined frame whose key repeats on the right.
grown_filters <- function(name, join, keys) {
  names <- if (all(keys$left %in% frames_kept[[name]]$profile$names)) keys$left else keys$right
  right <- key_texts(join$right, keys$right)
  here <- key_texts(name, names)
  if (!length(right) || length(right) != length(here)) return(list())
  right <- joined_texts(right)
  key_filters(name, names, here, joined_texts(here) %in% right[duplicated(right)])
}

# Rows of the left whose key the right does not have.
lost_filters <- function(step, join, keys) {
  left <- key_texts(step$left, keys$left)
  right <- key_texts(join$right, keys$right)
  is_whole <- frames_kept[[join$right]]$profile$rows <= key_rows_most
  if (!length(left) || length(right) != length(left) || !is_whole) return(list())
  key_filters(step$left, keys$left, left, !(joined_texts(left) %in% joined_texts(right)))
}

counted <- function(number) format.default(number, big.mark = ",", scientific = FALSE, trim = TRUE)

# The beginning of a sentence about some values of a column; the verb fits their number.
values_of <- function(count, column, one, more = one) {
  paste0(counted(count), if (count == 1) " value of `" else " values of `", column, "` ", if (count == 1) one else more)
}

named_columns <- function(names) {
  shown <- paste0("`", names[seq_len(min(3L, length(names)))], "`", collapse = ", ")
  if (length(names) > 3L) paste0(shown, " and ", length(names) - 3L, " more") else shown
}

text_vector <- function(texts) paste0("c(", paste(encodeString(texts, quote = "\""), collapse = ", "), ")")

findings_of <- function(name, steps, before) {
  new <- frames_kept[[name]]$profile
  is_kin <- is.null(steps$assigned[[name]]) || name %in% steps$fed
  old <- if (is_kin) before[[name]] else NULL
  step <- steps$last[[name]]
  found <- if (length(step$joins)) join_findings(name, steps, step, old, new) else list()
  if (is.null(old)) return(found)
  found <- c(found, row_findings(name, step, old, new), type_findings(name, steps, old, new))
  kinds <- vapply(found, function(f) f$kind, "")
  if (!("missing_added" %in% kinds)) found <- c(found, missing_findings(name, steps, old, new))
  if (!("rows_grew" %in% kinds)) found <- c(found, key_findings(name, steps, old, new))
  found
}

# The profile of a frame that took part in a step, where it is still there.
part_profile <- function(steps, step, name) {
  if (name == step$target || !is_as_used(steps, name, step$order)) return(NULL)
  frames_kept[[name]]$profile
}

join_keys <- function(join, left, right) {
  if (!is.null(join$keys)) return(join$keys)
  common <- intersect(left$names, right$names)
  list(left = common, right = common)
}

join_findings <- function(name, steps, step, old, new) {
  left <- if (step$left == step$target) old else part_profile(steps, step, step$left)
  if (is.null(left)) return(list())
  if (new$rows > left$rows) {
    found <- grown_finding(name, steps, step, left, new)
  } else {
    found <- list()
  }
  if (!step$is_exact || length(step$joins) != 1L) return(found)
  join <- step$joins[[1L]]
  right <- part_profile(steps, step, join$right)
  if (is.null(right)) return(found)
  keys <- join_keys(join, left, right)
  c(found, lost_finding(name, step, join, keys, left, new), partner_finding(name, join, keys, left, right, new),
    suffix_findings(name, left, right, new))
}

grown_finding <- function(name, steps, step, left, new) {
  for (join in step$joins) {
    right <- part_profile(steps, step, join$right)
    if (is.null(right)) next
    keys <- join_keys(join, left, right)
    if (!isTRUE(key_repeats(join$right, keys$right) > 0)) next
    is_both <- if (step$left != step$target) key_repeats(step$left, keys$left) > 0 else {
      at <- match(keys$left, left$names)
      if (length(at) == 1L && !is.na(at)) !left$unique[at] else NA
    }
    # One row on the left for several on the right is what such a join is for.
    if (!isTRUE(is_both) && step$left != step$target && (identical(is_both, FALSE) || new$rows <= right$rows)) next
    where <- if (isTRUE(is_both)) paste0("both `", step$left, "` and `", join$right, "`") else paste0("`", join$right, "`")
    factor <- new$rows / max(1, left$rows)
    times <- paste0("x", formatC(factor, format = "f", digits = 1L))
    word <- if (join$word == "[") "the join" else join$word
    sentence <- paste0(
      counted(left$rows), " -> ", counted(new$rows), " rows", if (factor >= 1.05) paste0(" (", times, ")"), " after ",
      word, ": key", if (length(keys$right) > 1L) "s", " ", named_columns(keys$right), " repeat",
      if (length(keys$right) == 1L) "s", " in ", where, "."
    )
    short <- if (factor >= 1.5) paste0(times, " rows after ", word) else {
      paste0("+", counted(new$rows - left$rows), " rows after ", word)
    }
    texts <- text_vector(keys$right)
    b <- ticked(join$right)
    if (right$is_table) {
      show <- paste0(b, "[duplicated(", b, ", by = ", texts, ") | duplicated(", b, ", by = ", texts, ", fromLast = TRUE)]")
      mend <- paste0(b, " <- unique(", b, ", by = ", texts, ")")
    } else {
      show <- paste0(b, "[duplicated(", b, "[", texts, "]) | duplicated(", b, "[", texts, "], fromLast = TRUE), ]")
      mend <- paste0(b, " <- ", b, "[!duplicated(", b, "[", texts, "]), ]")
    }
    mend <- if (step$left == step$target) "" else paste0(mend, "\n", step$source)
    return(list(finding(name, "rows_grew", sentence, short, keys$right, "warning", show, mend,
                        is_sampled = right$rows > frame_repeat_rows, filters = grown_filters(name, join, keys),
                        count = new$rows - left$rows)))
  }
  list()
}

lost_finding <- function(name, step, join, keys, left, new) {
  lost <- left$rows - new$rows
  if (join$how != "inner" || lost <= 0 || !identical(key_repeats(join$right, keys$right) > 0, FALSE)) return(list())
  show <- ""
  if (step$left != step$target && length(keys$left) == 1L) {
    a <- ticked(step$left)
    show <- paste0(a, "[!(", a, "$", ticked(keys$left), " %in% ", ticked(join$right), "$", ticked(keys$right), "), ]")
  }
  sentence <- paste0(counted(lost), " of ", counted(left$rows), " rows of `", step$left, "` found no partner in `",
                     join$right, "` and were dropped.")
  is_there <- step$left != step$target
  list(finding(name, "rows_dropped", sentence, paste0("-", counted(lost), " rows after the join"), keys$left, code = show,
               path = if (is_there) step$left else name, count = lost,
               filters = if (is_there) lost_filters(step, join, keys) else list()))
}

partner_finding <- function(name, join, keys, left, right, new) {
  if (join$how != "left" || right$looked < right$rows || new$looked < new$rows) return(list())
  whole <- right$names[right$missing == 0 & right$kinds != "object"]
  whole <- intersect(setdiff(whole, c(keys$right, left$names)), new$names)
  if (!length(whole)) return(list())
  missing <- min(new$missing[match(whole, new$names)])
  if (missing == 0) return(list())
  m <- ticked(name)
  sentence <- paste0(counted(missing), " of ", counted(new$rows), " rows found no partner in `", join$right, "`: there ",
                     named_columns(whole), " is missing.")
  list(finding(name, "missing_added", sentence, paste0(counted(missing), " rows without partner"), whole, "warning",
               paste0(m, "[is.na(", m, "$", ticked(whole[1L]), "), ]"), filters = missing_filter(name, whole[1L]),
               count = missing))
}

suffix_findings <- function(name, left, right, new) {
  both <- intersect(left$names, right$names)
  both <- both[paste0(both, ".x") %in% new$names & paste0(both, ".y") %in% new$names]
  lapply(both, function(column) {
    pair <- paste0(column, c(".x", ".y"))
    finding(name, "columns_added", paste0("Column `", column, "` was in both frames: it is now `", pair[1L], "` and `",
                                          pair[2L], "`."), paste(column, "twice"), pair)
  })
}

row_findings <- function(name, step, old, new) {
  lost <- old$rows - new$rows
  is_drop <- !is.null(step) && !length(step$joins) && step$left == name && any(step$calls %in% c("na.omit", "drop_na"))
  if (!is_drop || lost <= 0) return(list())
  holes <- old$names[old$missing > 0]
  sentence <- paste0(counted(lost), " of ", counted(old$rows), " rows were dropped because of missing values in ",
                     named_columns(holes), ".")
  list(finding(name, "rows_dropped", sentence, paste0("-", counted(lost), " rows, missing values"), holes))
}

says_type <- c("as.character", "format", "paste", "paste0", "sprintf", "as.factor", "factor", "strftime", "formatC",
               "toupper", "tolower", "sub", "gsub", "substr", "ifelse", "case_when", "recode", "cut", "weekdays", "months")

type_findings <- function(name, steps, old, new) {
  if (any(says_type %in% steps$words)) return(list())
  found <- list()
  for (column in intersect(new$names, old$names)) {
    was <- old$kinds[match(column, old$names)]
    now <- new$kinds[match(column, new$names)]
    if (was == now || !(now %in% c("text", "object"))) next
    sentence <- paste0("`", column, "` held ", frame_kind_words[[was]], " and holds ", frame_kind_words[[now]], " now.")
    found <- c(found, list(finding(name, "type_changed", sentence, paste0(column, ": ", frame_kind_words[[now]]), column,
                                   "warning")))
  }
  found
}

says_missing <- c("NA", "lag", "lead", "shift", "na_if", "ifelse", "if_else", "case_when", "replace", "diff", "cut",
                  "is.na<-", "NA_character_", "NA_real_", "NA_integer_")

missing_findings <- function(name, steps, old, new) {
  if (old$rows != new$rows || old$looked < old$rows || new$looked < new$rows) return(list())
  columns <- intersect(new$names, old$names)
  more <- new$missing[match(columns, new$names)] - old$missing[match(columns, old$names)]
  found <- list()
  if (!any(says_missing %in% steps$words) && !says_na(steps)) {
    is_converted <- any(c("as.numeric", "as.integer", "as.Date", "as.double", "as.POSIXct") %in% steps$words)
    for (column in columns[more > 0]) {
      many <- more[match(column, columns)]
      sentence <- if (is_converted) {
        values_of(many, column, "could not be converted and is missing now.", "could not be converted and are missing now.")
      } else values_of(many, column, "became missing.")
      found <- c(found, list(finding(name, "missing_added", sentence, paste(counted(many), "new missing"), column, "warning",
                                     paste0(ticked(name), "[is.na(", ticked(name), "$", ticked(column), "), ]"),
                                     filters = missing_filter(name, column), count = many)))
    }
  }
  if (name %in% steps$filled && any(more < 0)) {
    count <- counted(-sum(more[more < 0]))
    found <- c(found, list(finding(name, "values_filled", paste0(count, " missing values were filled in ",
                                                                 named_columns(columns[more < 0]), "."),
                                   paste(count, "filled"), columns[more < 0])))
  }
  found
}

# NA is a constant and no name: whether the code writes it.
says_na <- function(steps) grepl("\\bNA(_[a-z]+_)?\\b", steps$text, perl = TRUE)

key_findings <- function(name, steps, old, new) {
  if (!any(c("rbind", "bind_rows", "rbindlist", "merge", names(join_hows)) %in% steps$words)) return(list())
  columns <- intersect(new$names, old$names)
  was <- old$unique[match(columns, old$names)]
  now <- new$unique[match(columns, new$names)]
  is_key <- columns == new$names[1L] | grepl("(^|[_. ])(id|key|code|nr|no|number)$|(Id|ID)$", columns, perl = TRUE)
  keys <- columns[is_key & !is.na(was) & was & !is.na(now) & !now & old$rows > 1]
  lapply(keys, function(column) {
    x <- paste0(ticked(name), "$", ticked(column))
    finding(name, "keys_repeated", paste0("`", column, "` was different in each row and repeats now."),
            paste(column, "repeats"), column, "warning",
            paste0(ticked(name), "[duplicated(", x, ") | duplicated(", x, ", fromLast = TRUE), ]"),
            filters = repeat_filters(name, column))
  })
}

watch_frames <- function(is_on) {
  frames_on <<- is_on
  if (!is_on) {
    rm(list = ls(frames_kept, all.names = TRUE), envir = frames_kept)
    frames_noted <<- character()
  }
  nothing()
}

# ---- the audit of one frame ----------------------------------------------------------------------------------------

like_missing_texts <- c("NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", "none", "-", "--", "?", "#N/A", "")
like_missing_numbers <- c(-999, -9999, -99999, 9999, 99999)

# Names, storages and rows of a frame. Holds the value.
frame_outline <- function(path) {
  v <- value_at(path)
  if (!is_frame(v)) return(NULL)
  names <- text_attribute(v, "names")
  storages <- character(length(names))
  for (i in seq_along(names)) storages[i] <- storage_of(.subset2(v, i))
  list(names = names, storages = storages, rows = row_count(v))
}

# Holds the value.
column_at <- function(path, i, places) {
  v <- value_at(path)
  fresh_values(.subset2(v, i), places)
}

audit_frame <- function(path) {
  find_value(path)
  outline <- frame_outline(path)
  if (is.null(outline)) refuse("not_possible", "Only data frames can be audited.")
  name <- if (length(path) == 1L) ticked(path) else expression_of(path)
  places <- spread(outline$rows, min(outline$rows, sample_rows))
  found <- list()
  looked <- 0L
  end_s <- seconds() + 5
  for (i in seq_len(min(length(outline$names), 200L))) {
    if (seconds() > end_s) break
    column <- outline$names[i]
    if (is.na(column) || !nzchar(column) || sum(outline$names == column, na.rm = TRUE) > 1L) next
    x <- column_at(path, i, places)
    if (is.null(x) || outline$storages[i] == "integer64") next
    looked <- looked + 1L
    found <- c(found, lapply(audit_column(name, column, x, outline$storages[i]), function(f) {
      f$places <- list(i - 1L)
      f$filters <- lapply(f$filters, function(member) filter_of(i - 1L, member$operator, unlist(member$values)))
      f
    }))
  }
  found <- lapply(c(found, audit_rows(path, name, outline, places)), function(f) {
    f$path <- list()
    f$severity <- if (f$kind %in% serious_kinds) "warning" else "notice"
    f$is_sampled <- length(places) < outline$rows
    if (any(vapply(f$filters, function(member) length(member$values) > filter_values_most, NA))) f$filters <- list()
    f
  })
  list(name = valid_text(name), findings = found, row_count = outline$rows, rows_looked_at = length(places),
       column_count = length(outline$names), columns_looked_at = looked)
}

# What makes counts, sums and groups wrong without a word.
serious_kinds <- c("like_missing", "near_duplicates", "duplicate_rows")
filter_values_most <- 200L

audit_rows <- function(path, name, outline, places) {
  ids <- numeric(length(places))
  for (i in seq_along(outline$names)) {
    x <- column_at(path, i, places)
    if (is.null(x)) return(list())
    ids <- match(ids, unique.default(ids)) * (length(places) + 1) + match(x, unique.default(x))
  }
  count <- sum(duplicated.default(ids))
  if (!length(outline$names) || count == 0L) return(list())
  list(finding(name, "duplicate_rows", paste(counted(count), "rows are the same as an earlier one."),
               paste(counted(count), "duplicate rows"), count = count, names = NULL,
               code = paste0(name, "[duplicated(", name, ") | duplicated(", name,
                                                                      ", fromLast = TRUE), ]"),
               mend_code = paste0(name, " <- ", name, "[!duplicated(", name, "), ]")))
}

audit_column <- function(name, column, x, storage) {
  cell <- paste0(name, "$", ticked(column))
  rows <- function(condition) paste0(name, "[which(", condition, "), ]")
  note <- function(kind, sentence, short, code, mend, ...) {
    list(finding(name, kind, sentence, short, column, code = code, mend_code = mend, names = column, ...))
  }
  present <- x[!is.na(x)]
  if (length(present) < 2L) return(list())
  if (length(present) == length(x) && length(unique.default(present)) == 1L) {
    return(note("constant", paste0("All rows of `", column, "` hold the same value."), "constant",
                paste0("unique(", cell, ")"), paste0(cell, " <- NULL")))
  }
  if (storage == "character") return(audit_text(column, cell, present, rows, note))
  if (storage %in% c("integer", "double")) return(audit_numbers(column, cell, present, rows, note))
  list()
}

audit_text <- function(column, cell, present, rows, note) {
  present <- valid_text(present)
  found <- list()
  spaced <- sum(present != trimws(present))
  if (spaced) {
    found <- note("spaces", values_of(spaced, column, "begins or ends with spaces.", "begin or end with spaces."),
                  paste(counted(spaced), "with spaces"), rows(paste0(cell, " != trimws(", cell, ")")),
                  paste0(cell, " <- trimws(", cell, ")"), count = spaced,
                  filters = list(filter_of(0L, "regex", "^\\s|\\s$")))
  }
  like <- sort(unique.default(present[trimws(present) %in% like_missing_texts]))
  if (length(like)) {
    total <- sum(present %in% like)
    count <- counted(total)
    condition <- paste0(cell, " %in% ", text_vector(like))
    found <- c(found, note("like_missing", paste0(values_of(total, column, "looks like a missing one: ", "look like missing ones: "),
                                                  paste(encodeString(like, quote = "\""), collapse = ", "), "."),
                           paste(count, "like missing"), rows(condition), paste0(cell, "[", condition, "] <- NA"),
                           count = total, filters = list(filter_of(0L, "in", like))))
  }
  rest <- trimws(present[!(present %in% like)])
  if (length(rest) < 2L) return(found)
  number <- "^[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)([.][0-9]*)?([eE][-+]?[0-9]+)?$"
  date <- "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
  time <- "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?$"
  as_text <- function(kind, word, mend) {
    note(kind, paste0("`", column, "` holds ", word, " as text."), paste(word, "as text"), paste0("head(", cell, ", 20)"), mend)
  }
  if (all(grepl(date, rest))) return(c(found, as_text("dates_as_text", "dates", paste0(cell, " <- as.Date(trimws(", cell, "), optional = TRUE)"))))
  if (all(grepl(time, rest))) {
    formats <- "tryFormats = c(\"%Y-%m-%d %H:%M:%OS\", \"%Y-%m-%dT%H:%M:%OS\", \"%Y-%m-%d %H:%M\", \"%Y-%m-%dT%H:%M\")"
    return(c(found, as_text("dates_as_text", "times", paste0(cell, " <- as.POSIXct(trimws(", cell, "), ", formats, ", optional = TRUE)"))))
  }
  if (all(grepl(number, rest)) && !any(grepl("^[-+]?0[0-9]", rest))) {
    return(c(found, as_text("numbers_as_text", "numbers", paste0(cell, " <- as.numeric(gsub(\",\", \"\", ", cell, ", fixed = TRUE))"))))
  }
  c(found, audit_near(column, cell, present[!(present %in% like)], note))
}

audit_near <- function(column, cell, present, note) {
  counts <- sort(table(present), decreasing = TRUE)
  if (length(counts) > 2000L || length(counts) * 2L > length(present) + 2L) return(list())
  values <- names(counts)
  plain <- gsub("[[:space:]]+", " ", tolower(trimws(values)))
  best <- trimws(values[match(plain, plain)])                # the most frequent of each group comes first
  near <- values != best & (duplicated(plain) | duplicated(plain, fromLast = TRUE))
  if (!any(near)) return(list())
  from <- values[near]
  to <- best[near]
  mend <- paste0(cell, "[", cell, " %in% ", vapply(split(from, to), text_vector, ""), "] <- ",
                 encodeString(names(split(from, to)), quote = "\""), collapse = "\n")
  note("near_duplicates", paste0(length(unique.default(c(from, to))), " values of `", column,
                                 "` differ by case or spaces only, such as ", encodeString(from[1L], quote = "\""), " and ",
                                 encodeString(to[1L], quote = "\""), "."), "near duplicates",
       paste0("table(", cell, ")"), mend, count = sum(present %in% c(from, to)),
       filters = list(filter_of(0L, "in", unique.default(c(from, to)))))
}

audit_numbers <- function(column, cell, present, rows, note) {
  found <- list()
  rest <- sort(present[!(present %in% like_missing_numbers) & is.finite(present)])
  if (!length(rest)) return(found)
  like <- like_missing_numbers[like_missing_numbers %in% present]
  like <- like[like < rest[1L] | like > rest[length(rest)] * 10]
  if (length(like)) {
    total <- sum(present %in% like)
    count <- counted(total)
    condition <- paste0(cell, " %in% c(", paste(like, collapse = ", "), ")")
    found <- note("like_missing", paste0(values_of(total, column, "looks like a missing one: ", "look like missing ones: "),
                                         paste(like, collapse = ", "), "."), paste(count, "like missing"), rows(condition),
                  paste0(cell, "[", condition, "] <- NA"), count = total,
                  filters = list(filter_of(0L, "in", number_text(like))))
  }
  if (length(rest) < 20L) return(found)
  low <- rest[length(rest) %/% 4L + 1L]
  high <- rest[(length(rest) * 3L) %/% 4L + 1L]
  if (high <= low) return(found)
  least <- low - 5 * (high - low)
  most <- high + 5 * (high - low)
  count <- sum(rest < least | rest > most)
  if (count == 0L || count > length(rest) %/% 50L + 1L) return(found)
  bounds <- format.default(c(least, most), digits = 15L, trim = TRUE)
  c(found, note("outliers", values_of(count, column, "lies far from all others.", "lie far from all others."),
                paste(counted(count), "outliers"), rows(paste0(cell, " < ", bounds[1L], " | ", cell, " > ", bounds[2L])),
                paste0(cell, " <- pmin(pmax(", cell, ", ", bounds[1L], "), ", bounds[2L], ")"), count = count,
                filters = list(filter_of(0L, "lt", bounds[1L]), filter_of(0L, "gt", bounds[2L])), is_all = FALSE))
}

# ---- answers -------------------------------------------------------------------------------------------------------

sync_before_frames <- answers$variables.sync

answers$variables.sync <- function(full) {
  found <- sync_before_frames(full)
  tryCatch(note_frames(), error = function(e) send_event("agent.failed", list(message = conditionMessage(e))))
  found
}

answers$frames.watch <- watch_frames
answers$frames.audit <- audit_frame
