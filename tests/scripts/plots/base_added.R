# %% A plot that is added to in the same cell, after words
plot(1:10)
print("between")
points(10:1, col = 2)
cat("after\n")
# %% Plots within functions
draw <- function(n) {
  plot(seq_len(n))
  invisible(n)
}
done <- sapply(2:4, draw)
# %% Nothing
invisible(3)
