# %% What was drawn before something went wrong
plot(1:3)
try(lines("no"), silent = TRUE)
tryCatch(plot(1:2, 1:3), error = function(e) cat("not drawn\n"))
# %%
suppressWarnings(plot(c(1, NA, 3), log = "y"))
plot(c(1, -1, 3), ylim = c(1, 3))
