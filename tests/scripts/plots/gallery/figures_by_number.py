# %% Back and forth between figures
import matplotlib.pyplot as plt

plt.figure("first")
plt.plot([1, 2])
plt.figure("second")
plt.plot([2, 1])
plt.figure("first")
plt.plot([1.5, 1.5])
plt.show()
# %% Emptied, closed, closed all
plt.figure(1)
plt.plot([1, 2])
plt.clf()
plt.figure(2)
plt.plot([1, 2])
plt.cla()
plt.figure(3)
plt.close("all")
# %%
plt.plot([1, 2])
plt.gcf()
