# %% What was drawn before something went wrong
import matplotlib.pyplot as plt

try:
    plt.plot([1, 2], [1, 2, 3])
except ValueError as error:
    print("not drawn:", type(error).__name__)
plt.plot([1, 2])
# %% Drawn in parts, with words between
for number in range(2):
    print("before", number)
    plt.plot([number, 1])
    plt.show()
    print("after", number)
