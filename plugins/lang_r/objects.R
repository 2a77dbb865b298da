# What lies inside R's values, what they take in memory, and code for them: `variables.children`, `variables.sizes` and
# `variables.literal`. Sent after `agent.R` in the same `local()`; its laws hold here too.
#
# A path is a name and tokens. A token names a part by its letter:
#   i3:name   element 3 of a list or pairlist, column 3 of a data frame; found again by name if it moved
#   ename     a binding of an environment
#   sname     a slot        aname   an attribute
#   f         the environment of a function        p   the private environment of an R6 object
# Functions that hold the user's value (`v`) are flat: no closure and no tryCatch is made in them and nothing is put in a
# list, so that R takes its counts of references back when they end.

part_types <- c("list", "pairlist", "expression")
children_cap <- 1000L
children_budget_s <- 0.2
hidden_attributes <- c("names", "dim", "dimnames", "class", "row.names", "levels", "tsp", "tzone", "srcref",
                       ".internal.selfref", "package")

# ---- the tree ------------------------------------------------------------------------------------------------------

gone <- function(name) refuse("not_possible", paste0("This part of ", name, " is not there any more, or cannot be looked at."))

# length() may belong to the user; then the end is found by trying, which runs nothing.
part_count <- function(v) {
  count <- safe_length(v)
  if (!is.na(count)) return(count)
  if (isS4(v) || !is.null(attr(v, "names", exact = TRUE))) {
    named <- text_attribute(v, "names")
    if (!is.null(named)) return(length(named))
  }
  low <- 0
  high <- 1
  while (high < 2^52 && has_element(v, high)) {
    low <- high
    high <- high * 2
  }
  while (high - low > 1) {
    middle <- (low + high) %/% 2
    if (has_element(v, middle)) low <- middle else high <- middle
  }
  low
}

has_element <- function(v, at) tryCatch({
  .subset2(v, at)
  TRUE
}, error = function(e) FALSE)

# The names of attributes that the user or a package has put there.
own_attributes <- function(v) {
  found <- names(attributes(v))
  found[!(found %in% hidden_attributes) & nzchar(found)]
}

slots_of <- function(v) {
  found <- names(attributes(v))
  found[!(found %in% c("class", "names", "dim", "dimnames")) & nzchar(found)]
}

bindings_of <- function(v) .Internal(ls(v, FALSE, TRUE))

# The part that holds an R6 object's private members.
private_of <- function(v) {
  if (!("R6" %in% classes_of(v)) || binding_state(".__enclos_env__", v) != "value") return(NULL)
  inner <- get(".__enclos_env__", envir = v, inherits = FALSE)
  if (typeof(inner) != "environment" || binding_state("private", inner) != "value") return(NULL)
  found <- get("private", envir = inner, inherits = FALSE)
  if (typeof(found) == "environment") found else NULL
}

# Tokens and labels of the parts from `first` (counted from 0), at most `limit`, and how many there are. Holds the value.
parts_of <- function(v, first, limit) {
  type <- typeof(v)
  tokens <- character()
  labels <- character()
  total <- 0
  if (type %in% part_types) {
    total <- part_count(v)
    at <- first + seq_len(max(0, min(limit, total - first)))
    named <- text_attribute(v, "names")
    names <- if (is.null(named)) rep("", length(at)) else named[at]
    names[is.na(names)] <- ""
    tokens <- sprintf("i%.0f:%s", at, names)
    labels <- ifelse(nzchar(names), names, sprintf("[[%.0f]]", at))
  }
  rest <- rest_of(v, type)
  from <- max(0, first - total)
  room <- limit - length(tokens)
  at <- from + seq_len(max(0, min(room, length(rest$tokens) - from)))
  list(tokens = c(tokens, rest$tokens[at]), labels = c(labels, rest$labels[at]), total = total + length(rest$tokens))
}

# The parts that are no elements.
rest_of <- function(v, type) {
  tokens <- character()
  labels <- character()
  if (type == "environment") {
    names <- bindings_of(v)
    tokens <- paste0(rep("e", length(names)), names)
    labels <- names
    if (!is.null(private_of(v))) {
      tokens <- c(tokens, "p")
      labels <- c(labels, "private")
    }
  }
  if (type == "closure" && has_own_environment(v)) {
    tokens <- "f"
    labels <- "environment"
  }
  if (isS4(v)) {
    names <- slots_of(v)
    tokens <- c(tokens, paste0(rep("s", length(names)), names))
    labels <- c(labels, paste0(rep("@", length(names)), names))
  } else {
    names <- own_attributes(v)
    tokens <- c(tokens, paste0(rep("a", length(names)), names))
    labels <- c(labels, sprintf("attr(,\"%s\")", names))
  }
  list(tokens = tokens, labels = labels)
}

# Where an element is by now; 0 where it is gone.
element_at <- function(v, body) {
  colon <- regexpr(":", body, fixed = TRUE)[1L]
  at <- suppressWarnings(as.numeric(substr(body, 1L, colon - 1L)))
  name <- substring(body, colon + 1L)
  if (is.na(at) || colon < 1L) return(0)
  named <- text_attribute(v, "names")
  if (!nzchar(name)) return(if (at >= 1 && at <= part_count(v)) at else 0)
  if (at <= length(named) && identical(named[at], name)) return(at)
  found <- match(name, named)
  if (is.na(found)) 0 else found
}

# A part that can be held: never a promise, and not the mark of an argument without a default.
step_to <- function(v, token, name) {
  letter <- substr(token, 1L, 1L)
  body <- substring(token, 2L)
  if (letter == "i" && typeof(v) %in% part_types) {
    at <- element_at(v, body)
    if (at < 1) gone(name)
    if (typeof(.subset2(v, at)) == "promise" || identical(.subset2(v, at), quote(expr = ))) gone(name)
    return(.subset2(v, at))
  }
  if (letter == "e" && typeof(v) == "environment") {
    if (binding_state(body, v) != "value") gone(name)
    return(get(body, envir = v, inherits = FALSE))
  }
  if (letter == "p" && typeof(v) == "environment" && !is.null(private_of(v))) return(private_of(v))
  if (letter == "f" && typeof(v) == "closure" && !is.null(environment(v))) return(environment(v))
  if (letter %in% c("s", "a") && body %in% names(attributes(v))) return(attr(v, body, exact = TRUE))
  gone(name)
}

# The value at `path`, or a refusal in plain words. Runs nothing. Callers must hold it as they would hold any value.
value_on_path <- function(path) {
  state <- binding_state(path[1L], globalenv())
  if (state != "value") refuse("not_possible", no_value_words(state, path[1L]))
  v <- get(path[1L], envir = globalenv(), inherits = FALSE)
  for (token in path[-1L]) v <- step_to(v, token, path[1L])
  v
}

no_value_words <- function(state, name) {
  switch(state,
    none = paste0("There is no variable ", name, " any more."),
    active = paste0(name, " is an active binding: looking at it would run code."),
    paste0(name, " is not evaluated yet: looking at it would run code.")
  )
}

# The same for callers that want no refusal: list(found, value).
resolve_path <- function(path) {
  tryCatch(list(found = TRUE, value = value_on_path(path)), fourpane_refusal = function(e) list(found = FALSE, value = NULL))
}

parts_at <- function(path, first, limit) parts_of(value_on_path(path), first, limit)

# What an element looks like in the list; bindings that would run code are only named.
describe_part <- function(path, token) {
  if (substr(token, 1L, 1L) == "e") {
    state <- binding_state_at(path, substring(token, 2L))
    if (state == "active") return(not_looked("active binding"))
    if (state != "value") return(not_looked("promise"))
  }
  describe(value_on_path(c(path, token)))
}

binding_state_at <- function(path, name) binding_state(name, value_on_path(path))

entry_json <- function(name, about) {
  list(name = name, type_name = about$type, kind = about$kind, shape = as.list(about$shape), preview = about$preview,
       has_children = about$children, is_evaluated = about$evaluated)
}

label_text <- function(text) {
  text <- iconv(text, "", "UTF-8", sub = "byte")
  if (is.na(text)) "NA" else if (nchar(text) > 200L) paste0(substr(text, 1L, 199L), "\u2026") else text
}

children <- function(path, first, limit) {
  path <- as.character(unlist(path))
  check_path(path)
  found <- parts_at(path, max(0, first), max(0, min(limit, children_cap)))
  end_s <- proc.time()[[3L]] + children_budget_s
  rows <- lapply(seq_along(found$tokens), function(at) {
    about <- if (at > looks_least && proc.time()[[3L]] > end_s) not_looked("") else {
      tryCatch(describe_part(path, found$tokens[at]), error = function(e) not_looked("?"))
    }
    label <- label_text(found$labels[at])
    list(token = found$tokens[at], label = label, entry = entry_json(label, about))
  })
  list(children = rows, total = found$total)
}

check_path <- function(path) if (!length(path) || anyNA(path)) refuse("bad_params", "path is empty")

# ---- sizes ---------------------------------------------------------------------------------------------------------

sizes_budget_s <- 0.05
strings_most <- 400000
parts_most <- 20000

# Text makes R's own count slow, and nothing can interrupt it: so strings are counted before. Holds the value.
count_strings <- function(v, counted) {
  type <- typeof(v)
  if (type == "character") return(counted + part_count(v))
  if (type != "list") return(counted)
  count <- part_count(v)
  if (count > parts_most) return(Inf)
  at <- 0
  while (at < count && counted <= strings_most) {
    at <- at + 1
    counted <- counted + 20
    if (typeof(.subset2(v, at)) %in% c("list", "character")) counted <- count_strings(.subset2(v, at), counted)
  }
  counted
}

# Numbers in a row that R keeps as their ends only take no room. Holds the value.
is_compact <- function(v) {
  if (!(typeof(v) %in% c("integer", "double"))) return(FALSE)
  about <- .Internal(altrep_class(v))
  !is.null(about) && as.character(.subset2(about, 1L)) %in% c("compact_intseq", "compact_realseq")
}

size_at <- function(name) {
  v <- get(name, envir = globalenv(), inherits = FALSE)
  if (typeof(v) == "environment") return(NA_real_)
  if (is_compact(v)) return(680)
  if (count_strings(v, 0) > strings_most) return(NA_real_)
  as.numeric(utils::object.size(v))
}

variable_sizes <- function(names) {
  end_s <- proc.time()[[3L]] + sizes_budget_s
  rows <- list()
  for (name in as.character(unlist(names))) {
    state <- binding_state(name, globalenv())
    if (state == "none") next
    if (length(rows) && proc.time()[[3L]] > end_s) break
    size <- if (state == "value") tryCatch(size_at(name), error = function(e) NA_real_) else NA_real_
    row <- list(name = name)
    if (!is.na(size)) row$size_bytes <- size
    rows[[length(rows) + 1L]] <- row
  }
  list(sizes = rows)
}

# ---- literals ------------------------------------------------------------------------------------------------------

literal_most <- 10000L
data_types <- c("NULL", atomic_types)

# How many parts a value of nothing but data has, attributes among them; Inf where something in it is more than data, or
# where there are more than `most`, so that not all were looked at. Holds the value.
data_count <- function(v, most, allows_pointer = FALSE) {
  type <- typeof(v)
  if (isS4(v)) return(Inf)
  if (type == "externalptr" && allows_pointer) return(1)
  if (!(type %in% data_types) && type != "list") return(Inf)
  count <- 1
  if (type == "list") {
    at <- 0
    total <- part_count(v)
    if (total > most) return(Inf)
    while (at < total) {
      at <- at + 1
      count <- count + 1
      if (count > most) return(Inf)
      if (typeof(.subset2(v, at)) %in% data_types && is.null(attributes(.subset2(v, at)))) next
      if (typeof(.subset2(v, at)) == "promise") return(Inf)
      count <- count + data_count(.subset2(v, at), most)
    }
  }
  for (name in names(attributes(v))) {
    if (typeof(attr(v, name, exact = TRUE)) == "promise") return(Inf)
    is_pointer <- name == ".internal.selfref" && allows_pointer
    count <- count + data_count(attr(v, name, exact = TRUE), most, is_pointer)
  }
  if (count > most) Inf else count
}

# Elements of all vectors in a list, which `data_count` does not add up. Holds the value.
deep_length <- function(v, most) {
  count <- part_count(v)
  if (typeof(v) != "list") return(count)
  at <- 0
  total <- count
  while (at < total && count <= most) {
    at <- at + 1
    count <- count + deep_length(.subset2(v, at), most)
  }
  count
}

is_small_data <- function(path) is_small(value_on_path(path))

is_small <- function(v) data_count(v, literal_most) <= literal_most && deep_length(v, literal_most) <= literal_most

written <- function(v, digits17) {
  control <- c("keepNA", "keepInteger", "niceNames", "showAttributes", if (digits17) "digits17")
  paste(deparse(v, width.cutoff = 500L, control = control), collapse = "\n")
}

written_at <- function(path, digits17) written(value_on_path(path), digits17)

# The text is of data only, so that running it runs nothing but `c`, `list` and `structure`. Holds the value.
reads_back <- function(v, text) identical(v, eval(parse(text = text, keep.source = FALSE), baseenv()))
reads_back_at <- function(path, text) tryCatch(reads_back(value_on_path(path), text), error = function(e) FALSE)

variable_literal <- function(path) {
  path <- as.character(unlist(path))
  check_path(path)
  answer <- list(text = "", type_name = type_on(path))
  if (!is.finite(data_count_at(path))) return(answer)
  if (!is_small_data(path)) return(c(answer, list(is_cut = TRUE)))
  for (digits17 in c(FALSE, TRUE)) {
    text <- written_at(path, digits17)
    if (nchar(text) > literal_most) return(c(answer, list(is_cut = TRUE)))
    if (reads_back_at(path, text)) {
      answer$text <- enc2utf8(text)
      return(c(answer, list(length = nchar(text))))
    }
  }
  answer
}

type_on <- function(path) type_of(value_on_path(path))
data_count_at <- function(path) data_count(value_on_path(path), 1e6)

answers$variables.children <- children
answers$variables.sizes <- variable_sizes
answers$variables.literal <- variable_literal
