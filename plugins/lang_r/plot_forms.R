# How a script names a value, and which pictures can be made of it: `variables.code`. Sent after `variable_acts.R` in the
# same `local()`; its laws hold here too. The forms are those that `language.py` has code for.

# ---- pictures ------------------------------------------------------------------------------------------------------

plot_columns_most <- 30L
plot_pairs_most <- 12L
plot_points_most <- 5e6                                # of all pairs of a frame together: more takes minutes to draw

variable_code <- function(path) {
  path <- as.character(unlist(path))
  check_path(path)
  # What must not be looked at can be named all the same.
  state <- binding_state(path[1L], globalenv())
  if (length(path) == 1L && state %in% c("active", "promise")) return(list(code = enc2utf8(ticked(path)), form = ""))
  code <- expression_of(path)
  list(code = enc2utf8(code), form = if (nzchar(code)) plot_form_at(path) else "")
}

plot_form_at <- function(path) plot_form(value_on_path(path))

# Holds the value.
plot_form <- function(v) {
  if (isS4(v)) return("")
  if (is_frame(v)) return(frame_plot_form(v))
  cls <- classes_of(v)
  type <- typeof(v)
  if ("factor" %in% cls) return("counts")
  if (length(setdiff(cls, "ts")) || !(type %in% atomic_types) || length(v) == 0L) return("")
  is_number <- type %in% c("integer", "double")
  dims <- attr(v, "dim", exact = TRUE)
  if (length(dims) > 1L) {
    return(if (is_number && length(dims) == 2L && dims[2L] <= plot_columns_most) "matrix" else "")
  }
  if (is_number) "numbers" else if (type == "logical") "counts" else if (type == "character") "texts" else ""
}

frame_plot_form <- function(v) {
  columns <- length(text_attribute(v, "names"))
  if (columns < 1L || columns > plot_pairs_most || row_count(v) < 1 || row_count(v) * columns^2 > plot_points_most) return("")
  for (at in seq_len(columns)) {
    if (!(typeof(.subset2(v, at)) %in% c("logical", "integer", "double", "character"))) return("")
  }
  "frame"
}

answers$variables.code <- variable_code
