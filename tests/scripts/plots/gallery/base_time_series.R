# %% Series
plot(AirPassengers, ylab = "passengers")
lines(lowess(AirPassengers), col = "red")
# %%
acf(lh)
monthplot(AirPassengers)
# %%
plot(decompose(co2))
ts.plot(ldeaths, mdeaths, col = 1:2)
