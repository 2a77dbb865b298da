# %% Functions of the user's own in a figure
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

unit = "EUR"
figure, axes = plt.subplots()
axes.plot([1, 4, 2])
axes.yaxis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:.1f} {unit}"))
axes.xaxis.set_major_formatter(lambda value, place: f"#{value:.0f}")


# %% A class of the user's own
class Mark(plt.Line2D):
    def draw(self, renderer):
        self.set_linewidth(4)
        super().draw(renderer)


figure, axes = plt.subplots()
axes.add_artist(Mark([0, 1], [0, 1], color="red"))
