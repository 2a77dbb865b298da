# Daily weather in base R: dates, means by month, wide by station.
set.seed(3)
days <- seq(as.Date("2024-01-01"), by = "day", length.out = 180)
weather <- expand.grid(day = days, station = c("airport", "harbour"))
weather$temperature <- round(10 + 8 * sin(as.numeric(weather$day) / 58) + rnorm(nrow(weather)), 1)
weather$month <- format(weather$day, "%Y-%m")

monthly <- aggregate(temperature ~ station + month, data = weather, FUN = mean)
wide <- reshape(monthly, idvar = "month", timevar = "station", direction = "wide")
wide$difference <- wide$temperature.airport - wide$temperature.harbour
warm <- subset(weather, temperature > 15)
counts <- as.data.frame(table(warm$station, warm$month))
names(counts) <- c("station", "month", "days")
extremes <- do.call(rbind, lapply(split(weather, weather$station), function(part) part[which.max(part$temperature), ]))
print(wide)
print(head(counts))
print(extremes)
