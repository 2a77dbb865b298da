# What the user does to variables from the list: remove, rename, duplicate, edit, and taking each back. Sent after
# `objects.R` in the same `local()`; the laws of both hold here too.
#
# Owns what is kept for taking back: the last acts, for ten minutes, and less where memory is short. R has no clock of its
# own between requests, so what is too old goes with the next one. A name that has come back meanwhile is never written
# over. Only `edit` runs code of the user's, as the script would.

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

answers$variables.remove <- remove_variables
answers$variables.rename <- rename_variable
answers$variables.duplicate <- duplicate_variable
answers$variables.edit <- edit_variable
answers$variables.undo <- undo_act

synced <- answers$variables.sync
answers$variables.sync <- function(full) {
  sweep_acts()
  synced(full)
}
