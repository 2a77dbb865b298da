# All that can be said of one object without running anything of it: `object.info`. Sent after `objects.R` in the same
# `local()`; its laws hold here too.

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

answers$object.info <- object_info
