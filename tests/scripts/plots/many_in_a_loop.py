# %% Figures that are shown, closed, shown twice, and left open
import matplotlib.pyplot as plt
from IPython.display import display

for number in range(3):
    figure, axes = plt.subplots()
    axes.plot(range(number + 2))
    plt.show()
# %%
figure, axes = plt.subplots()
axes.plot([1, 2])
plt.close(figure)
display(figure)
axes.plot([2, 1])
figure  # noqa: B018 - the value of the cell
# %%
for number in range(4):
    plt.figure(number)
    plt.plot([number, 0])
plt.close(2)
