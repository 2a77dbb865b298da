# Staff and departments in base R: keys of different names, apply, quantiles.
set.seed(13)
staff <- data.frame(
  person = sprintf("p%03d", 1:150),
  department = sample(c("it", "hr", "law"), 150, replace = TRUE),
  pay = round(rnorm(150, 4000, 800))
)
departments <- data.frame(code = c("it", "hr", "law"), floor = c(3L, 1L, 2L))
full <- merge(staff, departments, by.x = "department", by.y = "code")
full$rank <- ave(-full$pay, full$department, FUN = rank)
full <- full[order(full$department, full$rank), ]
leaders <- full[full$rank == 1, ]
shares <- tapply(full$pay, full$department, sum) / sum(full$pay)
full$band <- cut(full$pay, quantile(full$pay, 0:4 / 4), include.lowest = TRUE, labels = c("d", "c", "b", "a"))
bands <- as.data.frame.matrix(table(full$department, full$band))
unique_departments <- full[!duplicated(full$department), c("department", "floor")]
print(leaders)
print(round(shares, 3))
print(bands)
print(unique_departments)
