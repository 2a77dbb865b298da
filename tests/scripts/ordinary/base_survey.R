# A survey in base R: recode, cut, cross-tabulate, from wide to long.
set.seed(11)
size <- 600
raw <- data.frame(
  id = seq_len(size), Age = sample(18:90, size, replace = TRUE),
  answer_1 = sample(1:5, size, replace = TRUE), answer_2 = sample(1:5, size, replace = TRUE),
  City = sample(c("Bremen", "Kiel", "Ulm"), size, replace = TRUE)
)
survey <- raw
names(survey) <- tolower(names(survey))
survey$age_group <- cut(survey$age, c(17, 34, 54, 90), labels = c("young", "middle", "old"))
survey$city <- factor(survey$city)
survey <- survey[survey$age < 85, ]
survey$mean_answer <- rowMeans(survey[, c("answer_1", "answer_2")])
shares <- prop.table(table(survey$age_group, survey$city), 1)
long <- rbind(
  data.frame(id = survey$id, question = "one", answer = survey$answer_1),
  data.frame(id = survey$id, question = "two", answer = survey$answer_2)
)
means <- tapply(long$answer, long$question, mean)
print(round(shares, 3))
print(means)
