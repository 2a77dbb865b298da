"""Taxi rides with polars: filter, derive, group and join the zones."""

import random

import polars as pl

random.seed(4)
rides = pl.DataFrame(
    {
        "ride": list(range(3000)),
        "zone": [random.choice("ABCDE") for _ in range(3000)],
        "km": [round(random.expovariate(0.2), 2) for _ in range(3000)],
        "tip": [round(random.random() * 5, 2) for _ in range(3000)],
    }
)
zones = pl.DataFrame({"zone": list("ABCDE"), "name": ["Airport", "Centre", "Docks", "East", "Fair"]})

rides = rides.with_columns((2.5 + 1.8 * pl.col("km")).round(2).alias("fare"))
long_rides = rides.filter(pl.col("km") > 2)
named = long_rides.join(zones, on="zone", how="left")
by_zone = named.group_by("name").agg(pl.len().alias("rides"), pl.col("fare").mean().alias("mean_fare")).sort("name")
best = named.sort("tip", descending=True).head(5)
print(by_zone)
print(best)
