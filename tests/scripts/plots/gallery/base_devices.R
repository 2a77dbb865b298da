# %% Opened and closed by the script
dev.new()
plot(1:3)
invisible(dev.off())
# %% Shown on the kernel's own
plot(3:1)
length(dev.list()) >= 0
