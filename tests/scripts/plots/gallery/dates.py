# %% Months and hours
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np

days = np.arange("2026-01-01", "2026-07-01", dtype="datetime64[D]")
figure, (above, below) = plt.subplots(2, figsize=(6, 4))
above.plot(days, np.sin(np.arange(days.size) / 20))
above.xaxis.set_major_locator(mdates.MonthLocator())
above.xaxis.set_major_formatter(mdates.DateFormatter("%b"))
hours = np.datetime64("2026-03-01T00:00") + np.arange(48).astype("timedelta64[h]")
below.plot(hours, np.arange(48) % 24, drawstyle="steps-post")
below.axvspan(hours[8], hours[17], alpha=0.2)
figure.autofmt_xdate()
