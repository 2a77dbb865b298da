# %% Frames that replace each other
import matplotlib.pyplot as plt
from IPython.display import clear_output, display
from matplotlib.animation import FuncAnimation

figure, axes = plt.subplots(figsize=(3, 2))
(line,) = axes.plot([0, 1], [0, 0])
axes.set_ylim(0, 4)
for number in range(4):
    line.set_ydata([0, number])
    clear_output(wait=True)
    display(figure)
plt.close(figure)
# %%
handle = display(figure, display_id=True)
for number in range(3):
    line.set_ydata([number, 0])
    handle.update(figure)
# %% As a video for the page
moving = FuncAnimation(figure, lambda number: line.set_ydata([0, number]), frames=3)
print(len(moving.to_jshtml()) > 1000)
