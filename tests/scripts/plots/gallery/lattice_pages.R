# %% More panels than a page holds
library(lattice)
xyplot(mpg ~ wt | factor(carb), mtcars, layout = c(2, 1))
# %% Printed in a loop, and one that is not
for (name in c("hp", "qsec")) print(xyplot(reformulate(name, "mpg"), mtcars, main = name))
kept <- bwplot(mpg ~ factor(gear), mtcars)
# %%
kept
update(kept, main = "changed")
