# The data set mtcars in base R: factors, models, residuals.
cars <- mtcars
cars$model <- rownames(cars)
cars$gear_box <- factor(cars$am, levels = c(0, 1), labels = c("automatic", "manual"))
cars <- transform(cars, litres = 235.2 / mpg)
fit <- lm(litres ~ wt + hp, data = cars)
cars$fitted <- fitted(fit)
cars$rest <- residuals(fit)
heavy <- cars[cars$wt > 3.5, ]
means <- aggregate(cbind(litres, hp) ~ gear_box + cyl, data = cars, FUN = mean)
cars <- cars[order(cars$rest), ]
worst <- tail(cars[, c("model", "litres", "fitted")], 5)
print(round(coef(fit), 3))
print(means)
print(worst)
print(nrow(heavy))
