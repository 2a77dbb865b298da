# %% Days and hours
days <- as.Date("2026-01-01") + 0:60
plot(days, sin(0:60 / 9), type = "l", xaxt = "n")
axis.Date(1, at = seq(days[1], by = "month", length.out = 3), format = "%b")
# %%
hours <- as.POSIXct("2026-03-01", tz = "UTC") + 3600 * 0:23
plot(hours, 0:23, type = "o")
hist(days, "months", freq = TRUE)
