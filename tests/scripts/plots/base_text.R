# %% Formulas and signs
plot(0:1, 0:1, type = "n", main = expression(alpha^2 + sqrt(beta)), xlab = "prix \u20ac")
text(0.5, 0.5, expression(integral(f(x) * dx, a, b)), cex = 2)
mtext("margin", side = 4)
# %%
set.seed(1)
sunflowerplot(round(rnorm(50)), round(rnorm(50)))
