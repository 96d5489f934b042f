# Numbers that effect_*_test.c check and that statistics.md does not print, or prints otherwise.
# Not needed to run the tests. Debian: r-base-core.   Rscript effect.R [../../../../shared/data]
path <- commandArgs(TRUE); path <- if (length(path)) path[1] else "../../../../shared/data"
d <- read.csv(file.path(path, "effects-mpdta/mpdta.csv")); d <- d[order(d$countyreal, d$year), ]

## Callaway and Sant'Anna: the error of the mean over groups, with the groups' shares as R's did
## takes them before its pull request 223 (first number, 0.01241527), and as they are (second).
Y <- matrix(d$lemp, ncol = 5, byrow = TRUE); G <- matrix(d$first.treat, ncol = 5, byrow = TRUE)[, 1]
n <- nrow(Y); years <- 2003:2007; groups <- c(2004, 2006, 2007)
att <- gg <- tt <- c(); phi <- NULL
for (g in groups) for (t in 2:5) {
  base <- if (years[t] >= g) which(years == g - 1) else t - 1
  dy <- Y[, t] - Y[, base]; m1 <- mean(dy[G == g]); m0 <- mean(dy[G == 0])
  att <- c(att, m1 - m0); gg <- c(gg, g); tt <- c(tt, years[t])
  phi <- cbind(phi, n * ((G == g) * (dy - m1) / sum(G == g) - (G == 0) * (dy - m0) / sum(G == 0)))
}
share <- sapply(groups, function(g) mean(G == g))
theta <- sapply(groups, function(g) mean(att[gg == g & tt >= g]))
by.group <- sapply(groups, function(g) rowMeans(phi[, gg == g & tt >= g, drop = FALSE]))
for (group in list(gg, groups)) {
  one <- sapply(1:3, function(k) (G == group[k]) - share[k])
  f <- by.group %*% (share / sum(share)) +
    (one / sum(share) - rowSums(one) %*% t(share / sum(share)^2)) %*% theta
  print(sqrt(mean(f^2) / n), digits = 9)
}

## Imputation: horizons by lm instead of fixest's iteration.
d$D <- d$first.treat > 0 & d$year >= d$first.treat
m <- lm(lemp ~ factor(countyreal) + factor(year), d[!d$D, ]); r <- d$lemp - predict(m, d)
for (e in 0:3) print(mean(r[d$D & d$year - d$first.treat == e]), digits = 12)

## LaLonde, six subclasses: weighted regression on the covariates.
l <- read.csv(file.path(path, "effects-lalonde/lalonde.csv"), stringsAsFactors = TRUE)
score <- fitted(glm(treat ~ age + educ + race + married + nodegree + re74 + re75, binomial, l))
s <- factor(findInterval(score, quantile(score[l$treat == 1], 0:6 / 6), all.inside = TRUE))
size <- table(s, l$treat); w <- ifelse(l$treat == 1, 1, (size[, 2] / size[, 1])[s])
print(coef(lm(re78 ~ treat + age + educ + race + married + nodegree + re74 + re75, l, weights = w))[
  "treat"], digits = 9)

## California: how often the 200 draws of synthdid's placebos from seed 12345 took each control.
set.seed(12345); print(tabulate(replicate(200, sample(1:38)[38]), 38))

## Power: two-sided 5 %, 80 %, 100 clusters of 20, correlation 0.05.
print((qt(.975, 98) + qt(.8, 98)) * sqrt((1 + 19 * .05) / (.25 * 20 * 100)), digits = 12)
