# Makes model_reference.csv: numbers that model_test.c and model_net_test.c check, from
# design_rows.csv. Not needed to run the tests. Debian: r-base-core, r-cran-sandwich,
# r-cran-survey, r-cran-quantreg, r-cran-glmnet.   Rscript model.R
suppressMessages({library(sandwich); library(survey); library(quantreg); library(glmnet)})
d <- read.csv("design_rows.csv")
d$poor <- as.numeric(d$y < 5000)
d$count <- (d$psu * 7 + d$ssu * 3) %% 5 + d$a
out <- list()
put <- function(name, x) for (i in seq_along(x))
  out[[paste0(name, if (length(x) > 1) i - 1 else "")]] <<- sprintf("%.15g", as.numeric(x[i]))
se <- function(v) sqrt(diag(v))
f <- y ~ a + b + c + fpc1 + fpc2
m <- lm(f, d); mw <- lm(f, d, weights = w)
both <- function(tag, m, cluster = d$psu) {
  put(paste0(tag, "_b"), coef(m)); put(paste0(tag, "_iid"), se(vcov(m)))
  for (t in 0:3) put(paste0(tag, "_hc", t), se(vcovHC(m, type = paste0("HC", t))))
  put(paste0(tag, "_cluster"), se(vcovCL(m, cluster = cluster)))  # HC1 for lm, HC0 for glm
}
both("ols", m); both("wls", mw)
put("ols_r2", summary(m)$r.squared); put("ols_r2a", summary(m)$adj.r.squared)
put("ols_sigma", summary(m)$sigma); put("ols_ll", logLik(m)); put("wls_ll", logLik(mw))
put("wls_r2", summary(mw)$r.squared)
put("ols_cov12", vcov(m)[1, 2])
p <- predict(m, data.frame(a = 1, b = 0, c = 1, fpc1 = 33, fpc2 = 5), se.fit = TRUE)
put("ols_at", p$fit); put("ols_at_se", p$se.fit)
n0 <- lm(y ~ 0 + fpc1 + fpc2, d)
put("none_b", coef(n0)); put("none_iid", se(vcov(n0))); put("none_r2", summary(n0)$r.squared)
full <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = d)
sv <- svyglm(f, full); put("svy_b", coef(sv)); put("svy_se", se(vcov(sv)))
dom <- svyglm(f, subset(full, region == "a")); put("dom_b", coef(dom)); put("dom_se", se(vcov(dom))); put("dom_df", degf(dom$survey.design))
tight <- glm.control(epsilon = 1e-14, maxit = 100)
# glm stops when the deviance does: its coefficients settle a few steps later
glm <- function(...) { call <- match.call(); call[[1]] <- quote(stats::glm)
  m <- eval(call, parent.frame())
  for (i in 1:6) { call$start <- coef(m); m <- eval(call, parent.frame()) }
  m }
g <- poor ~ a + b + c + fpc1 + fpc2
for (link in c("logit", "probit", "cloglog")) {
  m <- glm(g, binomial(link), d, control = tight)
  both(link, m); put(paste0(link, "_ll"), logLik(m)); put(paste0(link, "_dev"), deviance(m))
  put(paste0(link, "_ll0"), logLik(stats::glm(poor ~ 1, binomial(link), d, control = tight)))
  w <- suppressWarnings(glm(g, quasibinomial(link), d, weights = w, control = tight))
  put(paste0(link, "_w_b"), coef(w))
  s <- svyglm(g, full, family = quasibinomial(link), control = tight, start = coef(w))
  put(paste0(link, "_svy_se"), se(vcov(s)))
  # average marginal effects, derivatives by hand; errors by a numerical derivative
  ame <- function(b) { X <- model.matrix(m); eta <- drop(X %*% b); L <- m$family
    X1 <- X0 <- X; X1[, "a"] <- 1; X0[, "a"] <- 0
    c(mean(L$linkinv(drop(X1 %*% b)) - L$linkinv(drop(X0 %*% b))), mean(L$mu.eta(eta)) * b[5]) }
  b <- coef(m); J <- sapply(seq_along(b), function(j) { h <- 1e-5 * max(abs(b[j]), .01)
    at <- function(t) { z <- b; z[j] <- z[j] + t * h; ame(z) }
    (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h) })
  put(paste0(link, "_ame"), ame(b)); put(paste0(link, "_ame_se"), se(J %*% vcov(m) %*% t(J)))
}
m <- glm(count ~ a + b + c + fpc1 + fpc2, poisson, d, control = tight)
both("poisson", m); put("poisson_ll", logLik(m)); put("poisson_dev", deviance(m))
m <- glm(count ~ a + b + offset(log(w)), poisson, d, control = tight)
put("offset_b", coef(m)); put("offset_iid", se(vcov(m))); put("offset_ll0", logLik(stats::glm(count ~ 1 + offset(log(w)), poisson, d, control = tight)))

## quantiles: an outcome without ties, and quantiles between the rows: there is one answer
d$u <- d$y + 137 * sin(seq_len(nrow(d)) * 1.7)
for (t in c(.111, .317, .513, .893)) {
  q <- rq(u ~ a + b + c + fpc1 + fpc2, tau = t, data = d, method = "br")
  put(paste0("rq", t * 1000, "_b"), coef(q)); put(paste0("rq", t * 1000, "_v"), q$rho)
  put(paste0("rq", t * 1000, "_iid"), suppressWarnings(summary(q, se = "iid")$coefficients[, 2]))
  put(paste0("rq", t * 1000, "_ker"), suppressWarnings(summary(q, se = "ker")$coefficients[, 2]))
}
q <- rq(u ~ a + b + c + fpc1 + fpc2, tau = .3, data = d, weights = w); put("rqw_b", coef(q))

## wild cluster bootstrap, all 2^8 sign vectors, by brute force: clusters are psu %% 8
cl <- d$psu %% 8; X <- model.matrix(f, d); A <- solve(crossprod(X)); y <- d$y
tstat <- function(y, j, v) { b <- A %*% crossprod(X, y); e <- drop(y - X %*% b)
  S <- rowsum(X * e, cl); V <- A %*% crossprod(S) %*% A; (b[j] - v) / sqrt(V[j, j]) }
wild <- function(j, v) { X0 <- X[, -j]; y0 <- y - v * X[, j]
  b0 <- solve(crossprod(X0), crossprod(X0, y0)); e <- drop(y0 - X0 %*% b0)
  fit <- drop(X0 %*% b0) + v * X[, j]; t0 <- abs(tstat(y, j, v))
  t <- apply(as.matrix(expand.grid(rep(list(c(-1, 1)), 8))), 1, function(s)
    abs(tstat(fit + e * s[cl + 1], j, v)))
  mean(t >= t0 * (1 - 1e-9)) }
for (j in 2:5) put(paste0("wild_p", j - 1), wild(j, 0))
put("wild_p1_500", wild(2, 500))

## elastic net: columns of very different size; the outcome at deviation 1 (1/n), as glmnet's
## ridge part wants it
x <- as.matrix(d[, c("a", "b", "c", "fpc1", "fpc2", "w")])
yy <- d$y; yy <- (yy - mean(yy)) / sqrt(mean((yy - mean(yy))^2))
fold <- (seq_along(yy) * 7) %% 5 + 1
for (alpha in c(1, .5, 0)) {
  l <- c(.2, .1, .05, .01, .002)
  m <- glmnet(x, yy, alpha = alpha, lambda = l, thresh = 1e-20, maxit = 1e7)
  put(paste0("net", alpha * 100, "_b"), as.vector(as.matrix(coef(m))))
  c <- cv.glmnet(x, yy, alpha = alpha, lambda = l, foldid = fold, thresh = 1e-20, maxit = 1e7)
  put(paste0("net", alpha * 100, "_cv"), c$cvm); put(paste0("net", alpha * 100, "_sd"), c$cvsd)
}
m <- glmnet(x, yy, alpha = 1, thresh = 1e-20, maxit = 1e7); put("net_lambda", m$lambda[c(1, 2, 30)])
wn <- glmnet(x, d$y, weights = d$w, lambda = c(300, 50), thresh = 1e-20, maxit = 1e7)
put("netw_b", as.vector(as.matrix(coef(wn))))
for (alpha in c(1, .5, 0)) {
  l <- c(.05, .02, .005)
  m <- glmnet(x, d$poor, family = "binomial", alpha = alpha, lambda = l, thresh = 1e-20, maxit = 1e7)
  put(paste0("netl", alpha * 100, "_b"), as.vector(as.matrix(coef(m))))
  c <- cv.glmnet(x, d$poor, family = "binomial", alpha = alpha, lambda = l, foldid = fold, thresh = 1e-20, maxit = 1e7)
  put(paste0("netl", alpha * 100, "_cv"), c$cvm); put(paste0("netl", alpha * 100, "_sd"), c$cvsd)
}
cat("measure,value\n", paste0(names(out), ",", unlist(out), "\n"), sep = "", file = "model_reference.csv")
