# %% Two scales over time
import datetime

import matplotlib.dates as dates
import matplotlib.pyplot as plt

days = [datetime.date(2026, 1, 1) + datetime.timedelta(days=7 * n) for n in range(20)]
figure, left = plt.subplots()
left.plot(days, range(20), color="C0")
left.xaxis.set_major_formatter(dates.ConciseDateFormatter(dates.AutoDateLocator()))
left.fill_between(days, 0, range(20), alpha=0.2)
right = left.twinx()
right.plot(days, [n**2 for n in range(20)], color="C1")
right.set_ylabel("squares")
