# %% Cells of unequal size
import matplotlib.pyplot as plt
import numpy as np

edges = np.array([0, 1, 3, 6])
plt.pcolormesh(edges, edges, np.arange(9).reshape(3, 3), edgecolors="k")
plt.show()
plt.spy(np.eye(12)[::-1], markersize=4)
plt.show()
# %% A spectrum over time
signal = np.sin(np.linspace(0, 200, 2000) ** 1.3)
figure, (above, below) = plt.subplots(2)
above.specgram(signal, NFFT=128, Fs=100, noverlap=64)
below.psd(signal, NFFT=128)
