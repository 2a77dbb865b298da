# %% Written into files: one picture at most is shown
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.animation import ArtistAnimation, FuncAnimation, PillowWriter

figure, axes = plt.subplots(figsize=(2, 2))
(line,) = axes.plot([0, 1], [0, 1])
moving = FuncAnimation(figure, lambda number: line.set_ydata([number, 1]), frames=3, blit=False)
with tempfile.TemporaryDirectory() as folder:
    moving.save(Path(folder) / "a.gif", writer=PillowWriter(fps=5))
    print((Path(folder) / "a.gif").stat().st_size > 0)
# %% Of ready pictures
figure, axes = plt.subplots(figsize=(2, 2))
frames = [[axes.imshow([[number, 1], [2, 3]], animated=True)] for number in range(3)]
moving = ArtistAnimation(figure, frames)
print(len(moving.to_jshtml()) > 0)
plt.close(figure)
