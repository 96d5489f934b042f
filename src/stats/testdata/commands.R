# Makes commands_reference.csv: numbers that study_cmd_test.c checks, from design_rows.csv. Not
# needed to run the tests. Debian: r-base-core, r-cran-survey, r-cran-sandwich.   Rscript commands.R
suppressMessages({library(survey); library(sandwich)})
d <- read.csv("design_rows.csv")
full <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = d)
out <- list()
put <- function(name, x) for (i in seq_along(x))
  out[[paste0(name, if (length(x) > 1) i - 1 else "")]] <<- sprintf("%.15g", as.numeric(x[i]))
old <- subset(full, y >= 2000 & region == "a")
put("mean_if", c(coef(svymean(~y, old)), SE(svymean(~y, old)), degf(old)))
put("sd", sqrt(as.numeric(svyvar(~y, full))))
m <- svymean(~factor(region), full); put("share", coef(m)); put("share_se", SE(m))
ci <- svyciprop(~I(region == "a"), full, method = "logit"); put("share_ci", attr(ci, "ci"))
put("total_se", SE(svytotal(~factor(region), full)))
r <- svyby(~I(a == 1), ~region, full, svymean, keep.var = TRUE)
put("row_share", r[, 3]); put("row_share_se", r[, 5])
se <- function(v) sqrt(diag(v))
x <- lm(y ~ factor(region) * fpc2 + I(a * b) + pmax(0, fpc1 - 30) + fpc1, d)
k <- c("(Intercept)", "factor(region)b", "fpc2", "factor(region)b:fpc2", "I(a * b)", "fpc1", "pmax(0, fpc1 - 30)")
put("lm_b", coef(x)[k]); put("lm_hc3", se(vcovHC(x, "HC3"))[k]); put("lm_p", 2 * pt(-abs(coef(x)[k] / se(vcovHC(x, "HC3"))[k]), x$df.residual))
x <- lm(log(w) ~ factor(fpc2) - 1, d, subset = region == "b"); put("none_b", coef(x)); put("none_iid", se(vcov(x)))
x <- svyglm(a ~ factor(fpc2) + b, full, family = quasibinomial, control = glm.control(epsilon = 1e-14, maxit = 100))
put("logit_b", coef(x)); put("logit_se", se(vcov(x)))
# average marginal effects: each level against the first with the others off
b <- coef(x); V <- vcov(x); X <- model.matrix(x); lev <- grep("fpc2", names(b))
ame <- function(b, j) { one <- X; one[, lev] <- 0; zero <- one; one[, j] <- 1
  weighted.mean(plogis(drop(one %*% b)) - plogis(drop(zero %*% b)), d$w) }
for (j in lev) { g <- sapply(seq_along(b), function(i) { h <- 1e-5; at <- function(t) { z <- b; z[i] <- z[i] + t * h; ame(z, j) }
    (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h) })
  put(paste0("ame", j), ame(b, j)); put(paste0("ame_se", j), sqrt(drop(g %*% V %*% g))) }
writeLines(c("measure,value", paste0(names(out), ",", unlist(out))), "commands_reference.csv")
