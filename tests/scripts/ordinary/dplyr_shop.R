# Sales of a shop with dplyr: missing prices are replaced, then sums and running totals.
suppressPackageStartupMessages(library(dplyr))
set.seed(8)
sales <- tibble(
  day = rep(seq(as.Date("2024-01-01"), by = "day", length.out = 100), each = 5),
  product = rep(c("tea", "coffee", "milk", "bread", "jam"), 100),
  pieces = rpois(500, 12)
)
prices <- tibble(product = c("tea", "coffee", "milk", "bread", "jam"), price = c(3.2, 5.5, 1.1, 2.8, 3.9))
sales <- sales %>% left_join(prices, by = "product") %>% mutate(revenue = pieces * price)
daily <- sales %>% group_by(day) %>% summarise(revenue = sum(revenue)) %>% mutate(total = cumsum(revenue))
products <- sales %>% group_by(product) %>% summarise(pieces = sum(pieces), revenue = sum(revenue))
products <- products %>% mutate(share = revenue / sum(revenue)) %>% arrange(desc(share))
months <- daily %>% mutate(month = format(day, "%m")) %>% group_by(month) %>% summarise(revenue = sum(revenue))
sales <- sales %>% mutate(product = as.factor(product), weekday = weekdays(day))
print(products)
print(months)
