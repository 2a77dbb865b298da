# What prints, as the window's console shows it: `console.width`, messages, bars of cli. Sent after `help_pages.R` in the
# same `local()`; the laws of `agent.R` hold here too.

width_least <- 20L
width_most <- 1000L
width_told <- 80L

# A width that the user has set stays.
set_width <- function(columns) {
  now <- getOption("width")
  if (is.null(now) || identical(as.integer(now), width_told)) {
    width_told <<- as.integer(min(max(columns, width_least), width_most))
    options(width = width_told)
  }
  structure(list(), names = character())
}

# IRkernel puts a line break after every message. Those of `message()` have theirs, and what ends with a return is a bar
# that is drawn again in the same line.
show_messages_as_they_are <- function() {
  executor <- kernel_of()$executor
  if (!is.function(executor$handle_message) || !is.function(executor$stream)) return(FALSE)
  place <- as.environment(executor)
  was_locked <- bindingIsLocked("handle_message", place)
  if (was_locked) unlockBinding("handle_message", place)
  assign("handle_message", function(o) {
    text <- paste(conditionMessage(o), collapse = "")
    is_whole <- inherits(o, "simpleMessage") || grepl("[\r\n]$", text)
    executor$stream(if (is_whole) text else paste0(text, "\n"), "stderr")
  }, envir = place)
  if (was_locked) lockBinding("handle_message", place)
  # cli draws in place where it may; it asks a terminal, and there is none.
  if (is.null(getOption("cli.dynamic"))) options(cli.dynamic = TRUE)
  TRUE
}

tryCatch(show_messages_as_they_are(), error = function(e) FALSE)

answers$console.width <- set_width
