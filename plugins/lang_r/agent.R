# The R agent: runs inside the user's R kernel (IRkernel) and answers the contract over a comm. Sent silently, inside a
# `local()` whose parent is the base environment: no name of ours in the global one, and none of the user's functions
# can get in the way of base functions that are called here. Needs base R, IRkernel and what they bring.
#
# Looking changes nothing. So: active bindings are never read, promises never forced, no S3 or S4 method is ever
# dispatched on a user's object (only primitives that do not dispatch: attr, .subset, typeof, is.object), and no value
# is put in a list or a call, as that would raise its reference count and make the user's next change copy it.

preview_length <- 200L
names_cap <- 10000L
full_budget_s <- 0.25
run_budget_s <- 0.05
looks_least <- 50L

# ---- bindings ------------------------------------------------------------------------------------------------------

substitute_direct <- get0("C_do_substitute_direct", envir = asNamespace("methods"), inherits = FALSE)
scratch <- new.env(hash = TRUE, parent = emptyenv())
languages <- c("language", "symbol", "promise", "bytecode", "...")

# What the binding holds, without forcing a promise; an unforced promise gives its expression.
peek <- function(name, env) .Call(substitute_direct, as.name(name), env)

# Copies bindings, not values, into `scratch`. Returns the names that could not be copied: numbers that the byte-code
# interpreter keeps unboxed, which are no promises.
copy_bindings <- function(names, env) {
  unboxed <- character()
  first <- 1L
  while (first <= length(names)) {
    before <- length(scratch)
    some <- names[first:length(names)]
    done <- tryCatch({
      .Internal(importIntoEnv(scratch, some, env, some))
      TRUE
    }, error = function(e) FALSE)
    if (done) break
    first <- first + length(scratch) - before
    unboxed <- c(unboxed, names[first])
    first <- first + 1L
  }
  unboxed
}

empty_scratch <- function() rm(list = ls(scratch, all.names = TRUE, sorted = FALSE), envir = scratch)

# "value", "promise" (not forced) or "forced" for a binding in `scratch` whose content looks like code.
code_binding <- function(name) {
  single <- new.env(hash = FALSE, parent = emptyenv())
  .Internal(importIntoEnv(single, name, scratch, name))
  shown <- utils::capture.output(.Internal(inspect(single, 2L, 0L)))
  if (!any(grepl("^ *@[0-9a-f]+ 05 PROMSXP", shown))) return("value")
  if ("rlang" %in% loadedNamespaces()) {
    lazy <- tryCatch(asNamespace("rlang")$env_binding_are_lazy(single, name), error = function(e) NA)
    if (!is.na(lazy)) return(if (lazy) "promise" else "forced")
  }
  # In serialized form a promise that still has its environment (flag 1024) has not been forced.
  lines <- strsplit(rawToChar(serialize(single, NULL, ascii = TRUE)), "\n", fixed = TRUE)[[1L]]
  at <- match(name, lines)
  flags <- if (is.na(at)) NA else suppressWarnings(as.integer(lines[at + 1L]))
  if (is.na(flags) || bitwAnd(flags, 1024L) != 0L) "promise" else "forced"
}

# How one name of `env` can be looked at: "none", "active", "promise" or "value".
binding_state <- function(name, env) {
  if (!exists(name, envir = env, inherits = FALSE)) return("none")
  if (bindingIsActive(name, env)) return("active")
  on.exit(empty_scratch())
  unboxed <- copy_bindings(name, env)
  if (length(unboxed)) return("value")
  if (!(typeof(peek(name, scratch)) %in% languages)) return("value")
  state <- code_binding(name)
  if (state == "forced") "value" else state
}

# ---- one value -----------------------------------------------------------------------------------------------------

# An attribute that is text, without attributes of its own: it too may have a class of the user's.
text_attribute <- function(v, which) {
  found <- attr(v, which, exact = TRUE)
  if (typeof(found) != "character") return(NULL)
  if (is.object(found)) attributes(found) <- NULL
  found
}

classes_of <- function(v) {
  found <- text_attribute(v, "class")
  if (is.null(found)) character() else found
}

# length() would dispatch on the user's classes; where one of them has a method the length is not known.
safe_length <- function(v) {
  if (!is.object(v)) return(length(v))
  if (isS4(v)) return(NA_integer_)
  named <- text_attribute(v, "names")
  if (!is.null(named) && is.list(v)) return(length(named))
  for (cls in classes_of(v)) {
    method <- paste0("length.", cls)
    if (exists(method, envir = globalenv()) || !is.null(.BaseNamespaceEnv[[".__S3MethodsTable__."]][[method]])) {
      return(NA_integer_)
    }
  }
  length(v)
}

is_frame <- function(v) typeof(v) == "list" && !isS4(v) && "data.frame" %in% classes_of(v)

row_count <- function(v) abs(.row_names_info(v, 2L))

cut_text <- function(text) {
  text <- iconv(text, "", "UTF-8", sub = "byte")
  if (is.na(text)) return("")
  if (nchar(text) > preview_length) paste0(substr(text, 1L, preview_length - 1L), "\u2026") else text
}

atomic_types <- c("logical", "integer", "double", "complex", "character", "raw")

show_elements <- function(v, count) {
  some <- .subset(v, seq_len(min(count, 20L)))
  attributes(some) <- NULL
  cls <- classes_of(v)
  text <- if ("factor" %in% cls) {
    levels <- text_attribute(v, "levels")
    if (is.null(levels)) "?" else levels[some]
  } else if ("Date" %in% cls && is.numeric(some)) {
    format.Date(structure(some, class = "Date"))
  } else if ("POSIXct" %in% cls && is.numeric(some)) {
    zone <- text_attribute(v, "tzone")
    format.POSIXct(structure(some, class = c("POSIXct", "POSIXt"), tzone = if (is.null(zone)) "" else zone[1L]))
  } else if (is.character(some)) {
    missing_text <- is.na(some)
    some <- encodeString(substr(iconv(some, "", "UTF-8", sub = "byte"), 1L, 100L), quote = "\"", na.encode = FALSE)
    some[missing_text] <- "NA"
    some
  } else if (is.double(some) || is.complex(some)) {
    vapply(some, format.default, "", digits = 7L, trim = TRUE)
  } else {
    as.character(some)
  }
  text[is.na(text)] <- "NA"
  paste0(paste(text, collapse = " "), if (count > length(some)) " \u2026" else "")
}

type_words <- c(double = "numeric", closure = "function", builtin = "function", special = "function",
                language = "call", symbol = "name")

type_of <- function(v) {
  cls <- classes_of(v)
  if (length(cls)) return(cls[1L])
  dims <- attr(v, "dim", exact = TRUE)
  if (!is.null(dims)) return(if (length(dims) == 2L) "matrix" else "array")
  type <- typeof(v)
  if (type %in% names(type_words)) type_words[[type]] else type
}

entry <- function(type, kind, shape = integer(), preview = "", children = FALSE, evaluated = TRUE) {
  list(type = type, kind = kind, shape = shape, preview = preview, children = children, evaluated = evaluated)
}

describe <- function(v) {
  type <- typeof(v)
  name <- type_of(v)
  if (type %in% c("closure", "builtin", "special")) {
    arguments <- if (type == "closure") names(formals(v)) else names(formals(args(v)))
    text <- cut_text(paste0("function(", paste(arguments, collapse = ", "), ")"))
    return(entry(name, "function", preview = text, children = type == "closure" && has_own_environment(v)))
  }
  if (is_frame(v)) {
    columns <- text_attribute(v, "names")
    return(entry(name, "data", c(row_count(v), length(columns)), frame_preview(columns), length(columns) > 0L))
  }
  if (isS4(v) || type %in% c("environment", "externalptr", "weakref", "S4")) {
    is_plain <- type == "environment" && !is.object(v)
    return(entry(name, "other", children = type == "environment" || isS4(v), evaluated = is_plain))
  }
  if (type %in% c("language", "symbol", "expression", "pairlist", "bytecode", "promise", "...")) {
    text <- if (type == "symbol") as.character(v) else if (type == "language") deparse(v, nlines = 1L)[1L] else ""
    return(entry(name, "value", preview = cut_text(text), children = type %in% c("pairlist", "expression")))
  }
  describe_vector(v, type, name)
}

# An environment that belongs to everybody has nothing to show of a function.
has_own_environment <- function(v) {
  env <- environment(v)
  !is.null(env) && !identical(env, globalenv()) && !identical(env, baseenv()) && !isNamespace(env)
}

frame_preview <- function(columns) {
  shown <- substr(columns[seq_len(min(8L, length(columns)))], 1L, 40L)
  cut_text(paste0(paste(shown, collapse = ", "), if (length(columns) > 8L) ", \u2026" else ""))
}

describe_vector <- function(v, type, name) {
  if (type == "NULL") return(entry("NULL", "value", preview = "NULL"))
  dims <- attr(v, "dim", exact = TRUE)
  count <- safe_length(v)
  if (is.na(count)) return(entry(name, "other", evaluated = FALSE))
  shape <- if (typeof(dims) == "integer" && !is.object(dims)) dims else count
  kind <- if (is.null(dims)) "value" else "data"
  if (type %in% atomic_types) return(entry(name, kind, shape, cut_text(show_elements(v, count)), FALSE))
  if (type != "list") return(entry(name, "other", evaluated = FALSE))
  named <- text_attribute(v, "names")
  entry(name, kind, shape, if (is.null(named)) "" else frame_preview(named), count > 0L)
}

not_looked <- function(type, preview = "") entry(type, "other", preview = preview, evaluated = FALSE)

# ---- variables by difference ---------------------------------------------------------------------------------------

last_names <- character()
last_marks <- list()                                   # beside last_names: an address, "active", "promise" or NULL
told <- new.env(hash = TRUE, parent = emptyenv())      # name -> one text of what the window was told
touched <- character()                                # names that acts of the user's changed since the last look
is_synced <- FALSE
is_partial <- FALSE                                   # whether the last look ran out of time

has_addresses <- tryCatch({
  .Internal(address(1))
  TRUE
}, error = function(e) FALSE)

# Where a value is; for a list also where its names are, as they can be changed in place. NULL where R does not tell.
mark_of <- function(v) {
  if (!has_addresses) return(NULL)
  if (!is.list(v)) return(.Internal(address(v)))
  list(.Internal(address(v)), .Internal(address(attr(v, "names", exact = TRUE))))
}

# Looks at every name, which must be quick: 5,000 of them after each run. Gives an entry for each that is new, holds
# another value, or is mentioned by the code that ran, and notes its mark.
look_at_names <- function(names, mentioned, budget_s) {
  is_partial <<- FALSE
  old <- if (identical(names, last_names)) last_marks else last_marks[match(names, last_names)]
  marks <- vector("list", length(names))               # of the same length as names even where there is no address
  found <- list()
  is_active <- vapply(names, bindingIsActive, NA, env = globalenv(), USE.NAMES = FALSE)
  on.exit(empty_scratch())
  unboxed <- copy_bindings(names[!is_active], globalenv())
  is_unboxed <- names %in% unboxed
  is_mentioned <- names %in% mentioned
  index <- 0L
  looks <- 0L
  # Counted from here: however slow the machine is, some names are looked at each time, so that it comes to an end.
  end_s <- proc.time()[[3L]] + budget_s
  add <- function(at, entry, is_other) {
    found[[length(found) + 1L]] <<- list(name = names[at], entry = entry, is_other = is_other)
  }
  go_on <- function() {
    at <- index
    now <- marks
    on.exit({
      index <<- at
      marks <<- now
    })
    while (at < length(names)) {
      at <- at + 1L
      state <- if (is_active[at]) "active" else "value"
      if (state == "value" && !is_unboxed[at] && is.language(.Call(substitute_direct, as.name(names[at]), scratch))) {
        state <- code_binding(names[at])
      }
      if (state == "active" || state == "promise") {
        now[[at]] <- state
        if (!identical(old[[at]], state)) add(at, not_looked(if (state == "active") "active binding" else state), TRUE)
        next
      }
      v <- if (is_unboxed[at]) get(names[at], envir = globalenv(), inherits = FALSE) else scratch[[names[at]]]
      mark <- if (has_addresses && !is.list(v)) .Internal(address(v)) else mark_of(v)
      is_other <- !identical(mark, old[[at]])
      if (!is_other && !is_mentioned[at]) {
        if (!is.null(mark)) now[[at]] <- mark
        next
      }
      looks <- looks + 1L
      if (looks > looks_least && proc.time()[[3L]] > end_s) {
        # Without its mark it counts as changed at the next look, which the window asks for at once.
        is_partial <<- TRUE
        if (is.null(told[[names[at]]])) add(at, not_looked(type_of(v)), is_other)
        next
      }
      if (!is.null(mark)) now[[at]] <- mark
      add(at, describe(v), is_other)
    }
  }
  while (index < length(names)) {
    tryCatch(go_on(), error = function(e) add(index, not_looked("unknown"), FALSE))
  }
  last_names <<- names
  last_marks <<- marks
  found
}

words_of <- function(code) {
  if (!is.character(code) || length(code) != 1L || is.na(code)) return(character())
  found <- regmatches(code, gregexpr("(?:[.]?\\p{L}|[.])[\\p{L}\\p{N}._]*", code, perl = TRUE))[[1L]]
  unique.default(found)
}

last_code <- function() {
  tryCatch(kernel_of()$executor$current_request$content$code, error = function(e) "")
}

difference <- function(full) {
  names <- ls(globalenv(), all.names = FALSE, sorted = FALSE)
  names <- names[nzchar(names)]
  if (full) {
    last_names <<- character()
    last_marks <<- list()
    rm(list = ls(told, all.names = TRUE), envir = told)
  }
  removed <- last_names[!(last_names %in% names)]
  rm(list = removed[vapply(removed, exists, NA, envir = told, inherits = FALSE)], envir = told)
  mentioned <- if (full) character() else c(words_of(last_code()), touched)
  touched <<- character()
  changes <- look_at_names(names, mentioned, if (full) full_budget_s else run_budget_s)
  room <- names_cap - length(told)
  is_new <- vapply(changes, function(change) is.null(told[[change$name]]), NA)
  changes <- changes[!is_new | cumsum(is_new) <= room]
  kept <- vapply(changes, function(change) {
    key <- paste(unlist(change$entry), collapse = "\r")
    is_same <- identical(told[[change$name]], key)
    is_first <- is.null(told[[change$name]])
    assign(change$name, key, envir = told)
    if (is_first) "added" else if (change$is_other || !is_same) "changed" else "same"
  }, "")
  list(added = as_rows(changes[kept == "added"]), changed = as_rows(changes[kept == "changed"]),
       removed = as.list(removed), is_full = full, is_partial = is_partial, total = length(names))
}

# A data frame becomes a list of objects quickly; lists of lists take jsonlite ten times as long.
as_rows <- function(changes) {
  if (!length(changes)) return(list())
  pick <- function(field, like) vapply(changes, function(change) change$entry[[field]], like)
  rows <- list(
    name = iconv(vapply(changes, function(change) change$name, ""), "", "UTF-8", sub = "byte"),
    type_name = pick("type", ""), kind = pick("kind", ""), preview = pick("preview", ""),
    has_children = pick("children", NA), is_evaluated = pick("evaluated", NA)
  )
  rows$shape <- lapply(changes, function(change) as.list(change$entry$shape))
  structure(rows, class = "data.frame", row.names = .set_row_names(length(changes)))
}

# ---- text around the caret -----------------------------------------------------------------------------------------

# The paragraph around `offset`, from which the scan starts: R statements hold no empty line but in long calls.
context_of <- function(code, offset) {
  before <- substr(code, 1L, offset)
  after <- substr(code, offset + 1L, nchar(code))
  start <- gregexpr("\n[ \t]*\n", before)[[1L]]
  start <- if (start[1L] > 0L) max(start) + 1L else 1L
  if (nchar(before) - start > 20000L) start <- nchar(before) - 20000L
  stop_at <- regexpr("\n[ \t]*\n", after)
  if (stop_at > 0L) after <- substr(after, 1L, stop_at)
  list(before = substr(before, start, nchar(before)), after = substr(after, 1L, 20000L))
}

# What is open at the end of `text`: brackets with the word before them, the string, and whether it is a comment.
open_at_end <- function(text) {
  chars <- strsplit(text, "", fixed = TRUE)[[1L]]
  stack <- list()
  quote <- ""
  quote_start <- 0L
  commas <- 0L
  i <- 0L
  in_comment <- FALSE
  while (i < length(chars)) {
    i <- i + 1L
    ch <- chars[i]
    if (in_comment) {
      if (ch == "\n") in_comment <- FALSE
    } else if (nzchar(quote)) {
      if (ch == "\\" && quote != "`") i <- i + 1L else if (ch == quote) quote <- ""
    } else if (ch == "#") {
      in_comment <- TRUE
    } else if (ch %in% c("\"", "'", "`")) {
      quote <- ch
      quote_start <- i
    } else if (ch %in% c("(", "[", "{")) {
      stack[[length(stack) + 1L]] <- list(bracket = ch, at = i, commas = 0L)
    } else if (ch %in% c(")", "]", "}")) {
      if (length(stack)) stack[[length(stack)]] <- NULL
    } else if (ch == "," && length(stack)) {
      stack[[length(stack)]]$commas <- stack[[length(stack)]]$commas + 1L
    }
  }
  list(stack = stack, quote = quote, quote_start = quote_start, in_comment = in_comment)
}

name_pattern <- "(?:`[^`]+`|[.]?[\\p{L}.][\\p{L}\\p{N}._]*)"
chain_pattern <- paste0("((?:", name_pattern, "::)?", name_pattern,
                        "(?:(?:\\$|@)", name_pattern, "|\\[\\[\\s*(?:\"[^\"]*\"|'[^']*'|[0-9]+)\\s*\\]\\])*)")

ends_with <- function(text, pattern) {
  found <- regmatches(text, regexpr(paste0(pattern, "$"), text, perl = TRUE))
  if (length(found)) found else ""
}

bare <- function(name) gsub("^`|`$", "", name)

# The value that a chain such as `a$b[["c"]]` names, or NULL; `found` tells the two apart. Nothing is evaluated.
resolve <- function(chain) {
  nothing <- list(found = FALSE, value = NULL)
  if (!nzchar(chain)) return(nothing)
  steps <- regmatches(chain, gregexpr(paste0("(?:\\$|@|::)?", name_pattern, "|\\[\\[[^]]*\\]\\]"), chain, perl = TRUE))[[1L]]
  if (length(steps) > 1L && startsWith(steps[2L], "::")) {
    state <- package_value(bare(steps[1L]), bare(substring(steps[2L], 3L)))
    steps <- steps[-1L]
  } else {
    state <- value_of(bare(steps[1L]))
  }
  for (step in steps[-1L]) {
    if (!state$found) return(nothing)
    state <- step_into(state$value, step)
  }
  state
}

value_of <- function(name) {
  state <- binding_state(name, globalenv())
  if (state == "value") return(list(found = TRUE, value = get(name, envir = globalenv(), inherits = FALSE)))
  if (state != "none") return(list(found = FALSE, value = NULL))
  for (place in search()[-1L]) {
    env <- as.environment(place)
    if (exists(name, envir = env, inherits = FALSE)) {
      is_own <- startsWith(place, "package:") && !bindingIsActive(name, env)
      if (!is_own) return(list(found = FALSE, value = NULL))
      return(list(found = TRUE, value = get(name, envir = env, inherits = FALSE)))
    }
  }
  list(found = FALSE, value = NULL)
}

package_value <- function(package, name) {
  if (!(package %in% loadedNamespaces()) || !(name %in% getNamespaceExports(package))) {
    return(list(found = FALSE, value = NULL))
  }
  list(found = TRUE, value = getExportedValue(package, name))
}

step_into <- function(v, step) {
  nothing <- list(found = FALSE, value = NULL)
  operator <- substr(step, 1L, 1L)
  if (operator == "[") {
    key <- gsub("^\\[\\[\\s*|\\s*\\]\\]$", "", step)
    if (grepl("^[0-9]+$", key)) {
      at <- as.integer(key)
      if (!is.list(v) || isS4(v) || is.na(at) || at < 1L || at > length(.subset(v))) return(nothing)
      return(list(found = TRUE, value = .subset2(v, at)))
    }
    key <- gsub("^[\"']|[\"']$", "", key)
  } else {
    key <- bare(substring(step, 2L))
  }
  if (operator == "@") {
    if (!isS4(v)) return(nothing)
    return(list(found = key %in% names(attributes(v)), value = attr(v, key, exact = TRUE)))
  }
  if (typeof(v) == "environment") {
    if (binding_state(key, v) != "value") return(nothing)
    return(list(found = TRUE, value = get(key, envir = v, inherits = FALSE)))
  }
  if (typeof(v) != "list" || isS4(v) || !(key %in% text_attribute(v, "names"))) return(nothing)
  list(found = TRUE, value = .subset2(v, key))
}

names_in <- function(v) {
  if (typeof(v) == "environment") return(ls(v, sorted = TRUE))
  if (isS4(v)) return(character())
  found <- text_attribute(v, "names")
  if (is.null(found)) character() else found
}

# ---- completion ----------------------------------------------------------------------------------------------------

needs_ticks <- function(name) name != make.names(name)

ticked <- function(name) {
  odd <- needs_ticks(name)
  name[odd] <- encodeString(name[odd], quote = "`")
  name
}

matching <- function(names, prefix) {
  if (!length(names)) return(character())
  names <- names[!is.na(names) & nzchar(names)]
  if (!nzchar(prefix)) return(names)
  hits <- names[startsWith(names, prefix)]
  other <- names[startsWith(tolower(names), tolower(prefix))]
  unique.default(c(hits, other))
}

items_of <- function(text, label, kind, detail, first, end) {
  if (!length(text)) return(NULL)
  data.frame(text = text, label = label, kind = kind, detail = detail, replace_first = first, replace_end = end)
}

element_details <- function(v, names) {
  if (typeof(v) != "list" || isS4(v)) return(rep("", length(names)))
  vapply(names, function(name) type_of(.subset2(v, name)), "", USE.NAMES = FALSE)
}

complete <- function(code, offset) {
  context <- context_of(code, offset)
  state <- open_at_end(context$before)
  if (state$in_comment) return(list(items = list(), is_exhaustive = TRUE))
  rows <- if (state$quote %in% c("\"", "'")) complete_string(context, state, offset) else complete_name(context, state, offset)
  items <- rows$items
  if (is.null(items)) return(list(items = list(), is_exhaustive = isTRUE(rows$is_exhaustive)))
  items <- items[!duplicated(items$text), , drop = FALSE]
  rownames(items) <- NULL
  list(items = items[seq_len(min(nrow(items), 1000L)), , drop = FALSE], is_exhaustive = isTRUE(rows$is_exhaustive))
}

complete_string <- function(context, state, offset) {
  typed <- substring(context$before, state$quote_start + 1L)
  first <- offset - nchar(typed)
  head <- substr(context$before, 1L, state$quote_start - 1L)
  top <- if (length(state$stack)) state$stack[[length(state$stack)]] else NULL
  frames <- list()
  if (!is.null(top) && top$bracket == "[") {
    owner <- ends_with(sub("\\[+\\s*$", "", substr(head, 1L, top$at)), chain_pattern)
    target <- resolve(owner)
    if (target$found) {
      names <- matching(names_in(target$value), typed)
      return(list(items = items_of(names, names, if (is_frame(target$value)) "column" else "key",
                                   element_details(target$value, names), first, offset), is_exhaustive = TRUE))
    }
  }
  columns <- columns_around(context, typed, first, offset, quoted = TRUE)
  list(items = rbind(columns, complete_path(typed, first, offset)))
}

complete_path <- function(typed, first, offset) {
  if (grepl("[\n*?]", typed) || grepl("^[A-Za-z]+://", typed)) return(NULL)
  folder <- if (grepl("/", typed)) sub("[^/]*$", "", typed) else ""
  found <- tryCatch(list.files(if (nzchar(folder)) path.expand(folder) else ".", no.. = TRUE), error = function(e) character())
  found <- matching(found[seq_len(min(length(found), 2000L))], substring(typed, nchar(folder) + 1L))
  if (!length(found)) return(NULL)
  items_of(paste0(folder, found), found, "path", "", first, offset)
}

complete_name <- function(context, state, offset) {
  typed <- ends_with(context$before, name_pattern)
  tick <- if (state$quote == "`") substring(context$before, state$quote_start) else ""
  if (nzchar(tick)) typed <- tick
  head <- substr(context$before, 1L, nchar(context$before) - nchar(typed))
  first <- offset - nchar(typed)
  prefix <- sub("^`", "", typed)
  if (grepl("[$@]$", head)) return(complete_member(head, prefix, first, offset))
  if (grepl(":::?$", head)) return(complete_export(head, prefix, first, offset))
  top <- if (length(state$stack)) state$stack[[length(state$stack)]] else NULL
  called <- call_name(context$before, top)
  if (called %in% c("library", "require", "requireNamespace", "loadNamespace")) {
    packages <- matching(.packages(all.available = TRUE), prefix)
    return(list(items = items_of(packages, packages, "package", "", first, offset), is_exhaustive = TRUE))
  }
  rows <- rbind(
    if (length(state$stack)) columns_around(context, prefix, first, offset),
    argument_items(called, prefix, first, offset),
    if (nzchar(prefix)) global_items(prefix, first, offset),
    if (nchar(prefix) >= 2L) package_items(prefix, first, offset)
  )
  list(items = rows)
}

complete_member <- function(head, prefix, first, offset) {
  operator <- substring(head, nchar(head))
  target <- resolve(ends_with(substr(head, 1L, nchar(head) - 1L), chain_pattern))
  if (!target$found) return(list(items = NULL))
  v <- target$value
  if (operator == "@") {
    names <- if (isS4(v)) methods::slotNames(attr(v, "class", exact = TRUE)) else character()
    return(list(items = items_of(names, names, "property", "", first, offset), is_exhaustive = TRUE))
  }
  names <- matching(names_in(v), prefix)
  kind <- if (is_frame(v)) "column" else "key"
  list(items = items_of(ticked(names), names, kind, element_details(v, names), first, offset), is_exhaustive = TRUE)
}

complete_export <- function(head, prefix, first, offset) {
  package <- bare(ends_with(sub(":::?$", "", head), name_pattern))
  names <- if (package %in% loadedNamespaces()) {
    if (grepl(":::$", head)) ls(asNamespace(package)) else getNamespaceExports(package)
  } else {
    info <- tryCatch(readRDS(system.file("Meta", "nsInfo.rds", package = package)), error = function(e) list())
    info$exports
  }
  names <- sort.default(matching(as.character(names), prefix))
  list(items = items_of(ticked(names), names, "", package, first, offset), is_exhaustive = TRUE)
}

call_name <- function(text, top) {
  if (is.null(top) || top$bracket != "(") return("")
  ends_with(substr(text, 1L, top$at - 1L), paste0("(?:", name_pattern, ":::?)?", name_pattern))
}

# Columns of the frames that the statement mentions, and names that its pipes make: `df |> mutate(b = a) |> select(`.
columns_around <- function(context, prefix, first, offset, quoted = FALSE) {
  words <- words_of(paste0(context$before, context$after))
  rows <- NULL
  has_frame <- FALSE
  for (word in words[seq_len(min(length(words), 200L))]) {
    if (binding_state(word, globalenv()) != "value") next
    v <- get(word, envir = globalenv(), inherits = FALSE)
    if (!is_frame(v)) next
    has_frame <- TRUE
    names <- matching(names_in(v), prefix)
    if (!length(names)) next
    rows <- rbind(rows, items_of(if (quoted) names else ticked(names), names, "column",
                                 paste(element_details(v, names), "in", word), first, offset))
  }
  if (!has_frame) return(NULL)
  made <- regmatches(context$before, gregexpr(paste0("(?<=[(,])\\s*", name_pattern, "(?=\\s*=[^=])"), context$before, perl = TRUE))[[1L]]
  made <- if (grepl("mutate|transmute|summari[sz]e|rename|transform|within|:=", context$before)) trimws(made) else character()
  made <- matching(bare(made), prefix)
  rbind(rows, items_of(if (quoted) made else ticked(made), made, "column", "made in this pipe", first, offset))
}

formals_of <- function(called) {
  target <- if (nzchar(called)) resolve(gsub(":::", "::", called, fixed = TRUE)) else list(found = FALSE)
  if (!target$found || !is.function(target$value)) return(NULL)
  f <- target$value
  found <- if (is.primitive(f)) formals(args(f)) else formals(f)
  standard <- paste0(sub("^.*::", "", called), ".default")
  if (length(found) <= 2L && "..." %in% names(found)) {
    method <- utils::getS3method(sub("^.*::", "", called), "default", optional = TRUE, envir = baseenv())
    if (is.function(method) && !is.primitive(method)) found <- formals(method)
  }
  found
}

argument_items <- function(called, prefix, first, offset) {
  names <- names(formals_of(called))
  names <- matching(names[names != "..."], prefix)
  items_of(paste0(ticked(names), rep(" = ", length(names))), names, "parameter", called, first, offset)
}

global_items <- function(prefix, first, offset) {
  names <- matching(ls(globalenv()), prefix)
  names <- names[seq_len(min(length(names), 500L))]
  kinds <- vapply(names, function(name) {
    if (binding_state(name, globalenv()) != "value") return("")
    type_of(get(name, envir = globalenv(), inherits = FALSE))
  }, "", USE.NAMES = FALSE)
  items_of(ticked(names), names, ifelse(kinds == "function", "function", "variable"), kinds, first, offset)
}

package_items <- function(prefix, first, offset) {
  rows <- NULL
  for (place in search()[-1L]) {
    if (!startsWith(place, "package:")) next
    names <- ls(place)
    names <- names[startsWith(names, prefix)]
    rows <- rbind(rows, items_of(ticked(names), names, "function", substring(place, 9L), first, offset))
  }
  words <- c("function", "repeat", "while", "break", "next", "TRUE", "FALSE", "NULL", "NA_character_", "NA_integer_", "else", "for", "in", "if")
  words <- words[startsWith(words, prefix)]
  rbind(rows, items_of(words, words, "keyword", "", first, offset))
}

# ---- signatures and hover ------------------------------------------------------------------------------------------

argument_labels <- function(found) {
  vapply(names(found), function(name) {
    default <- found[[name]]
    if (is.symbol(found[[name]]) && !nzchar(as.character(found[[name]]))) return(name)
    paste(name, "=", cut_text(substr(paste(deparse(default, nlines = 2L), collapse = " "), 1L, 60L)))
  }, "", USE.NAMES = FALSE)
}

signature <- function(code, offset) {
  context <- context_of(code, offset)
  state <- open_at_end(context$before)
  none <- list(signatures = list(), active_parameter = -1L)
  depth <- length(state$stack)
  while (depth > 0L && state$stack[[depth]]$bracket != "(") depth <- depth - 1L
  if (depth == 0L) return(none)
  top <- state$stack[[depth]]
  called <- call_name(context$before, top)
  if (!nzchar(called)) return(none)
  found <- formals_of(called)
  if (is.null(found)) return(none)
  labels <- argument_labels(found)
  argument <- substring(context$before, top$at + 1L)
  named <- ends_with(argument, paste0("[(,]?\\s*", name_pattern, "\\s*=[^=,]*"))
  at <- if (nzchar(named)) match(trimws(gsub("^[(,]|=.*$", "", named)), names(found)) - 1L else top$commas
  parameters <- lapply(seq_along(labels), function(i) list(name = names(found)[i], label = labels[i], doc = ""))
  list(signatures = list(list(label = paste0(called, "(", paste(labels, collapse = ", "), ")"), parameters = parameters,
                              doc = title_of(called))),
       active_parameter = if (is.na(at)) -1L else min(at, length(labels) - 1L))
}

titles <- new.env(parent = emptyenv())

# The title of a function's help page, from the package's own search index.
title_of <- function(called) {
  name <- sub("^.*::", "", called)
  target <- resolve(gsub(":::", "::", called, fixed = TRUE))
  env <- if (target$found && is.function(target$value)) environment(target$value) else NULL
  package <- if (is.null(env)) "base" else if (isNamespace(env)) getNamespaceName(env)[[1L]] else return("")
  index <- titles[[package]]
  if (is.null(index)) {
    index <- tryCatch(readRDS(system.file("Meta", "hsearch.rds", package = package)), error = function(e) list())
    assign(package, index, envir = titles)
  }
  tryCatch({
    id <- index[[2L]][match(name, index[[2L]][, "Alias"]), "ID"]
    title <- index[[1L]][match(id, index[[1L]][, "ID"]), "Title"]
    if (is.na(title)) "" else title
  }, error = function(e) "")
}

hover <- function(code, offset) {
  before <- ends_with(substr(code, 1L, offset), chain_pattern)
  after <- regmatches(substring(code, offset + 1L), regexpr("^[\\p{L}\\p{N}._]*", substring(code, offset + 1L), perl = TRUE))
  chain <- paste0(before, after)
  none <- list(title = "", type_name = "", preview = "", text = "", first = offset, end = offset)
  if (!nzchar(chain)) return(none)
  target <- resolve(chain)
  if (!target$found) return(none)
  about <- describe(target$value)
  is_function <- about$kind == "function"
  title <- if (is_function) paste0(chain, "(", paste(argument_labels(formals_of(chain)), collapse = ", "), ")") else chain
  shape <- if (length(about$shape)) paste0("[", paste(about$shape, collapse = " \u00d7 "), "] ") else ""
  list(title = title, type_name = about$type, preview = if (is_function) "" else paste0(shape, about$preview),
       text = if (is_function) title_of(chain) else "", first = offset - nchar(before), end = offset + nchar(after))
}

# ---- folder, process -------------------------------------------------------------------------------------------------

put <- function(name, value, env) {
  was_locked <- bindingIsLocked(name, env)
  if (was_locked) unlockBinding(name, env)
  assign(name, value, envir = env)
  if (was_locked) lockBinding(name, env)
}

replace_in <- function(package, name, value) {
  places <- list(asNamespace(package))
  attached <- paste0("package:", package)
  if (attached %in% search()) places <- c(places, list(as.environment(attached)))
  for (env in places) {
    if (exists(name, envir = env, inherits = FALSE)) put(name, value, env)
  }
}

set_folder <- function(path) {
  tryCatch(setwd(path), error = function(e) refuse("not_possible", conditionMessage(e)))
  list(path = getwd())
}

memory <- function() {
  rss <- tryCatch({
    if (file.exists("/proc/self/statm")) {
      as.numeric(strsplit(readLines("/proc/self/statm", n = 1L), " ", fixed = TRUE)[[1L]][2L]) * 4096
    } else if (.Platform$OS.type == "unix") {
      as.numeric(system2("ps", c("-o", "rss=", "-p", Sys.getpid()), stdout = TRUE)) * 1024
    }
  }, error = function(e) NULL)
  if (is.null(rss)) list(rss_bytes = NULL) else list(rss_bytes = rss)
}

parse_code <- function(code) {
  message <- tryCatch({
    parse(text = code, keep.source = FALSE)
    ""
  }, error = function(e) conditionMessage(e))
  if (!nzchar(message)) return(list(problems = list(), is_incomplete = FALSE))
  first <- strsplit(message, "\n", fixed = TRUE)[[1L]][1L]
  place <- regmatches(first, regexec("^<text>:([0-9]+):([0-9]+): (.*)$", first))[[1L]]
  if (length(place) != 4L) place <- c("", "1", "1", first)
  line <- as.integer(place[2L])
  column <- as.integer(place[3L])
  lines <- strsplit(code, "\n", fixed = TRUE)[[1L]]
  ends_early <- grepl(gettext("unexpected end of input", domain = "R"), message, fixed = TRUE) ||
    grepl(gettextf("unexpected %s", "INCOMPLETE_STRING", domain = "R"), message, fixed = TRUE)
  if (line > length(lines)) {
    line <- max(1L, length(lines))
    column <- if (length(lines)) nchar(lines[line]) else 1L
  }
  rest <- if (line <= length(lines)) substring(lines[line], max(1L, column)) else ""
  token <- regmatches(rest, regexpr("^(?:[\\p{L}\\p{N}._]+|.)", rest, perl = TRUE))
  width <- if (length(token)) nchar(token) else 1L
  list(problems = list(list(start_line = line - 1L, start_column = max(0L, column - 1L), end_line = line - 1L,
                            end_column = max(0L, column - 1L) + width, message = place[4L])),
       is_incomplete = ends_early)
}

hello <- function() {
  list(contract = contract_version, language = "r", version = paste0(R.version$major, ".", R.version$minor),
       program = file.path(R.home("bin"), "R"), pid = Sys.getpid(), folder = folder(), pushes = FALSE,
       methods = as.list(names(answers)))
}

folder <- function() {
  path <- tryCatch(getwd(), error = function(e) NULL)
  if (is.null(path)) "" else enc2utf8(path)
}

# ---- what the user's code asks ------------------------------------------------------------------------------------

ask_line <- function(prompt) {
  utils::flush.console()
  executor <- kernel_of()$executor
  executor$readline(prompt)
}

ask_secret <- function(prompt = "Password: ") {
  utils::flush.console()
  kernel_of()$executor$get_pass(prompt)
}

menu <- function(choices, graphics = FALSE, title = NULL) {
  count <- length(choices)
  if (count == 0L) return(0L)
  if (length(title) && nzchar(title[1L])) cat(title[1L], "\n")
  cat("", paste0(format.default(seq_len(count)), ": ", as.character(choices)), "", sep = "\n")
  repeat {
    answer <- suppressWarnings(as.integer(trimws(ask_line("Selection: "))))
    if (length(answer) == 1L && !is.na(answer) && answer >= 0L && answer <= count) return(answer)
    cat(gettext("Enter an item from the menu, or 0 to exit\n", domain = "R-utils"))
  }
}

choose_file <- function(new = FALSE) {
  path <- trimws(ask_line("File: "))
  path <- gsub("^[\"']|[\"']$", "", path)
  if (!nzchar(path)) stop("file choice cancelled", call. = FALSE)
  path <- path.expand(path)
  if (!new && !file.exists(path)) stop("there is no file ", sQuote(path), call. = FALSE)
  normalizePath(path, mustWork = FALSE)
}

# ---- the comm ------------------------------------------------------------------------------------------------------

refuse <- function(code, message) {
  stop(structure(class = c("fourpane_refusal", "error", "condition"), list(message = message, call = NULL, code = code)))
}

kernel_of <- function() environment(IRkernel::comm_manager()$send_response)[[".self"]]

checks <- list(
  text = function(v) is.character(v) && length(v) == 1L && !is.na(v),
  integer = function(v) is.numeric(v) && length(v) == 1L && !is.na(v) && v == floor(v),
  number = function(v) is.numeric(v) && length(v) == 1L && !is.na(v),
  boolean = function(v) is.logical(v) && length(v) == 1L && !is.na(v),
  object = function(v) is.list(v) && (length(v) == 0L || !is.null(names(v))),
  `list of integer` = function(v) length(v) == 0L || (is.numeric(unlist(v)) && !anyNA(unlist(v))),
  `list of object` = function(v) is.list(v),
  `list of text` = function(v) length(v) == 0L || all(vapply(v, is.character, NA))
)

checked <- function(method, params) {
  fields <- contract_methods[[method]]
  unknown <- names(params)[!(names(params) %in% names(fields))]
  if (length(unknown)) refuse("bad_params", paste("unknown:", paste(unknown, collapse = ", ")))
  values <- lapply(names(fields), function(name) {
    field <- fields[[name]]
    value <- if (is.null(params[[name]])) field$default else params[[name]]
    if (is.null(value)) refuse("bad_params", paste(name, "is missing"))
    if (!checks[[field$type]](value)) refuse("bad_params", paste(name, "is not", field$type))
    if (!is.null(field$choices) && !all(unlist(value) %in% unlist(field$choices))) {
      refuse("bad_params", paste(name, "is none of", paste(unlist(field$choices), collapse = ", ")))
    }
    plain_list(value, field$type)
  })
  structure(values, names = names(fields))
}

# Lists of texts and of numbers are vectors in R.
plain_list <- function(value, type) {
  if (type == "list of text") return(as.character(unlist(value)))
  if (type == "list of integer") return(as.numeric(unlist(value)))
  value
}

# A library of the user's that was made after the start: R looks for it at the start alone.
notice_libraries <- function() {
  own <- path.expand(strsplit(Sys.getenv("R_LIBS_USER"), .Platform$path.sep, fixed = TRUE)[[1L]])
  made <- setdiff(normalizePath(own[dir.exists(own)]), .libPaths())
  if (length(made)) .libPaths(c(made, .libPaths()))
}

modules_loaded <- function(names) {
  notice_libraries()
  list(names = as.list(intersect(unlist(names), loadedNamespaces())))
}

answers <- list(
  hello = function() hello(),
  variables.sync = function(full) {
    full <- full || !is_synced
    is_synced <<- TRUE
    difference(full)
  },
  complete = complete,
  signature = signature,
  hover = hover,
  folder.get = function() list(path = folder()),
  folder.set = set_folder,
  memory = memory,
  modules.loaded = modules_loaded,
  parse = parse_code
)

answer <- function(request) {
  method <- request$method
  if (!is.character(method) || length(method) != 1L || !(method %in% names(answers))) {
    refuse("unknown_method", "unknown method")
  }
  do.call(answers[[method]], checked(method, as.list(request$params)))
}

# R compiles a function when it is called for the second time. That takes ten times as long as a page does, and what
# tables do is done by R's own functions anyway: so their functions are left as they are.
set_jit <- function(level) tryCatch(.Internal(enableJIT(level)), error = function(e) 0L)

# The data of the message as JSON says. IRkernel simplifies lists on the way: "NA" becomes missing, records of several
# shapes become one table. What it read is still there, in the frame of its handler.
exact_data <- function(data) {
  for (frame in rev(sys.frames())) {
    parts <- get0("parts", envir = frame, mode = "list", inherits = FALSE)
    mark <- match("3c4944537c4d53473e", vapply(parts, function(part) paste(part, collapse = ""), ""))
    if (is.na(mark) || length(parts) < mark + 5L) next
    text <- rawToChar(parts[[mark + 5L]])
    Encoding(text) <- "UTF-8"
    return(jsonlite::fromJSON(text, simplifyVector = FALSE)$data)
  }
  data
}

received <- function(comm, data) {
  request <- tryCatch(exact_data(data), error = function(e) data)
  buffers <- list()
  if (is.character(request$method) && any(startsWith(request$method, "table."))) {
    level <- set_jit(0L)
    on.exit(set_jit(level))
  }
  # The user's options turn warnings into errors, or print them: neither is for what we do.
  reply <- suppressWarnings(tryCatch({
    result <- answer(request)
    if (inherits(result, "fourpane_buffers")) {
      buffers <- result$buffers
      result <- result$result
    }
    list(v = 1L, id = request$id, result = result)
  }, fourpane_refusal = function(e) {
    list(v = 1L, id = request$id, error = list(code = e$code, message = conditionMessage(e)))
  }, error = function(e) {
    list(v = 1L, id = request$id, error = list(code = "failed", message = conditionMessage(e)))
  }))
  send_data(comm, reply, if (is.null(reply$error)) buffers else list())
}

# A result whose buffers follow the message as they are.
with_buffers <- function(result, buffers) structure(list(result = result, buffers = buffers), class = "fourpane_buffers")

# IRkernel's own way to send knows no buffers and four decimals. So the message is made here, signed and sent by the
# kernel object's own means, where they are what we know them to be.
multipart <- NULL

binary_way <- function() {
  if (is.null(multipart)) {
    multipart <<- tryCatch({
      kernel <- kernel_of()
      send <- get0("zmq.send.multipart", envir = asNamespace("pbdZMQ"), mode = "function", inherits = FALSE)
      is_known <- is.function(send) && is.function(kernel$new_reply) && is.function(kernel$sign_msg) &&
        !is.null(kernel$sockets$iopub) && identical(names(formals(kernel$sign_msg)), "msg_lst")
      if (is_known) send else FALSE
    }, error = function(e) FALSE)
  }
  multipart
}

send_data <- function(comm, data, buffers = list()) {
  send <- binary_way()
  if (!is.function(send)) {
    if (length(buffers)) data$result$inline <- lapply(buffers, jsonlite::base64_enc)
    return(comm$send(data))
  }
  kernel <- kernel_of()
  message <- kernel$new_reply("comm_msg", IRkernel::comm_manager()$parent_request)
  nothing <- structure(list(), names = character())
  content <- list(metadata = nothing, comm_id = comm$id, target_name = comm$target_name, data = data)
  parts <- lapply(list(message$header, message$parent_header, nothing, content), function(part) {
    charToRaw(jsonlite::toJSON(part, auto_unbox = TRUE, digits = NA, null = "null"))
  })
  signature <- charToRaw(kernel$sign_msg(parts))
  send(kernel$sockets$iopub, c(message$identities, list(charToRaw("<IDS|MSG>"), signature), parts, buffers),
       serialize = FALSE)
}

window_comm <- NULL                                   # the one that was opened last

send_event <- function(name, params) {
  if (!is.null(window_comm)) send_data(window_comm, list(v = 1L, event = name, params = params))
}

opened <- function(comm, data) {
  is_synced <<- FALSE
  window_comm <<- comm
  comm$on_msg(function(data) received(comm, data))
}

IRkernel::comm_manager()$register_target(contract_target, opened)
replace_in("utils", "menu", menu)
replace_in("base", "file.choose", choose_file)
if (is.null(getOption("askpass"))) options(askpass = ask_secret)

start_folder <- Sys.getenv("FOURPANE_FOLDER")
Sys.unsetenv("FOURPANE_FOLDER")
if (nzchar(start_folder)) tryCatch(setwd(start_folder), error = function(e) NULL)
invisible(NULL)
