# %% By another variable
coplot(lat ~ long | depth, quakes[1:200, ], panel = panel.smooth, number = 4)
# %%
cdplot(factor(am) ~ wt, mtcars)
interaction.plot(ToothGrowth$dose, ToothGrowth$supp, ToothGrowth$len)
# %%
stars(mtcars[1:4, 1:5], draw.segments = TRUE)
