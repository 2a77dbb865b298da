"""Staff and departments: several joins with unique keys, an index that is set and reset, ranks."""

import numpy as np
import pandas as pd

rng = np.random.default_rng(13)
staff = pd.DataFrame(
    {
        "person": [f"p{number:03d}" for number in range(150)],
        "department": rng.choice(["it", "hr", "law"], 150),
        "pay": rng.normal(4000, 800, 150).round(),
    }
)
departments = pd.DataFrame({"code": ["it", "hr", "law"], "floor": [3, 1, 2]})
rooms = pd.DataFrame({"floor": [1, 2, 3], "rooms": [20, 15, 30]}).set_index("floor")

full = pd.merge(staff, departments, left_on="department", right_on="code").drop(columns="code")
full = full.join(rooms, on="floor")
full["rank"] = full.groupby("department")["pay"].rank(ascending=False)
full = full.sort_values(["department", "rank"])
leaders = full[full["rank"] == 1].set_index("person")
share = full.groupby("department")["pay"].sum() / full["pay"].sum()
full["pay"] = full["pay"].astype("int64")
unique = full.drop_duplicates(subset="department")
print(leaders)
print(share.round(3))
print(unique[["department", "floor", "rooms"]])
