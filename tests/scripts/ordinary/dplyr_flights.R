# Flights with dplyr: filter, mutate, group and join the airlines, whose key is unique.
suppressPackageStartupMessages(library(dplyr))
set.seed(5)
airlines <- tibble(carrier = c("AA", "BB", "CC", "DD"), name = c("Alpha", "Beta", "Gamma", "Delta"))
flights <- tibble(
  flight = 1:2500,
  carrier = sample(airlines$carrier, 2500, replace = TRUE),
  distance = round(runif(2500, 100, 3000)),
  delay = round(rexp(2500, 0.05) - 10)
)
late <- flights %>% filter(delay > 15)
flights <- flights %>% mutate(hours = distance / 800, is_late = delay > 15)
named <- flights %>% left_join(airlines, by = "carrier")
by_airline <- named %>%
  group_by(name) %>%
  summarise(flights = n(), late = mean(is_late), delay = mean(delay)) %>%
  arrange(desc(late))
worst <- named %>% slice_max(delay, n = 5, with_ties = FALSE) %>% select(flight, name, delay)
print(by_airline)
print(worst)
print(nrow(late))
