# Makes people.csv (300 made-up people) and reference.csv, the numbers that poverty_test.c checks.
# Not needed to run the test. Debian: r-base-core, r-cran-laeken.   Rscript reference.R
# What laeken has is laeken's; the rest follows the definitions, by other routes than our C
# (pairs for the Gini, approx() for the Lorenz curve).
suppressMessages(library(laeken))
set.seed(20261123)
n <- 300
y <- round(exp(rnorm(n, 8.5, 0.8)) / 50) * 50
y[c(7, 90)] <- 0
y[41] <- -350
w <- round(runif(n, 0.2, 9), 3)
group <- sample(c("east", "west", "north"), n, TRUE)
write.csv(data.frame(y = y, w = w, group = group), "people.csv", row.names = FALSE, quote = FALSE)
z <- 3000
N <- sum(w)
gap <- pmax(0, (z - y) / z)
pairs <- function(x, v) sum(outer(v, v) * abs(outer(x, x, "-"))) / (2 * sum(v) * sum(v * x))
up <- y > 0; yp <- y[up]; wp <- w[up]; mu <- sum(wp * yp) / sum(wp); x <- yp / mu
mean_w <- function(t) sum(wp * t) / sum(wp)
ge <- function(a) if (a == 0) -mean_w(log(x)) else if (a == 1) mean_w(x * log(x)) else
  (mean_w(x^a) - 1) / (a^2 - a)
atk <- function(e) if (e == 1) 1 - exp(mean_w(log(x))) else 1 - mean_w(x^(1 - e))^(1 / (1 - e))
o <- order(y)
lorenz <- approx(c(0, cumsum(w[o]) / N), c(0, cumsum((w * y)[o])) / sum(w * y), (0:10) / 10)$y
Wi <- cumsum(w[o])
r <- c(
  fgt0 = sum(w * (y < z)) / N, fgt1 = sum(w * gap) / N, fgt2 = sum(w * gap^2) / N,
  fgt0_weak = sum(w * (y <= z)) / N,
  watts = sum(wp * ifelse(yp < z, log(z / yp), 0)) / sum(wp),
  sst = sum(w * gap) / N * (1 + pairs(gap, w)),
  mean = weighted.mean(y, w), gini = gini(y, w)$value / 100, gini_pairs = pairs(y, w),
  gini_convey = sum(w[o] * y[o] * (2 * Wi - 1)) / (N * sum(w * y)) - 1,
  "ge-1" = ge(-1), ge0 = ge(0), ge1 = ge(1), ge2 = ge(2), "ge0.5" = ge(0.5),
  atkinson0.5 = atk(0.5), atkinson1 = atk(1), atkinson2 = atk(2),
  s80s20 = qsr(y, w)$value, arpt = arpt(y, w), arpr = arpr(y, w)$value / 100,
  setNames(weightedQuantile(y, w, c(0.1, 0.25, 0.5, 0.9)), c("q0.1", "q0.25", "q0.5", "q0.9")),
  setNames(lorenz, paste0("lorenz", 0:10)))
cat("measure,value\n", paste0(names(r), ",", sprintf("%.15g", r), "\n"), sep = "",
    file = "reference.csv")
