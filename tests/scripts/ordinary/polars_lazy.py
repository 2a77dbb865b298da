"""A lazy query of web visits with polars: sessions for each visitor, and a pivot by day."""

import datetime as dt
import random

import polars as pl

random.seed(9)
start = dt.datetime(2024, 3, 1)
visits = pl.DataFrame(
    {
        "visitor": [random.randrange(50) for _ in range(1500)],
        "time": [start + dt.timedelta(minutes=random.randrange(7 * 24 * 60)) for _ in range(1500)],
        "page": [random.choice(["home", "shop", "help"]) for _ in range(1500)],
        "seconds": [random.randrange(5, 300) for _ in range(1500)],
    }
)
visitors = pl.DataFrame({"visitor": list(range(50)), "country": [random.choice(["de", "fr", "it"]) for _ in range(50)]})

query = (
    visits.lazy()
    .filter(pl.col("seconds") > 10)
    .with_columns(pl.col("time").dt.date().alias("day"))
    .join(visitors.lazy(), on="visitor", how="inner")
    .group_by("country", "day")
    .agg(pl.col("seconds").sum(), pl.col("visitor").n_unique().alias("visitors"))
)
result = query.collect().sort("day", "country")
wide = result.pivot(on="country", index="day", values="seconds").sort("day")
pages = visits.group_by("page").len().sort("len", descending=True)
print(wide)
print(pages)
