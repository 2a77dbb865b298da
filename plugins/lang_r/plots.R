# How plots arrive, `plots.configure`, and how they are drawn again at another size, `plots.render`. Sent after `agent.R`
# in the same `local()`; its laws hold here too.
#
# IRkernel records each page on a device that shows nothing and replays the record once for every format. Those records
# are kept here, as they are: R copies what is changed, so that a record stays what it was. A replay opens a device of
# its own, so that nobody's current device, its parameters or its viewports are touched.

plots <- list(formats = "png", svg_limit_bytes = 4e6, is_svg_sent = FALSE)
plot_sizes <- list()                                  # those that were ever asked for: another one is the user's own

configure_plots <- function(width_px, height_px, dpi, formats, svg_limit_bytes) {
  formats <- unlist(formats)
  if (width_px > 0) options(repr.plot.width = width_px / dpi)
  if (height_px > 0) options(repr.plot.height = height_px / dpi)
  options(repr.plot.res = dpi, jupyter.plot_scale = 1)
  if (width_px > 0 && height_px > 0) {
    plot_sizes[[size_words(width_px / dpi, height_px / dpi, dpi)]] <<- list(width_px, height_px, dpi)
  }
  record_at_size()
  plots$formats <<- formats
  plots$svg_limit_bytes <<- svg_limit_bytes
  is_watched <- watch_pictures()
  if (is_watched) mark_pictures()
  options(jupyter.plot_mimetypes = c(
    "text/plain", if ("svg" %in% formats) "image/svg+xml",
    if (("svg" %in% formats && is_watched) || "png" %in% formats) "image/png"
  ))
  list(formats = as.list(formats))
}

size_words <- function(width_in, height_in, dpi) sprintf("%.3f %.3f %.3f", width_in, height_in, dpi)

# A plot is recorded on a device that shows nothing and drawn again from the record. Base graphics lay out legends and
# margins while they are recorded, so that device must have the size of the picture, which IRkernel's own has not.
record_at_size <- function() {
  device <- function(filename = NULL, ...) {
    # IRkernel opens it outside of all that catches errors: a size that no device takes would end the kernel.
    size <- c(getOption("repr.plot.width", 7), getOption("repr.plot.height", 7))
    if (!is_size(size)) size <- c(7, 7)
    size <- pmax(0.5, size * min(1, recorded_most_in / max(size)))
    width <- size[[1L]]
    height <- size[[2L]]
    if (.Platform$OS.type == "windows") grDevices::png("NUL", width, height, units = "in", res = 72)
    else if (Sys.info()[["sysname"]] == "Darwin") grDevices::pdf(NULL, width, height)
    else grDevices::png("/dev/null", width, height, units = "in", res = 72)
  }
  options(device = device)
}

recorded_most_in <- 50                                # each takes memory while a plot is recorded

is_size <- function(size) is.numeric(size) && length(size) == 2L && all(is.finite(size)) && all(size > 0)

# ---- pictures on their way -----------------------------------------------------------------------------------------

drawn <- list(plot = NULL, took_s = 0, problem = "")  # the record whose pictures are being made, not yet shown

# IRkernel asks a table of functions by MIME type, in the order of the option, so ours stand in that table. They note
# what is drawn and how long it takes, and keep an SVG within its limit: one of many points is huge and slow to show, so
# it may answer with nothing, and then the PNG is made. Tells whether the table could be changed.
watch_pictures <- function() {
  imports <- parent.env(asNamespace("IRkernel"))
  table <- get0("mime2repr", envir = imports, inherits = FALSE)
  svg_of <- table[["image/svg+xml"]]
  png_of <- table[["image/png"]]
  if (is.null(svg_of) || is.null(png_of)) return(FALSE)
  if (isTRUE(attr(svg_of, "fourpane"))) return(TRUE)
  noted <- function(obj, draw) {
    start_s <- proc.time()[[3L]]
    problem <- size_problem(obj)
    picture <- if (nzchar(problem)) drawn_smaller(obj) else draw()
    if ("recordedplot" %in% classes_of(obj)) {
      drawn <<- list(plot = obj, took_s = drawn$took_s + proc.time()[[3L]] - start_s, problem = problem)
    }
    picture
  }
  svg <- function(obj, ...) {
    if (nzchar(size_problem(obj))) return(NULL)
    text <- noted(obj, function() svg_of(obj, ...))
    is_plot <- "recordedplot" %in% classes_of(obj)
    plots$is_svg_sent <<- is_plot && length(text) > 0L && sum(nchar(text, "bytes")) <= plots$svg_limit_bytes
    if (is_plot && !plots$is_svg_sent) NULL else text
  }
  png <- function(obj, ...) {
    is_plot <- "recordedplot" %in% classes_of(obj)
    is_not_needed <- is_plot && plots$is_svg_sent && !("png" %in% plots$formats)
    plots$is_svg_sent <<- FALSE
    if (is_not_needed) NULL else noted(obj, function() png_of(obj, ...))
  }
  attr(svg, "fourpane") <- TRUE
  table[["image/svg+xml"]] <- svg
  table[["image/png"]] <- png
  put("mime2repr", table, imports)
  TRUE
}

# Why a plot cannot be drawn in the size that the user has set; empty where it can.
size_problem <- function(obj) {
  if (!("recordedplot" %in% classes_of(obj))) return("")
  size <- c(attr(obj, ".irkernel_width"), attr(obj, ".irkernel_height"))
  ppi <- attr(obj, ".irkernel_ppi")
  if (is.null(size) || is.null(ppi)) return("")
  if (!is_size(size) || !is_size(c(ppi, 1))) return("Drawn in another size: the one that is set is none.")
  px <- round(size * ppi)
  if (max(px) <= picture_most_px && prod(px) <= shown_most_area) return("")
  px <- format(px, big.mark = ",", scientific = FALSE, trim = TRUE)
  sprintf("Drawn smaller: %s x %s pixels are more than can be drawn.", px[[1L]], px[[2L]])
}

drawn_smaller <- function(obj) {
  size <- c(attr(obj, ".irkernel_width"), attr(obj, ".irkernel_height"))
  if (!is_size(size)) size <- c(7, 7)
  dpi <- min(sqrt(shown_smaller_area / prod(size)), 10000 / max(size), 96)
  px <- pmax(1, round(size * dpi))
  replayed(list(plot = obj, options = list()), px[[1L]], px[[2L]], px[[1L]] / size[[1L]], "png", FALSE)
}

# What was drawn is kept when its pictures are shown, and its name goes with them.
mark_pictures <- function() {
  show <- getOption("jupyter.base_display_func")
  if (!is.function(show) || isTRUE(attr(show, "fourpane"))) return(invisible())
  marked <- function(data, metadata = NULL) {
    if (!is.null(drawn$plot)) {
      metadata <- tryCatch(with_mark(data, metadata), error = function(e) metadata)
      drawn <<- list(plot = NULL, took_s = 0, problem = "")
    }
    show(data, metadata)
  }
  attr(marked, "fourpane") <- TRUE
  options(jupyter.base_display_func = marked)
}

with_mark <- function(data, metadata) {
  mark <- if (nzchar(drawn$problem)) {
    ms <- as.integer(round(drawn$took_s * 1000))
    list(plot = "", draw_ms = ms, alt = plot_words(drawn$plot), problem = drawn$problem)
  } else {
    keep_plot(drawn$plot, drawn$took_s)
  }
  for (mime in intersect(names(data), c("image/png", "image/svg+xml"))) metadata[[mime]]$fourpane <- mark
  metadata
}

# ---- plots that are kept -------------------------------------------------------------------------------------------

plots_most <- 1000L
plots_most_bytes <- 256e6                             # of all of them together
plot_most_bytes <- 128e6                              # of a single one

kept_plots <- list()                                  # the oldest first
plots_made <- 0L
plots_mark <- sprintf("%x-%x", Sys.getpid(), as.integer(Sys.time()))

keep_plot <- function(plot, took_s) {
  width <- attr(plot, ".irkernel_width")
  height <- attr(plot, ".irkernel_height")
  ms <- as.integer(round(took_s * 1000))
  size <- as.numeric(utils::object.size(plot))
  if (size > plot_most_bytes) {
    problem <- "This plot is too large to be kept in the session: it cannot be drawn at another size."
    return(list(plot = "", draw_ms = ms, problem = problem))
  }
  plots_made <<- plots_made + 1L
  name <- paste0(plots_mark, "-", plots_made)
  size_asked <- if (!is.null(width)) plot_sizes[[size_words(width, height, attr(plot, ".irkernel_ppi"))]]
  is_sized <- is.null(size_asked) && !is.null(width) && length(plot_sizes) > 0L
  options <- lapply(c(bg = "bg", pointsize = "pointsize", antialias = "antialias", family = "family"), function(which) {
    getOption(paste0("repr.plot.", which))
  })
  kept_plots[[name]] <<- list(plot = plot, size = size, width = width, height = height, is_sized = is_sized,
                              options = options)
  sizes <- vapply(kept_plots, function(one) one$size, 0)
  is_within <- rev(cumsum(rev(sizes)) <= plots_most_bytes & seq_along(sizes) <= plots_most)
  kept_plots <<- kept_plots[is_within]
  mark <- list(plot = name, draw_ms = ms, is_sized = is_sized, alt = plot_words(plot))
  if (!is.null(size_asked)) mark[c("width_px", "height_px", "dpi")] <- size_asked
  mark
}

forget_plots <- function(plots) {
  kept_plots <<- kept_plots[!(names(kept_plots) %in% plots)]
  structure(list(), names = character())
}

# ---- drawing again -------------------------------------------------------------------------------------------------

picture_most_px <- 30000
picture_most_area <- 2e8
shown_most_area <- 1e8
shown_smaller_area <- 1e6

# `limit_s` cannot be kept: R suspends interrupts, its own limits of time among them, while it replays a plot.
render_plot <- function(plot, width_px, height_px, dpi, format, is_transparent, can_enlarge, limit_s) {
  kept <- kept_plots[[plot]]
  if (is.null(kept)) refuse("not_possible", "This plot is not kept in the session any more.")
  if (width_px < 1 || height_px < 1 || max(width_px, height_px) > picture_most_px ||
      width_px * height_px > picture_most_area || dpi < 10 || dpi > 2400) {
    refuse("not_possible", "A picture of this size cannot be drawn.")
  }
  if (kept$is_sized) {
    dpi <- min(width_px / kept$width, height_px / kept$height, if (!can_enlarge) dpi)
    width_px <- max(1, round(kept$width * dpi))
    height_px <- max(1, round(kept$height * dpi))
  }
  start_s <- proc.time()[[3L]]
  bytes <- replayed_smaller(kept, width_px, height_px, dpi, format, is_transparent)
  ms <- as.integer(round((proc.time()[[3L]] - start_s) * 1000))
  with_buffers(list(format = format, width_px = width_px, height_px = height_px, draw_ms = ms), list(bytes))
}

# Base graphics refuse a size that their margins do not fit into: then text and margins are drawn smaller.
replayed_smaller <- function(kept, width_px, height_px, dpi, format, is_transparent) {
  no_room <- c("invalid graphics state", "figure margins too large", "plot region too large")
  no_room <- c(no_room, vapply(no_room, gettext, "", domain = "R-graphics"))
  for (share in c(1, 0.75, 0.5, 0.35, 0.2)) {
    bytes <- tryCatch(
      replayed(kept, width_px, height_px, dpi * share, format, is_transparent),
      error = function(e) if (conditionMessage(e) %in% no_room && share > 0.2) NULL else stop(e)
    )
    if (!is.null(bytes)) return(bytes)
  }
}

# The picture's bytes. What a replay runs of the user's (methods of grobs) may print, warn, draw random numbers or fail.
replayed <- function(kept, width_px, height_px, dpi, format, is_transparent) {
  path <- tempfile("plot")
  before <- grDevices::dev.cur()
  seed <- get0(".Random.seed", envir = globalenv(), inherits = FALSE)
  device <- NULL
  on.exit({
    if (!is.null(device) && device %in% grDevices::dev.list()) grDevices::dev.off(device)
    if (before %in% grDevices::dev.list()) grDevices::dev.set(before)
    if (!is.null(seed)) assign(".Random.seed", seed, envir = globalenv())
    else if (exists(".Random.seed", envir = globalenv(), inherits = FALSE)) rm(".Random.seed", envir = globalenv())
    unlink(path)
  })
  open_device(path, kept$options, width_px, height_px, dpi, format, is_transparent)
  device <- grDevices::dev.cur()
  utils::capture.output(suppressMessages(grDevices::replayPlot(kept$plot)))
  grDevices::dev.off(device)
  readBin(path, raw(), file.info(path)$size)
}

open_device <- function(path, options, width_px, height_px, dpi, format, is_transparent) {
  or <- function(value, other) if (is.null(value)) other else value
  bg <- if (is_transparent) "transparent" else or(options$bg, "white")
  pointsize <- or(options$pointsize, 12)
  antialias <- or(options$antialias, "gray")
  family <- or(options$family, "sans")
  width_in <- width_px / dpi
  height_in <- height_px / dpi
  bitmap <- function(device, ...) {
    device(path, width_px, height_px, "px", pointsize, bg = bg, res = dpi, antialias = antialias, ...)
  }
  switch(format,
    png = bitmap(grDevices::png),
    jpeg = bitmap(grDevices::jpeg, quality = 95),
    tiff = bitmap(grDevices::tiff, compression = "lzw"),
    svg = grDevices::svg(path, width_in, height_in, pointsize, FALSE, family, bg, antialias),
    pdf = if (capabilities("cairo")) {
      grDevices::cairo_pdf(path, width_in, height_in, pointsize, FALSE, family, bg, antialias)
    } else {
      grDevices::pdf(path, width_in, height_in, bg = bg, pointsize = pointsize)
    }
  )
}

# Code may wait for the kernel, and runs before the window can tell a size: its plots are kept too, and drawn anew later.
if (watch_pictures()) mark_pictures()

answers$plots.configure <- configure_plots
answers$plots.render <- render_plot
answers$plots.forget <- forget_plots
