# %% A figure with nothing in it shows nothing
import matplotlib.pyplot as plt

figure = plt.figure()
# %%
plt.show()
# %% Axes with nothing in them are something
plt.subplots()
print("done")
