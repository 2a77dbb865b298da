# %% One display for a figure that changes, another that stays
import matplotlib.pyplot as plt
from IPython.display import display, update_display

figure, axes = plt.subplots(figsize=(3, 2))
display(figure, display_id="moving")
for number in range(2):
    axes.plot([number, 1])
    update_display(figure, display_id="moving")
plt.close(figure)
# %% Twice the same id
display(figure, display_id="moving")
display("text only")
display(figure)
