"""Marks of a school with polars: long to wide, ranks, joins with a key that is unique."""

import random

import polars as pl

random.seed(21)
subjects = ["maths", "english", "physics"]
marks = pl.DataFrame(
    [
        {"pupil": pupil, "subject": subject, "mark": random.randint(1, 6)}
        for pupil in range(1, 121)
        for subject in subjects
    ]
)
pupils = pl.DataFrame({"pupil": range(1, 121), "form": [random.choice(["7a", "7b", "7c"]) for _ in range(120)]})

wide = marks.pivot(on="subject", index="pupil", values="mark")
wide = wide.with_columns(pl.mean_horizontal(subjects).alias("mean"))
school = wide.join(pupils, on="pupil", how="inner", validate="1:1")
school = school.with_columns(pl.col("mean").rank().over("form").alias("rank"))
best = school.filter(pl.col("rank") <= 3).sort("form", "rank")
forms = school.group_by("form").agg(pl.col("mean").mean().round(2), pl.len().alias("pupils")).sort("form")
long = school.unpivot(on=subjects, index=["pupil", "form"], variable_name="subject", value_name="mark")
print(best)
print(forms)
print(long.head())
