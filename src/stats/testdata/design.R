# Makes design_rows.csv (a made-up sample of two stages with ties, zeros and a negative value)
# and design_reference.csv: numbers that design_test.c and influence_test.c check. Not needed to
# run the tests. Debian: r-base-core, r-cran-survey, r-cran-laeken.   Rscript design.R
# R's survey gives everything that it has; for figures that only R's convey has, the influence
# values are made here by differentiating the figure numerically in each row's weight, which
# shares nothing with the formulas of the C code; densities as in convey (Gaussian, bandwidth
# sd_w / N^(1/5)). survey then takes the variance.
suppressMessages(library(survey))
set.seed(20261124)
stratum <- rep(1:5, c(40, 60, 50, 70, 80))
n <- length(stratum)
psu <- stratum * 100 + unlist(lapply(split(stratum, stratum), function(s)
  sort(sample(ceiling(length(s) / 10), length(s), TRUE))))
ssu <- psu * 10 + sample(1:3, n, TRUE)
effect <- rnorm(1000, 0, 0.4)
y <- round(exp(rnorm(n, 8.5, 0.7) + effect[psu - 99]) / 50) * 50
y[c(7, 190)] <- 0; y[41] <- -350
w <- round(runif(n, 0.2, 9), 3)
region <- sample(c("a", "b"), n, TRUE, c(.4, .6))
fpc1 <- c(20, 40, 60, 30, 80)[stratum]
fpc2 <- 4 + psu %% 3
a <- rbinom(n, 1, .5); b <- rbinom(n, 1, .4); c <- rbinom(n, 1, .3)
d <- data.frame(stratum, psu, ssu, fpc1, fpc2, y, w, region, a, b, c)
write.csv(d, "design_rows.csv", row.names = FALSE, quote = FALSE)
out <- list()
put <- function(name, x) out[[name]] <<- sprintf("%.15g", as.numeric(x))
N <- sum(w)
full <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = d)
v <- function(u, des = full) sqrt(drop(svyrecvar(u * d$w, des$cluster, des$strata, des$fpc)))

## designs, of a mean
put("se_srs", SE(svymean(~y, svydesign(ids = ~1, weights = ~w, data = d))))
put("se_rows_strata", SE(svymean(~y, svydesign(ids = ~1, strata = ~stratum, weights = ~w, data = d))))
put("se_psu", SE(svymean(~y, full)))
put("df_psu", degf(full))
put("se_total", SE(svytotal(~y, full)))
put("deff", deff(svymean(~y, full, deff = "replace")))
one <- svydesign(ids = ~psu, strata = ~stratum, fpc = ~fpc1, weights = ~w, data = d)
put("se_fpc1", SE(svymean(~y, one)))
two <- svydesign(ids = ~psu + ssu, strata = ~stratum, fpc = ~fpc1 + fpc2, weights = ~w, data = d)
put("se_two_stages", SE(svymean(~y, two)))
dom <- subset(full, region == "a")
put("se_domain", SE(svymean(~y, dom)))
put("df_domain", degf(dom))
put("se_subset_wrong", SE(svymean(~y, svydesign(ids = ~psu, strata = ~stratum, weights = ~w,
                                                data = d[d$region == "a", ]))))
put("se_ratio", SE(svyratio(~y, ~fpc2, full)))
jk <- as.svrepdesign(full, type = "JKn", mse = TRUE)
put("se_jkn", SE(svymean(~y, jk)))
put("se_jk1", SE(svymean(~y, as.svrepdesign(svydesign(ids = ~psu, weights = ~w, data = d),
                                            type = "JK1", mse = TRUE))))
m <- svyby(~y, ~region, full, svymean, covmat = TRUE)
put("se_difference", SE(svycontrast(m, c(-1, 1))))
## lonely strata: all of stratum 1 in one cluster
d1 <- d; d1$psu[d1$stratum == 1] <- 101
lone <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = d1)
for (rule in c("adjust", "certainty", "average")) {
  options(survey.lonely.psu = rule)
  put(paste0("se_lonely_", rule), SE(svymean(~y, lone)))
}
options(survey.lonely.psu = "fail")

## figures by numerical derivative in each weight; kernel parts by hand
z <- 4000
gini <- function(w) { o <- order(y); W <- cumsum(w[o])
  sum(w[o] * y[o] * (2 * W - w[o])) / (sum(w) * sum(w * y)) - 1 }
gini_convey <- function(w) { o <- order(y); W <- cumsum(w[o])
  sum(w[o] * y[o] * (2 * W - 1)) / (sum(w) * sum(w * y)) - 1 }
up <- y > 0
mu <- function(w) sum(w[up] * y[up]) / sum(w[up])
x <- function(w) y[up] / mu(w)
mw <- function(w, t) sum(w[up] * t) / sum(w[up])
ge <- function(a) function(w) if (a == 0) -mw(w, log(x(w))) else if (a == 1)
  mw(w, x(w) * log(x(w))) else (mw(w, x(w)^a) - 1) / (a^2 - a)
atk <- function(e) function(w) if (e == 1) 1 - exp(mw(w, log(x(w)))) else
  1 - mw(w, x(w)^(1 - e))^(1 / (1 - e))
fgt <- function(a) function(w) sum(w * ifelse(y < z, (1 - y / z)^a, 0)) / sum(w)
watts <- function(w) mw(w, ifelse(y[up] < z, log(z / y[up]), 0))
gap <- pmax(0, (z - y) / z)
sst <- function(w) { p <- outer(gap, gap, pmax); sum(outer(w, w) * p) / sum(w)^2 }
lorenz <- function(p) function(w) { o <- order(y)
  approx(c(0, cumsum(w[o]) / sum(w)), c(0, cumsum((w * y)[o])) / sum(w * y), p, ties = "ordered")$y }
deriv <- function(f) vapply(seq_len(n), function(i) { h <- 1e-4
  at <- function(k) { v <- w; v[i] <- v[i] + k * h; f(v) }
  (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h) }, 0)
num <- list(fgt0 = fgt(0), fgt1 = fgt(1), fgt2 = fgt(2), watts = watts, sst = sst, gini = gini,
  gini_convey_form = gini_convey, ge0 = ge(0), ge1 = ge(1), ge2 = ge(2), atkinson05 = atk(.5),
  atkinson1 = atk(1), atkinson2 = atk(2))
for (k in names(num)) put(paste0("se_", k), v(deriv(num[[k]])))
for (p in 1:9) put(paste0("se_lorenz", p), v(deriv(lorenz(p / 10))))
h <- sqrt(sum(w * (y - sum(w * y) / N)^2) / N) / N^0.2
f <- function(t) sum(w * dnorm((t - y) / h)) / (N * h)
o <- order(y); quant <- function(p) y[o][which(cumsum(w[o]) >= p * N - 1e-9)[1]]
iq <- function(p) -((y <= quant(p)) - p) / (N * f(quant(p)))
for (p in c(.1, .5, .9)) put(paste0("se_q", p * 100), v(iq(p)))
isq <- function(p) y * (y <= quant(p)) + sum(w * y * dnorm((quant(p) - y) / h)) / h * iq(p)
S20 <- sum((w * y)[y <= quant(.2)]); S80 <- sum((w * y)[y > quant(.8)])
put("se_s80s20", v((y - isq(.8)) / S20 - S80 / S20^2 * isq(.2)))
## relative line: 60 % of the median, and 50 % of the mean; slopes by a numerical derivative
relative <- function(tag, line, lin) {
  for (a in 0:2) {
    g <- function(t) sum(w * ifelse(y < t, (1 - y / t)^a, 0)) / N
    slope <- if (a == 0) f(line) else (g(line + .01) - g(line - .01)) / .02
    put(paste0("se_fgt", a, "_", tag), v((ifelse(y < line, (1 - y / line)^a, 0) - g(line)) / N + slope * lin))
  }
  ws <- function(t) mw(w, ifelse(y[up] < t, log(t / y[up]), 0))
  u <- ifelse(up, (ifelse(up & y < line, log(line / pmax(y, 1)), 0) - ws(line)) / sum(w[up]), 0)
  put(paste0("se_watts_", tag), v(u + (ws(line + .01) - ws(line - .01)) / .02 * lin))
  zz <- z; z <<- line; ss <- function(t) { g <- pmax(0, (t - y) / t)
    sum(outer(w, w) * outer(g, g, pmax)) / N^2 }
  gap <<- pmax(0, (line - y) / line)
  put(paste0("se_sst_", tag), v(deriv(sst) + (ss(line + .01) - ss(line - .01)) / .02 * lin))
  z <<- zz; gap <<- pmax(0, (z - y) / z)
}
put("se_line_median", v(.6 * iq(.5)))
relative("median", .6 * quant(.5), .6 * iq(.5))
relative("mean", .5 * sum(w * y) / N, .5 * (y - sum(w * y) / N) / N)
## a domain at the line of everybody
dm <- d$region == "a"; line <- .6 * quant(.5); ND <- sum(w[dm])
p <- sum((w * (y < line))[dm]) / ND
fd <- sum((w * dnorm((line - y) / h))[dm]) / (ND * h)
put("se_fgt0_domain_national", v(ifelse(dm, ((y < line) - p) / ND, 0) + fd * .6 * iq(.5)))

## Alkire–Foster, weights 2, 1, 1, k = 1/2
score <- (2 * a + b + c) / 4; poor <- score >= .5
d$poor <- poor; d$c <- score * poor; d$bk <- b * poor; d$ak <- a * poor; d$pw <- d$bk / 4
mp <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = d)
for (k in list(c("h", "poor"), c("m0", "c"), c("hd", "b"), c("hdk", "bk"), c("actb", "pw")))
  put(paste0("se_", k[1]), v(d[[k[2]]] / N - sum(w * d[[k[2]]]) / N^2))
put("se_a", SE(svymean(~c, subset(mp, poor))))
put("se_pctb", SE(svyratio(~pw, ~c, mp)))
ci <- confint(svyciprop(~poor, mp, method = "logit"))
put("h_low", ci[1]); put("h_high", ci[2])
cat("measure,value\n", paste0(names(out), ",", unlist(out), "\n"), sep = "", file = "design_reference.csv")
