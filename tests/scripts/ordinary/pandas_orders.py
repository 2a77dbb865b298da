"""Orders of a shop: clean them, join the customers, sum up by region."""

import numpy as np
import pandas as pd

rng = np.random.default_rng(7)
customers = pd.DataFrame(
    {
        "customer_id": np.arange(1, 201),
        "region": rng.choice(["north", "south", "east", "west"], 200),
        "since": pd.to_datetime("2019-01-01") + pd.to_timedelta(rng.integers(0, 1500, 200), unit="D"),
    }
)
orders = pd.DataFrame(
    {
        "order_id": np.arange(1000, 3000),
        "customer_id": rng.integers(1, 201, 2000),
        "amount": rng.gamma(2.0, 30.0, 2000).round(2),
        "status": rng.choice(["paid", "open", "returned"], 2000, p=[0.8, 0.15, 0.05]),
    }
)

paid = orders[orders["status"] == "paid"].copy()
paid["amount_net"] = paid["amount"] / 1.19
joined = paid.merge(customers, on="customer_id", how="left", validate="many_to_one")
by_region = joined.groupby("region", as_index=False)["amount_net"].sum()
by_region = by_region.sort_values("amount_net", ascending=False)
print(by_region)

top = joined.nlargest(10, "amount")
print(top[["order_id", "region", "amount"]])
