# Sensors with data.table: bind the months, join limits, from long to wide.
suppressPackageStartupMessages(library(data.table))
set.seed(23)
months <- lapply(1:3, function(month) {
  data.table(sensor = sample(c("s1", "s2", "s3"), 400, replace = TRUE), month = month, value = rnorm(400, 20, 3))
})
readings <- rbindlist(months)
limits <- data.table(sensor = c("s1", "s2", "s3"), limit = c(24, 25, 26))
readings <- merge(readings, limits, by = "sensor")
readings[, is_over := value > limit]
readings <- readings[value > 10]
rates <- readings[, .(share = mean(is_over), count = .N), by = .(sensor, month)]
wide <- dcast(rates, sensor ~ month, value.var = "share")
long <- melt(wide, id.vars = "sensor", variable.name = "month", value.name = "share")
readings[, limit := NULL]
readings[, rank := frank(-value), by = sensor]
best <- readings[rank <= 3][order(sensor, rank)]
print(wide)
print(best)
