# %% Two pages of two, with words around
par(mfrow = c(1, 2), oma = c(0, 0, 2, 0))
for (n in 1:4) {
  plot(seq_len(n + 1))
  if (n %% 2 == 1) mtext("outer", outer = TRUE)
}
# %%
par(bg = "grey95", fg = "blue", col.axis = "red", las = 2, pty = "s")
plot(1:3, main = "of its own look")
