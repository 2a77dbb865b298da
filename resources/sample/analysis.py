"""Palmer penguins: from a file to a picture, cell by cell (Shift+Enter runs a cell and moves on)."""

# %% Load
import pandas as pd

penguins = pd.read_csv("penguins.csv")
penguins.shape

# %% What is missing
missing = penguins.isna().sum()
print(missing)

# %% Summarise by species
measured = penguins.dropna(subset=["body_mass_g", "flipper_length_mm"])
by_species = measured.groupby("species")[["body_mass_g", "flipper_length_mm"]].mean().round(1)
by_species

# %% Draw body mass against flipper length
import matplotlib.pyplot as plt

# Okabe-Ito colours: told apart by everybody.
colours = {"Adelie": "#E69F00", "Chinstrap": "#56B4E9", "Gentoo": "#009E73"}
markers = {"Adelie": "o", "Chinstrap": "s", "Gentoo": "^"}

figure, axes = plt.subplots()
for species, rows in measured.groupby("species"):
    axes.scatter(
        rows["flipper_length_mm"], rows["body_mass_g"], s=18, alpha=0.8,
        color=colours[species], marker=markers[species], label=species,
    )
axes.set_xlabel("Flipper length (mm)")
axes.set_ylabel("Body mass (g)")
axes.set_title("Longer flippers, heavier penguins")
axes.legend(frameon=False)
plt.show()

# %% Count by island
counts = pd.crosstab(penguins["island"], penguins["species"])
counts.plot.barh(stacked=True, color=colours, title="Penguins by island")
plt.xlabel("Penguins")
plt.show()

# %% One number to take home
slope = measured["flipper_length_mm"].cov(measured["body_mass_g"]) / measured["flipper_length_mm"].var()
print(f"One millimetre of flipper goes with {slope:.1f} g of penguin.")
