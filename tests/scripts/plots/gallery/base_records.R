# %% Recorded and shown again
plot(1:5, main = "recorded")
kept <- recordPlot()
# %%
plot(5:1)
replayPlot(kept)
# %%
kept
