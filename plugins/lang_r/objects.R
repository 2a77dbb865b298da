# What lies inside R's values, what they take, and what the user does to variables from the list: `variables.*` but for
# the list itself, and `object.info`. Sent after `agent.R` in the same `local()`; its laws hold here too.
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
children_budget_s <- 0.5
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
    about <- if (proc.time()[[3L]] > end_s) not_looked("") else {
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

# ---- acts and taking them back -------------------------------------------------------------------------------------

act_seconds <- 600
acts_most <- 10L
acts <- list()                                         # each: token, end_s, undo
act_count <- 0L

# Bindings as they are: promises stay promises, active bindings stay active.
copy_binding <- function(from_name, from, to_name, to) {
  done <- tryCatch({
    .Internal(importIntoEnv(to, to_name, from, from_name))
    TRUE
  }, error = function(e) FALSE)
  if (!done) assign(to_name, get(from_name, envir = from, inherits = FALSE), envir = to)
}

keep_act <- function(undo) {
  act_count <<- act_count + 1L
  token <- paste0("undo", act_count)
  acts <<- c(acts, list(list(token = token, end_s = proc.time()[[3L]] + act_seconds, undo = undo)))
  if (length(acts) > acts_most) acts <<- acts[-seq_len(length(acts) - acts_most)]
  token
}

# Drops what is too old, and all where memory is short. Called with each question for variables, so after each run.
sweep_acts <- function() {
  if (!length(acts)) return(invisible(NULL))
  now_s <- proc.time()[[3L]]
  acts <<- if (is_memory_short()) list() else Filter(function(act) act$end_s > now_s, acts)
}

is_memory_short <- function() {
  tryCatch({
    lines <- readLines("/proc/meminfo", n = 10L)
    number <- function(name) as.numeric(gsub("[^0-9]", "", grep(paste0("^", name, ":"), lines, value = TRUE)[1L])) * 1024
    used <- memory()$rss_bytes
    used > 0.6 * number("MemTotal") || number("MemAvailable") < 0.1 * number("MemTotal")
  }, error = function(e) FALSE, warning = function(e) FALSE)
}

act_answer <- function(code, names, undo = "", note = "") {
  touched <<- unique.default(c(touched, names))
  list(code = code, undo = undo, names = as.list(names), note = note)
}

present_names <- function(names) names[vapply(names, exists, NA, envir = globalenv(), inherits = FALSE)]

left_alone <- function(names) {
  if (!length(names)) return("")
  verbs <- if (length(names) == 1L) c("is", "was") else c("are", "were")
  paste0(paste(names, collapse = ", "), " ", verbs[1L], " there again and ", verbs[2L], " left alone.")
}

remove_variables <- function(names) {
  asked <- unique.default(as.character(unlist(names)))
  names <- present_names(asked)
  if (!length(names)) refuse("not_possible", "There are no variables of these names any more.")
  held <- new.env(parent = emptyenv())
  for (name in names) copy_binding(name, globalenv(), name, held)
  rm(list = names, envir = globalenv())
  undo <- function() {
    back <- names[!vapply(names, exists, NA, envir = globalenv(), inherits = FALSE)]
    for (name in back) copy_binding(name, held, name, globalenv())
    list(names = back, note = left_alone(setdiff(names, back)))
  }
  missing_names <- setdiff(asked, names)
  note <- if (length(missing_names)) paste0("There was no variable ", missing_names[1L], " any more.") else ""
  act_answer(paste0("rm(", paste(ticked(names), collapse = ", "), ")"), names, keep_act(undo), note)
}

check_new_name <- function(name) {
  if (!nzchar(name) || grepl("[[:cntrl:]]", name) || nchar(name, "bytes") > 1000L || name == "...") {
    refuse("not_possible", paste0("\"", name, "\" cannot be a name in R."))
  }
  if (exists(name, envir = globalenv(), inherits = FALSE)) {
    refuse("not_possible", paste0("There is a variable ", name, " already: choose another name, or remove it first."))
  }
}

check_present <- function(name) {
  if (!exists(name, envir = globalenv(), inherits = FALSE)) refuse("not_possible", no_value_words("none", name))
}

rename_variable <- function(name, to) {
  to <- trimws(to)
  check_present(name)
  check_new_name(to)
  copy_binding(name, globalenv(), to, globalenv())
  rm(list = name, envir = globalenv())
  held <- new.env(parent = emptyenv())
  copy_binding(to, globalenv(), "after", held)
  undo <- function() {
    if (exists(name, envir = globalenv(), inherits = FALSE)) return(list(names = character(), note = left_alone(name)))
    copy_binding("after", held, name, globalenv())
    if (!is_same_binding(to, globalenv(), held)) return(list(names = name, note = other_value(to)))
    rm(list = to, envir = globalenv())
    list(names = c(name, to), note = "")
  }
  act_answer(paste0(ticked(to), " <- ", ticked(name), "\nrm(", ticked(name), ")"), c(name, to), keep_act(undo))
}

other_value <- function(name) paste0(name, " holds another value by now and was left alone.")

# Whether a binding still holds the very value that is kept as `after`; promises and active bindings are not looked at.
is_same_binding <- function(name, env, held) {
  state <- binding_state(name, env)
  if (state != binding_state("after", held)) return(FALSE)
  state != "value" || is_same_value(name, env, held)
}

is_same_value <- function(name, env, held) {
  identical(mark_of(get(name, envir = env, inherits = FALSE)), mark_of(get("after", envir = held, inherits = FALSE))) &&
    (has_addresses || identical(get(name, envir = env, inherits = FALSE), get("after", envir = held, inherits = FALSE)))
}

undo_made <- function(name, held) {
  force(held)
  function() {
    if (!exists(name, envir = globalenv(), inherits = FALSE)) return(list(names = character(), note = ""))
    if (!is_same_binding(name, globalenv(), held)) return(list(names = character(), note = other_value(name)))
    rm(list = name, envir = globalenv())
    list(names = name, note = "")
  }
}

held_after <- function(name) {
  held <- new.env(parent = emptyenv())
  copy_binding(name, globalenv(), "after", held)
  held
}

type_at <- function(name) typeof(get(name, envir = globalenv(), inherits = FALSE))
classes_at <- function(name) classes_of(get(name, envir = globalenv(), inherits = FALSE))

# R copies a value when one of its names changes it; a data.table and an environment are changed where they are.
duplicate_variable <- function(name, to) {
  to <- trimws(to)
  check_present(name)
  check_new_name(to)
  is_value <- binding_state(name, globalenv()) == "value"
  code <- paste0(ticked(to), " <- ", ticked(name))
  note <- ""
  if (is_value && "data.table" %in% classes_at(name) && "data.table" %in% loadedNamespaces()) {
    code <- paste0(ticked(to), " <- data.table::copy(", ticked(name), ")")
    run_line(code)
  } else {
    copy_binding(name, globalenv(), to, globalenv())
    if (is_value && type_at(name) == "environment") note <- "Both names show the same environment: R does not copy those."
  }
  act_answer(code, to, keep_act(undo_made(to, held_after(to))), note)
}

undo_act <- function(undo) {
  sweep_acts()
  at <- match(undo, vapply(acts, function(act) act$token, ""))
  if (is.na(at)) {
    refuse("not_possible", paste("This cannot be taken back any more: what was there before is kept for 10 minutes,",
                                 "and less when memory is short."))
  }
  act <- acts[[at]]
  acts <<- acts[-at]
  done <- tryCatch(act$undo(), error = function(e) refuse("not_possible", paste("It could not be taken back:", conditionMessage(e))))
  act_answer("", done$names, "", done$note)
}

# ---- editing -------------------------------------------------------------------------------------------------------

in_quotes <- function(text) encodeString(text, quote = "\"")

# Code for the part that a token stands for, given code for its owner; "" where there is none. Holds the value.
part_code <- function(v, token, owner) {
  letter <- substr(token, 1L, 1L)
  body <- substring(token, 2L)
  if (letter == "i") {
    at <- element_at(v, body)
    if (at < 1) return("")
    named <- text_attribute(v, "names")
    name <- if (is.null(named) || is.na(named[at])) "" else named[at]
    if (!nzchar(name) || sum(named == name, na.rm = TRUE) > 1L) return(sprintf("%s[[%.0f]]", owner, at))
    return(if (needs_ticks(name)) paste0(owner, "[[", in_quotes(name), "]]") else paste0(owner, "$", name))
  }
  switch(letter,
    e = paste0(owner, "$", ticked(body)),
    s = if (body == ".Data") "" else paste0(owner, "@", ticked(body)),
    a = paste0("attr(", owner, ", ", in_quotes(body), ")"),
    f = paste0("environment(", owner, ")"),
    p = paste0(owner, "$.__enclos_env__$private"),
    ""
  )
}

# Code for a path, such as `l$a[[2]]`; "" where there is none.
expression_of <- function(path) {
  code <- ticked(path[1L])
  for (depth in seq_along(path[-1L])) {
    code <- part_code_at(path[seq_len(depth)], path[depth + 1L], code)
    if (!nzchar(code)) return("")
  }
  code
}

part_code_at <- function(path, token, owner) part_code(value_on_path(path), token, owner)

run_line <- function(line) {
  notes <- character()
  tryCatch(
    withCallingHandlers(
      eval(parse(text = line, keep.source = FALSE), globalenv()),
      warning = function(w) {
        notes <<- c(notes, conditionMessage(w))
        invokeRestart("muffleWarning")
      }
    ),
    error = function(e) refuse("not_possible", conditionMessage(e)),
    interrupt = function(e) refuse("cancelled", "It was interrupted.")
  )
  paste(notes, collapse = " ")
}

# The innermost environment on the path, and the name in it: what an assignment to the path changes.
root_of <- function(path) {
  root <- list(env = globalenv(), name = path[1L])
  for (depth in seq_along(path)[-1L]) {
    if (substr(path[depth], 1L, 1L) == "e") root <- list(env = environment_at(path[seq_len(depth - 1L)]), name = substring(path[depth], 2L))
  }
  root
}

environment_at <- function(path) value_on_path(path)

edit_variable <- function(path, code) {
  path <- as.character(unlist(path))
  check_path(path)
  code <- trimws(code)
  parsed <- tryCatch(parse(text = code, keep.source = FALSE), error = function(e) {
    message <- sub("^<text>:[0-9]+:[0-9]+: ", "", strsplit(conditionMessage(e), "\n", fixed = TRUE)[[1L]][1L])
    refuse("not_possible", paste0("R cannot read this as a value: ", message, "."))
  })
  if (length(parsed) != 1L) refuse("not_possible", "R cannot read this as one value.")
  is_new <- length(path) == 1L && !exists(path, envir = globalenv(), inherits = FALSE)
  if (is_new) check_new_name(path)
  if (length(path) > 1L) value_on_path(path)
  target <- expression_of(path)
  if (!nzchar(target)) refuse("not_possible", "There is no code that names this part, so it cannot be changed here.")
  root <- root_of(path)
  held <- new.env(parent = emptyenv())
  if (!is_new) copy_binding(root$name, root$env, "before", held)
  line <- paste(target, "<-", code)
  note <- run_line(line)
  copy_binding(root$name, root$env, "after", held)
  act_answer(line, path[1L], keep_act(undo_assignment(root, held, is_new, path[1L])), note)
}

undo_assignment <- function(root, held, is_new, name) {
  force(root)
  function() {
    if (!exists(root$name, envir = root$env, inherits = FALSE) || !is_same_binding(root$name, root$env, held)) {
      return(list(names = character(), note = other_value(root$name)))
    }
    if (is_new) rm(list = root$name, envir = root$env) else copy_binding("before", held, root$name, root$env)
    list(names = name, note = "")
  }
}

# ---- literals ------------------------------------------------------------------------------------------------------

literal_most <- 10000L
data_types <- c("NULL", atomic_types)

# How many elements a value of nothing but data has; Inf where something in it is more than data, or past `most`.
# Attributes count too. Holds the value.
data_count <- function(v, most, allows_pointer = FALSE) {
  type <- typeof(v)
  if (isS4(v)) return(Inf)
  if (type == "externalptr" && allows_pointer) return(1)
  if (!(type %in% data_types) && type != "list") return(Inf)
  count <- part_count(v)
  if (type == "list") {
    at <- 0
    total <- part_count(v)
    while (at < total && count <= most) {
      at <- at + 1
      if (typeof(.subset2(v, at)) %in% data_types && is.null(attributes(.subset2(v, at)))) next
      if (typeof(.subset2(v, at)) == "promise") return(Inf)
      count <- count + data_count(.subset2(v, at), most)
    }
  }
  for (name in names(attributes(v))) {
    if (name == "row.names" && type == "list") next
    if (typeof(attr(v, name, exact = TRUE)) == "promise") return(Inf)
    is_pointer <- name == ".internal.selfref" && allows_pointer
    count <- count + data_count(attr(v, name, exact = TRUE), most, is_pointer)
  }
  count
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
  for (name in names) {
    problem <- save_problem(name, allows_pickle)
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
    if (is_new) unlink(folder, recursive = FALSE)
    refuse("not_possible", note)
  }
  content <- list(format = saved_format, version = 1L, language = "r",
                  versions = list(r = paste0(R.version$major, ".", R.version$minor)), variables = entries)
  writeLines(jsonlite::toJSON(content, auto_unbox = TRUE, pretty = TRUE), file.path(folder, "manifest.json"), useBytes = TRUE)
  list(code = paste(code, collapse = "\n"), undo = "", names = lapply(entries, function(entry) entry$name), note = note)
}

# Why a value is not saved; "" where it is. What holds code comes back only as a warned act.
save_problem <- function(name, allows_pickle) {
  state <- binding_state(name, globalenv())
  if (state != "value") return(no_value_words(state, name))
  if (allows_pickle || is_data_at(name)) return("")
  "it holds functions, environments or other things than data: only a file that can run code could hold it."
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

# ---- one object ----------------------------------------------------------------------------------------------------

members_most <- 1000L
source_lines_most <- 3000L

object_info <- function(path) {
  path <- as.character(unlist(path))
  check_path(path)
  is_function <- is_function_at(path)
  classes <- all_classes_at(path)
  title <- expression_of(path)
  if (!nzchar(title)) title <- path[1L]
  if (is_function) title <- paste0(title, "(", paste(argument_labels(formals_at(path)), collapse = ", "), ")")
  source <- if (is_function) source_at(path) else list(text = "", path = "", line = 0L)
  members <- c(member_rows(path), method_rows(classes))
  list(title = label_text(title), type_name = type_on(path), classes = as.list(classes),
       doc = if (is_function && length(path) == 1L) title_of(path) else "",
       members = members[seq_len(min(length(members), members_most))],
       source = source$text, source_path = source$path, source_line = source$line)
}

is_function_at <- function(path) typeof(value_on_path(path)) %in% c("closure", "builtin", "special")
formals_at <- function(path) arguments_of(value_on_path(path))
arguments_of <- function(v) if (typeof(v) == "closure") formals(v) else formals(args(v))

all_classes_at <- function(path) all_classes(value_on_path(path))

# The class attribute, or what R takes for it; of S4 objects also what their class extends. Holds the value.
all_classes <- function(v) {
  cls <- classes_of(v)
  if (isS4(v) && length(cls)) return(unique.default(c(cls[1L], s4_bases(cls[1L]))))
  if (length(cls)) return(cls)
  dims <- attr(v, "dim", exact = TRUE)
  type <- typeof(v)
  c(if (length(dims) == 2L) "matrix", if (length(dims)) "array",
    if (type %in% c("integer", "double")) c(type, "numeric") else type_word_of(type))
}

type_word_of <- function(type) if (type %in% names(type_words)) type_words[[type]] else type

s4_bases <- function(name) tryCatch(methods::extends(name), error = function(e) character())

member <- function(name, kind, about, from = "") {
  list(name = label_text(name), kind = kind, type_name = about$type, preview = about$preview, from_class = from)
}

# Slots, attributes, bindings; what is an element shows in the tree.
member_rows <- function(path) {
  found <- member_tokens_at(path)
  found <- found[seq_len(min(length(found), members_most))]
  lapply(found, function(token) {
    letter <- substr(token, 1L, 1L)
    about <- tryCatch(describe_part(path, token), error = function(e) not_looked("?"))
    kind <- switch(letter, s = "slot", e = if (about$kind == "function") "method" else "attribute", "attribute")
    if (identical(about$type, "active binding")) kind <- "property"
    member(substring(token, 2L), kind, about)
  })
}

member_tokens_at <- function(path) member_tokens(value_on_path(path))

member_tokens <- function(v) {
  type <- typeof(v)
  if (type == "environment") return(c(paste0(rep("e", length(bindings_of(v))), bindings_of(v))))
  found <- if (isS4(v)) slots_of(v) else setdiff(names(attributes(v)), c("srcref", ".internal.selfref", "row.names"))
  paste0(rep(if (isS4(v)) "s" else "a", length(found)), found)
}

# Names of methods from the tables that namespaces keep, and functions of the user's that are called like methods.
# Nothing is loaded, and no method is looked at.
method_rows <- function(classes) {
  rows <- list()
  known <- unlist(lapply(loadedNamespaces(), function(namespace) {
    table <- get0(".__S3MethodsTable__.", envir = asNamespace(namespace), inherits = FALSE)
    if (is.environment(table)) .Internal(ls(table, TRUE, FALSE)) else character()
  }))
  own <- .Internal(ls(globalenv(), FALSE, TRUE))
  for (cls in classes) {
    ending <- paste0(".", cls)
    fits <- function(names) names[endsWith(names, ending) & nchar(names) > nchar(ending)]
    mine <- Filter(function(name) binding_state(name, globalenv()) == "value" && is_function_at(name), fits(own))
    for (name in sort.default(unique.default(c(fits(known), mine)))) {
      generic <- substr(name, 1L, nchar(name) - nchar(ending))
      rows[[length(rows) + 1L]] <- list(name = label_text(generic), kind = "method", type_name = "S3 method",
                                        preview = label_text(name), from_class = cls)
    }
  }
  rows
}

source_at <- function(path) {
  place <- source_place(value_on_path(path))
  if (is.null(place)) list(text = deparsed_at(path), path = "", line = 0L) else place
}

deparsed_at <- function(path) deparsed(value_on_path(path))

deparsed <- function(v) {
  if (typeof(v) != "closure") return("")
  lines <- deparse(v, control = c("keepNA", "keepInteger", "niceNames"), nlines = source_lines_most)
  enc2utf8(paste(lines, collapse = "\n"))
}

# The lines that a function was written in, kept with it; NULL where they were not. Plain vectors only: the reference
# too may have been given a class of the user's.
source_place <- function(v) {
  reference <- attr(v, "srcref", exact = TRUE)
  file <- attr(reference, "srcfile", exact = TRUE)
  if (typeof(reference) != "integer" || typeof(file) != "environment") return(NULL)
  attributes(reference) <- NULL
  if (length(reference) < 8L || anyNA(reference)) return(NULL)
  lines <- plain_binding("lines", file)
  name <- plain_binding("filename", file)
  folder <- plain_binding("wd", file)
  if (length(lines) == 1L) lines <- strsplit(lines, "\n", fixed = TRUE)[[1L]]
  if (length(lines) < reference[3L]) return(NULL)
  text <- lines[reference[1L]:reference[3L]]
  text[length(text)] <- substr(text[length(text)], 1L, reference[6L])
  text[1L] <- substring(text[1L], reference[5L])
  path <- if (length(name) == 1L && nzchar(name)) name else ""
  if (nzchar(path) && !startsWith(path, "/") && length(folder) == 1L) path <- file.path(folder, path)
  if (!nzchar(path) || !file.exists(path)) path <- ""
  text <- text[seq_len(min(length(text), source_lines_most))]
  list(text = enc2utf8(paste(text, collapse = "\n")), path = enc2utf8(path), line = if (nzchar(path)) reference[1L] else 0L)
}

plain_binding <- function(name, env) {
  if (binding_state(name, env) != "value") return(character())
  found <- get(name, envir = env, inherits = FALSE)
  if (typeof(found) == "character" && !is.object(found)) found else character()
}

# ---- the methods ---------------------------------------------------------------------------------------------------

answers$variables.children <- children
answers$variables.sizes <- variable_sizes
answers$variables.remove <- remove_variables
answers$variables.rename <- rename_variable
answers$variables.duplicate <- duplicate_variable
answers$variables.edit <- edit_variable
answers$variables.literal <- variable_literal
answers$variables.undo <- undo_act
answers$variables.save <- save_variables
answers$variables.load <- load_variables
answers$object.info <- object_info

synced <- answers$variables.sync
answers$variables.sync <- function(full) {
  sweep_acts()
  synced(full)
}
