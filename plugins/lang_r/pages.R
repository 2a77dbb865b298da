# Pages and addresses that code opens go to the window: `browseURL`, `options(viewer = )`, `options(page_viewer = )`. Sent
# after `help_pages.R` in the same `local()`. What the user has set stays; without a window R's own browser opens them.

is_ours <- function(value) !is.null(attr(value, "fourpane", exact = TRUE))

own_browser <- getOption("browser")
if (is_ours(own_browser)) own_browser <- attr(own_browser, "fourpane", exact = TRUE)

open_page <- function(address) {
  if (is.null(window_comm)) return(invisible(utils::browseURL(address, browser = own_browser)))
  send_event("viewer.show", list(address = enc2utf8(as.character(address)[[1L]]), folder = enc2utf8(tempdir())))
  invisible(NULL)
}

ours <- function(value) structure(value, fourpane = if (is.character(own_browser)) own_browser else "")

if (!is.function(own_browser)) options(browser = ours(function(url) open_page(url)))
if (is.null(getOption("viewer")) || is_ours(getOption("viewer"))) {
  options(viewer = ours(function(url, height = NULL) open_page(url)))
}
if (is.null(getOption("page_viewer")) || is_ours(getOption("page_viewer"))) {
  options(page_viewer = ours(function(url, title = "", self_contained = FALSE) open_page(url)))
}
