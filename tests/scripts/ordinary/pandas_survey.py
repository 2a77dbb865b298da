"""A survey: rename, recode, drop the empty answers, cross-tabulate."""

import numpy as np
import pandas as pd

rng = np.random.default_rng(11)
size = 600
raw = pd.DataFrame(
    {
        "Respondent ID": np.arange(size),
        "Age": rng.integers(18, 90, size),
        "Answer 1": rng.choice([1, 2, 3, 4, 5], size),
        "Answer 2": rng.choice([1, 2, 3, 4, 5], size),
        "City": rng.choice(["Bremen", "Kiel", "Ulm"], size),
    }
)
survey = raw.rename(columns=lambda name: name.lower().replace(" ", "_"))
survey["age_group"] = pd.cut(survey["age"], [17, 34, 54, 90], labels=["young", "middle", "old"])
survey["city"] = survey["city"].astype("category")
survey = survey[survey["age"] < 85]
survey = survey.assign(mean_answer=survey[["answer_1", "answer_2"]].mean(axis=1))

table = pd.crosstab(survey["age_group"], survey["city"], normalize="index").round(3)
long = survey.melt(id_vars=["respondent_id", "city"], value_vars=["answer_1", "answer_2"], value_name="answer")
means = long.groupby(["city", "variable"], observed=True)["answer"].mean().reset_index()
print(table)
print(means)
