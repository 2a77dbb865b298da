"""Prices of three stocks: returns, volatility, correlation."""

import numpy as np
import pandas as pd

rng = np.random.default_rng(5)
days = pd.bdate_range("2023-01-02", periods=250)
prices = pd.DataFrame(
    100 * np.exp(rng.normal(0, 0.01, (250, 3)).cumsum(axis=0)), index=days, columns=["alpha", "beta", "gamma"]
)
returns = prices.pct_change().dropna()
volatility = returns.std() * np.sqrt(250)
correlation = returns.corr()
weekly = prices.resample("W-FRI").last()
best = returns.idxmax()
summary = pd.DataFrame({"volatility": volatility, "best_day": best})
summary["last"] = prices.iloc[-1]
summary = summary.sort_values("volatility")
print(correlation.round(2))
print(weekly.head())
print(summary)
