# What a plot shows, in a sentence for those who do not see it: `plot_words`. Sent after `plots.R` in the same `local()`;
# its laws hold here too.
#
# All is read from the record, which belongs to the picture, whatever was made before or after: base graphics are
# recorded as calls, and grid (ggplot2, lattice) as grobs whose names tell what they are. Nothing is called on them.

words_most <- 300L
words_panels_most <- 6L
words_grobs_most <- 2000L                             # looked at in one plot

plot_words <- function(plot) {
  tryCatch({
    # grid's state is in every record, also what it drew on an earlier page.
    calls <- lapply(plot[[1L]], function(one) one[[2L]])
    names <- vapply(calls, function(call) {
      symbol <- call[[1L]]
      if (is.list(symbol) && is.character(symbol[["name"]])) symbol[["name"]] else ""
    }, "")
    parts <- if ("C_plot_new" %in% names) base_sentence(calls, names) else unique(grid_sentences(plot))
    more <- length(parts) - words_panels_most
    if (more > 0L) parts <- c(parts[seq_len(words_panels_most)], sprintf("and %d more plots.", more))
    substr(paste(parts[nzchar(parts)], collapse = " "), 1L, words_most)
  }, error = function(e) "")
}

# `labels` is named by what each is of: x, y, colour. Empty where nothing is known.
sentence_of <- function(kinds, title, labels) {
  kind <- paste(unique(kinds), collapse = ", ")
  substr(kind, 1L, 1L) <- toupper(substr(kind, 1L, 1L))
  labels <- labels[nzchar(labels)]
  head <- paste(c(kind, title)[nzchar(c(kind, title))], collapse = ": ")
  parts <- c(head[nzchar(head)], if (length(labels)) paste0(names(labels), ": ", labels))
  if (length(parts)) paste0(paste(parts, collapse = "; "), ".") else ""
}

# A label as text: words, a formula in R's own words, or several of them.
plot_label <- function(label) {
  if (is.null(label)) return("")
  texts <- if (is.character(label)) label
  else if (is.language(label)) vapply(as.list(label), call_words, "", USE.NAMES = FALSE)
  if (is.call(label) || is.symbol(label)) texts <- call_words(label)
  paste(texts[!is.na(texts) & nzchar(texts)], collapse = ", ")
}

call_words <- function(call) paste(deparse(call, width.cutoff = 60L, nlines = 2L), collapse = " ")

# ---- base graphics -------------------------------------------------------------------------------------------------

base_kinds <- c(
  C_rect = "bars", C_image = "image", C_raster = "image", C_persp = "surface", C_contour = "contours",
  C_filledcontour = "filled contours", C_polygon = "areas", C_symbols = "symbols", C_arrows = "arrows",
  C_dend = "tree", C_segments = "segments"
)

base_sentence <- function(calls, names) {
  found <- unname(base_kinds[intersect(names(base_kinds), names)])
  if (length(found) > 1L) found <- setdiff(found, "segments")
  if (any(found %in% c("image", "filled contours"))) found <- setdiff(found, "bars")  # those of its key
  types <- unlist(lapply(calls[names == "C_plotXY"], function(call) call[[3L]]))
  found <- c(found, if (any(types %in% c("p", "b", "o"))) "points", if (any(types %in% c("l", "b", "o", "s"))) "lines",
             if ("h" %in% types) "needles")
  titles <- calls[names == "C_title"]
  text <- function(place) {
    texts <- vapply(titles, function(call) plot_label(call[[place]]), "")
    paste(texts[nzchar(texts)], collapse = ", ")
  }
  sentence_of(found, text(2L), c(x = text(4L), y = text(5L)))
}

# ---- grid ----------------------------------------------------------------------------------------------------------

grid_sentences <- function(plot) {
  for (state in plot[-1L]) {
    if (identical(attr(state, "pkgName"), "grid") && is.numeric(count <- .subset2(state, 2L)) && length(count) == 1L) {
      grobs <- Filter(is_grob, .subset(.subset2(state, 1L), seq_len(count)))
      grobs <- .subset(grobs, seq_len(min(length(grobs), words_grobs_most)))
      return(c(unlist(lapply(grobs, gg_sentences)), lattice_sentences(grobs)))
    }
  }
}

is_grob <- function(x) "grob" %in% classes_of(x)
grob_name <- function(grob) paste(.subset2(grob, "name"), "")
grob_parts <- function(grob) {
  if (is_grob(grob)) Filter(is_grob, c(unclass(.subset2(grob, "children")), unclass(.subset2(grob, "grobs"))))
}

# All text within a grob, in its order.
grob_text <- function(grob) {
  texts <- c(plot_label(.subset2(grob, "label")), vapply(grob_parts(grob), grob_text, ""))
  paste(texts[nzchar(texts)], collapse = ", ")
}

# ---- grid: ggplot2 -------------------------------------------------------------------------------------------------

# A table of grobs named by their places is a plot of ggplot2, or several by patchwork, whose names end in a number;
# other tables and trees (gridExtra, cowplot) may hold such tables.
gg_sentences <- function(grob) {
  if (!("gtable" %in% classes_of(grob))) return(unlist(lapply(grob_parts(grob), gg_sentences)))
  places <- as.character(.subset2(.subset2(grob, "layout"), "name"))
  parts <- unclass(.subset2(grob, "grobs"))
  if (!any(startsWith(places, "panel"))) return(unlist(lapply(Filter(is_grob, parts), gg_sentences)))
  if (!("gtable_patchwork" %in% classes_of(grob))) return(gg_sentence(places, parts))
  is_whole <- places %in% c("title", "subtitle", "caption", "background") | startsWith(places, "guide-box")
  number <- sub(".*-([0-9]+)$", "\\1", places)
  whole <- plot_label(vapply(parts[places == "title"], grob_text, ""))
  each <- lapply(unique(number[!is_whole]), function(one) {
    is_it <- !is_whole & number == one
    inner <- Filter(function(part) "gtable_patchwork" %in% classes_of(part), parts[is_it])
    if (length(inner)) lapply(inner, gg_sentences) else gg_sentence(places[is_it], parts[is_it])
  })
  c(if (nzchar(whole)) paste0(whole, "."), unlist(each, use.names = FALSE))
}

gg_sentence <- function(places, parts) {
  text <- function(start) {
    texts <- vapply(parts[startsWith(places, start)], function(part) if (is_grob(part)) grob_text(part) else "", "")
    paste(unique(texts[nzchar(texts)]), collapse = ", ")
  }
  panels <- parts[startsWith(places, "panel")]
  titles <- guide_titles(parts[startsWith(places, "guide-box")])
  sentence_of(
    unlist(lapply(panels, panel_kinds)), text("title"),
    c(x = text("xlab"), y = text("ylab"), legend = titles, panels = text("strip"))
  )
}

guide_titles <- function(boxes) {
  titles <- character()
  look <- function(grob) {
    if (startsWith(grob_name(grob), "guide.title")) titles <<- c(titles, grob_text(grob))
    else for (part in grob_parts(grob)) look(part)
  }
  for (box in boxes) if (is_grob(box)) look(box)
  paste(unique(titles[nzchar(titles)]), collapse = ", ")
}

geom_kinds <- c(
  geom_point = "points", geom_rect = "bars", geom_smooth = "smoothed line", geom_ribbon = "areas", geom_area = "areas",
  geom_density = "density", geom_boxplot = "boxes", geom_violin = "violins", geom_label = "labels",
  geom_pointrange = "points with ranges", geom_linerange = "ranges", geom_polygon = "shapes", geom_hex = "hexagons",
  geom_dotplot = "dots", geom_crossbar = "boxes", geom_path = "lines", geom_segment = "segments"
)
grob_kinds <- c(
  points = "points", polyline = "lines", lines = "lines", segments = "segments", rastergrob = "image", text = "labels",
  rect = "bars", polygon = "areas", pathgrob = "areas", curve = "curves", circle = "circles"
)

# The layers of a panel, by the names that geoms give their grobs, or what grid draws. Patchwork puts panels together.
panel_kinds <- function(panel) {
  if ("gtable" %in% classes_of(panel)) {
    is_panel <- startsWith(as.character(.subset2(.subset2(panel, "layout"), "name")), "panel")
    return(unlist(lapply(unclass(.subset2(panel, "grobs"))[is_panel], panel_kinds)))
  }
  kinds <- vapply(grob_parts(panel), function(layer) {
    name <- grob_name(layer)
    if (startsWith(name, "grill") || startsWith(name, "panel.")) return("")
    geom <- sub("\\..*", "", name)
    if (geom == "geom_rect" && is_tiled(layer)) return("tiles")
    if (startsWith(geom, "geom_")) {
      kind <- unname(geom_kinds[geom])
      return(if (is.na(kind)) sub("^geom_", "", geom) else kind)
    }
    kind_of_grob(layer)
  }, "")
  kinds[nzchar(kinds)]
}

kind_of_grob <- function(grob) {
  kind <- grob_kinds[intersect(classes_of(grob), names(grob_kinds))]
  if (length(kind)) unname(kind[[1L]]) else ""
}

# Rectangles of one size in rows and columns.
is_tiled <- function(grob) {
  if (!("rect" %in% classes_of(grob))) return(FALSE)
  count <- function(of) {
    values <- unclass(.subset2(grob, of))
    if (is.numeric(values)) length(unique(signif(values, 6L))) else 2L
  }
  count("width") == 1L && count("height") == 1L && count("x") > 1L && count("y") > 1L
}

# ---- grid: lattice -------------------------------------------------------------------------------------------------

# By the beginning of a name within a panel; the first that fits.
lattice_kinds <- c(
  "3dscatter" = "points in space", "3dwire" = "surface", "cloud" = "", "histogram" = "histogram", "barchart" = "bars",
  "bwplot" = "boxes", "levelplot.line" = "contours", "levelplot.label" = "", "levelplot" = "levels",
  "density.points" = "", "density" = "density", "splom" = "scatter plot matrix", "parallel" = "parallel lines",
  "dotplot.abline" = "", "grid" = "", "pairs" = "", "diag" = "", "border" = "", "ticks" = "", "ticklabels" = ""
)

# Each of its plots names its grobs plot_01.main, plot_01.xyplot.points.panel.2.1, ...
lattice_sentences <- function(grobs) {
  names <- vapply(grobs, function(grob) paste0(.subset2(grob, "name"), ""), "")
  is_ours <- grepl("^plot_[0-9]+\\.", names)
  numbers <- sub("\\..*", "", names[is_ours])
  vapply(unique(numbers), function(number) {
    lattice_sentence(grobs[is_ours][numbers == number], sub("^plot_[0-9]+\\.", "", names[is_ours][numbers == number]))
  }, "", USE.NAMES = FALSE)
}

lattice_sentence <- function(grobs, names) {
  text <- function(pattern) {
    texts <- vapply(grobs[grepl(pattern, names)], grob_text, "")
    paste(unique(texts[nzchar(texts)]), collapse = ", ")
  }
  is_inside <- grepl("\\.panel\\.[0-9]", names)
  kinds <- mapply(function(grob, name) {
    start <- names(lattice_kinds)[startsWith(name, names(lattice_kinds))]
    if (length(start)) lattice_kinds[[start[[1L]]]] else kind_of_grob(grob)
  }, grobs[is_inside], names[is_inside])
  kinds <- unlist(kinds)
  if (any(kinds == "histogram")) kinds <- setdiff(kinds, "lines")
  if (any(kinds %in% c("boxes", "bars", "parallel lines"))) kinds <- setdiff(kinds, c("segments", "points"))
  sentence_of(
    kinds[nzchar(kinds)], text("^main$"),
    c(x = text("^xlab$"), y = text("^ylab$"), z = text("^zlab$"), panels = text("^text[lr]\\.strip"))
  )
}
