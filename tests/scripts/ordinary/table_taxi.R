# Taxi rides with data.table: by reference, grouped, joined on a unique key.
suppressPackageStartupMessages(library(data.table))
set.seed(4)
rides <- data.table(ride = 1:3000, zone = sample(LETTERS[1:5], 3000, replace = TRUE), km = round(rexp(3000, 0.2), 2))
zones <- data.table(zone = LETTERS[1:5], name = c("Airport", "Centre", "Docks", "East", "Fair"))
rides[, fare := round(2.5 + 1.8 * km, 2)]
long_rides <- rides[km > 2]
named <- zones[long_rides, on = "zone"]
by_zone <- named[, .(rides = .N, mean_fare = mean(fare)), by = name][order(name)]
rides[zones, zone_name := i.name, on = "zone"]
setorder(rides, -fare)
best <- head(rides, 5)
setkey(zones, zone)
print(by_zone)
print(best)
