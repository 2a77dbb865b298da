"""Measured penguins: drop the incomplete, standardize, regress by hand."""

import numpy as np
import pandas as pd

rng = np.random.default_rng(31)
size = 344
species = rng.choice(["Adelie", "Chinstrap", "Gentoo"], size)
flipper = np.select([species == "Adelie", species == "Chinstrap"], [190.0, 196.0], 217.0) + rng.normal(0, 6, size)
penguins = pd.DataFrame(
    {
        "species": species,
        "flipper_mm": flipper.round(),
        "mass_g": (flipper * 50 - 5800 + rng.normal(0, 300, size)).round(),
    }
)
penguins.loc[rng.choice(size, 6, replace=False), "mass_g"] = np.nan
print(penguins.isna().sum())

complete = penguins[penguins["mass_g"].notna()].reset_index(drop=True)
numbers = complete[["flipper_mm", "mass_g"]]
scaled = (numbers - numbers.mean()) / numbers.std()
scaled["species"] = complete["species"]
slope, intercept = np.polyfit(complete["flipper_mm"], complete["mass_g"], 1)
complete["fitted"] = intercept + slope * complete["flipper_mm"]
complete["rest"] = complete["mass_g"] - complete["fitted"]
figures = complete.groupby("species").agg(count=("mass_g", "size"), mean=("mass_g", "mean"), spread=("rest", "std"))
print(figures.round(1))
print(scaled.groupby("species").mean().round(2))
