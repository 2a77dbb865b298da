# Orders of a shop in base R: join the customers, sum up by region.
set.seed(7)
customers <- data.frame(
  customer_id = 1:200,
  region = sample(c("north", "south", "east", "west"), 200, replace = TRUE)
)
orders <- data.frame(
  order_id = 1001:3000,
  customer_id = sample(1:200, 2000, replace = TRUE),
  amount = round(rgamma(2000, 2, 1 / 30), 2),
  status = sample(c("paid", "open", "returned"), 2000, replace = TRUE, prob = c(0.8, 0.15, 0.05))
)
paid <- orders[orders$status == "paid", ]
paid$net <- paid$amount / 1.19
joined <- merge(paid, customers, by = "customer_id")
by_region <- aggregate(net ~ region, data = joined, FUN = sum)
by_region <- by_region[order(-by_region$net), ]
print(by_region)
top <- head(joined[order(-joined$amount), c("order_id", "region", "amount")], 10)
print(top)
