# Makes zenga_reference.csv from design_rows.csv, the numbers that zenga_test.c checks. Not needed
# to run the test. Debian: r-base-core, r-cran-survey.   Rscript zenga.R
# By another route than the C code: Zenga's curve along the Lorenz curve is integrated numerically
# (Gauss and Legendre, 40 points a piece), and its influence is a numerical derivative.
suppressMessages(library(survey))
d <- read.csv("design_rows.csv"); full <- svydesign(~psu, strata = ~stratum, weights = ~w, data = d)
k <- which(d$y >= 0); y <- d$y[k]
m <- 40; b <- (1:(m - 1)) / sqrt(4 * (1:(m - 1))^2 - 1); J <- matrix(0, m, m)
J[cbind(1:(m - 1), 2:m)] <- b; J[cbind(2:m, 1:(m - 1))] <- b
e <- eigen(J, symmetric = TRUE); node <- (e$values + 1) / 2; gw <- e$vectors[1, ]^2
zenga <- function(y, w) { o <- order(y); p <- c(0, cumsum(w[o]) / sum(w)); l <- c(0, cumsum((w * y)[o]) / sum(w * y))
  r <- rev(c(0, cumsum(rev((w * y)[o])) / sum(w * y))); q <- rev(c(0, cumsum(rev(w[o])) / sum(w)))
  n <- length(y); s <- 0
  for (g in 1:m) { a <- node[g]; P <- p[-(n + 1)] + a * diff(p); L <- l[-(n + 1)] + a * diff(l)
    R <- r[-(n + 1)] * (1 - a) + r[-1] * a; Q <- q[-(n + 1)] * (1 - a) + q[-1] * a
    s <- s + sum(gw[g] * diff(p) * (1 - L / P * Q / R)) }
  s }
convey <- function(y, w) { o <- order(y); y <- y[o]; w <- w[o]; N <- sum(w); H <- cumsum(w)
  before <- c(0, cumsum(w * y)[-length(y)]); 1 - sum(w * (N - H) * before / (N * H * (sum(w * y) - before))) }
se <- function(f) { w <- d$w[k]; u <- vapply(seq_along(w), function(i) { h <- w[i] * 1e-3
  at <- function(j) { v <- w; v[i] <- v[i] + j * h; f(y, v) }
  (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h) }, 0)
  z <- numeric(nrow(d)); z[k] <- u * w; sqrt(svyrecvar(z, full$cluster, full$strata, full$fpc)) }
out <- c(zenga = zenga(y, d$w[k]), se_zenga = se(zenga), zenga_convey = convey(y, d$w[k]), se_zenga_convey = se(convey))
cat("measure,value\n", paste0(names(out), ",", sprintf("%.15g", out), "\n"), sep = "", file = "zenga_reference.csv")
