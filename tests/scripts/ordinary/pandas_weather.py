"""Hourly weather: parse the times, fill short gaps, daily and monthly means."""

import io

import numpy as np
import pandas as pd

rng = np.random.default_rng(3)
hours = pd.date_range("2024-01-01", periods=24 * 60, freq="h")
text = "time,station,temperature\n" + "\n".join(
    f"{hour:%Y-%m-%d %H:%M},{station},{8 + 6 * np.sin(number / 24 * 6.28) + rng.normal():.1f}"
    for number, hour in enumerate(hours)
    for station in ("airport", "harbour")
)
weather = pd.read_csv(io.StringIO(text), parse_dates=["time"])
weather["day"] = weather["time"].dt.normalize()
weather["month"] = weather["time"].dt.to_period("M")

daily = weather.groupby(["station", "day"])["temperature"].agg(["mean", "min", "max"]).reset_index()
wide = daily.pivot(index="day", columns="station", values="mean")
wide["difference"] = wide["airport"] - wide["harbour"]
smooth = wide.rolling(7, min_periods=1).mean()
monthly = weather.groupby(["station", "month"], observed=True)["temperature"].mean().unstack("station")
print(monthly.round(2))
print(smooth.tail())
