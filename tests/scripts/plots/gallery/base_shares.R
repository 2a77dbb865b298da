# %% Slices and mosaics
pie(c(a = 3, b = 2, c = 1), col = hcl.colors(3), clockwise = TRUE, main = "slices")
# %%
mosaicplot(~ Sex + Class, data = as.data.frame.table(Titanic), color = TRUE)
spineplot(factor(cyl) ~ mpg, mtcars)
# %%
assocplot(HairEyeColor[, , 1])
fourfoldplot(UCBAdmissions[, , 1])
