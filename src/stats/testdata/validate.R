# Makes validate_rows.csv (240 made-up people in strata and clusters, with ties and missing values)
# and validate_reference.csv, the numbers that validate_test.c checks. Not needed to run the test.
# Debian: r-base-core, r-cran-survey.   Rscript validate.R
# By other routes than the C code: the AUC over all pairs, its influence by differentiating it
# numerically in each row's weight, the calibration line by glm, targeting by giving each person
# a length on a line.
suppressMessages(library(survey))
set.seed(20261125)
n <- 240
stratum <- rep(1:3, each = 80); psu <- stratum * 100 + sample(1:9, n, TRUE)
x <- rnorm(n) + rnorm(1000, 0, .5)[psu]
welfare <- round(exp(8 - .5 * x + rnorm(n, 0, .5)))
line <- 2400
truth <- as.numeric(welfare < line)
score <- round(plogis(-.6 + .7 * x), 2); score[score < .02] <- .02
w <- round(runif(n, .2, 9), 3); w[17] <- 0
score[5] <- NA; truth[9] <- NA; w[30] <- NA; welfare[50] <- NA
d <- data.frame(stratum, psu, truth, score, welfare, w)
write.csv(d, "validate_rows.csv", row.names = FALSE, quote = FALSE, na = "")
out <- list(); put <- function(name, x) out[[name]] <<- sprintf("%.15g", as.numeric(x))
k <- which(is.finite(score) & is.finite(truth) & is.finite(w) & w > 0)
s <- score[k]; t <- truth[k]; v <- w[k]
auc <- function(v) { i <- t == 1; m <- outer(s[i], s[!i], function(a, b) (a > b) + (a == b) / 2)
  sum(outer(v[i], v[!i]) * m) / (sum(v[i]) * sum(v[!i])) }
put("auc", auc(v)); put("weight", sum(v)); put("rows", length(k))
put("brier", sum(v * (t - s)^2) / sum(v))
put("log_loss", -sum(v * (t * log(s) + (1 - t) * log(1 - s))) / sum(v))
put("in_large", sum(v * (t - s)) / sum(v))
g <- suppressWarnings(glm(t ~ qlogis(s), binomial, weights = v, control = list(epsilon = 1e-14, maxit = 100)))
put("intercept", coef(g)[1]); put("slope", coef(g)[2])
u <- vapply(seq_along(v), function(i) { h <- 1e-4; at <- function(j) { z <- v; z[i] <- z[i] + j * h; auc(z) }
  (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h) }, 0)
d$w0 <- ifelse(is.finite(w), w, 0); full <- svydesign(~psu, strata = ~stratum, weights = ~w0, data = d, nest = TRUE)
z <- numeric(n); z[k] <- u * v
put("se_auc", sqrt(svyrecvar(z, full$cluster, full$strata, full$fpc)))
## part of each row inside the top share q by score; rows with a tie share alike
top <- function(s, v, q) { need <- q * sum(v); above <- vapply(s, function(a) sum(v[s > a]), 0)
  own <- vapply(s, function(a) sum(v[s == a]), 0); pmin(1, pmax(0, (need - above) / own)) }
for (q in c(.1, .25, .6)) { p <- function(name, x) put(paste0(name, "_", q * 100), x)
  a <- top(s, v, q)
  p("exclusion", sum(v * t * (1 - a)) / sum(v * t)); p("inclusion", sum(v * (1 - t) * a) / sum(v * a))
  p("accuracy", sum(v * (t * a + (1 - t) * (1 - a))) / sum(v)) }
kw <- k[is.finite(welfare[k])]; s <- score[kw]; t <- truth[kw]; v <- w[kw]; y <- welfare[kw]
a <- top(s, v, .25)
put("cgh", sum(v * a * top(-y, v, .25)) / sum(v * a) / .25)
b <- pmin(4, floor(y / line * 5))
for (i in 0:4) { j <- t == 1 & y < line & b == i
  put(paste0("weight_band", i), sum(v[j])); put(paste0("exclusion_band", i), sum((v * (1 - a))[j]) / sum(v[j])) }
put("exclusion_welfare", sum(v * t * (1 - a)) / sum(v * t))
cat("measure,value\n", paste0(names(out), ",", unlist(out), "\n"), sep = "", file = "validate_reference.csv")
