# %% Sizes of the user's own
old <- options(repr.plot.width = 8, repr.plot.height = 2)
plot(1:10)
# %%
options(old)
plot(10:1)
