# Palmer penguins: from a file to a picture, cell by cell (Shift+Enter runs a cell and moves on).

# %% Load
penguins <- read.csv("penguins.csv", stringsAsFactors = TRUE)
dim(penguins)

# %% What is missing
missing <- colSums(is.na(penguins))
print(missing)

# %% Summarise by species
suppressPackageStartupMessages(library(dplyr))
measured <- filter(penguins, !is.na(body_mass_g), !is.na(flipper_length_mm))
by_species <- measured |>
  group_by(species) |>
  summarise(
    body_mass_g = round(mean(body_mass_g), 1),
    flipper_length_mm = round(mean(flipper_length_mm), 1)
  )
by_species

# %% Draw body mass against flipper length
library(ggplot2)

# Okabe-Ito colours: told apart by everybody.
colours <- c(Adelie = "#E69F00", Chinstrap = "#56B4E9", Gentoo = "#009E73")
scatter <- ggplot(measured, aes(flipper_length_mm, body_mass_g, colour = species, shape = species)) +
  geom_point(alpha = 0.8) +
  scale_colour_manual(values = colours) +
  labs(
    x = "Flipper length (mm)", y = "Body mass (g)", colour = NULL, shape = NULL,
    title = "Longer flippers, heavier penguins"
  ) +
  theme_minimal()
scatter

# %% Count by island
counts <- table(penguins$species, penguins$island)
barplot(counts, col = colours[rownames(counts)], legend.text = TRUE, main = "Penguins by island", ylab = "Penguins")

# %% One number to take home
slope <- coef(lm(body_mass_g ~ flipper_length_mm, data = measured))[["flipper_length_mm"]]
cat(sprintf("One millimetre of flipper goes with %.1f g of penguin.\n", slope))
