"""Sensor readings in several files: concatenate, remove impossible values, sum up for each sensor."""

import numpy as np
import pandas as pd

rng = np.random.default_rng(23)
parts = []
for month in (1, 2, 3):
    size = 400
    parts.append(
        pd.DataFrame(
            {
                "sensor": rng.choice(["s1", "s2", "s3"], size),
                "month": month,
                "value": rng.normal(20, 3, size),
                "battery": rng.uniform(2.8, 3.3, size),
            }
        )
    )
readings = pd.concat(parts, ignore_index=True)
readings.loc[readings["value"] > 26, "flag"] = "high"
readings["flag"] = readings["flag"].fillna("normal")
limits = pd.DataFrame({"sensor": ["s1", "s2", "s3"], "limit": [24.0, 25.0, 26.0]})
readings = readings.merge(limits, on="sensor")
readings["is_over"] = readings["value"] > readings["limit"]
readings = readings[readings["battery"] > 2.9]
rates = readings.groupby(["sensor", "month"])["is_over"].mean().unstack()
readings = readings.drop(columns=["limit"])
readings = readings.reset_index(drop=True)
print(rates.round(3))
