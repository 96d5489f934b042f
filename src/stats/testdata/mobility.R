# Makes panel_rows.csv (a made-up panel of 90 people and 7 periods with gaps and missing values),
# panel_reference.csv, and ricefarms_reference.csv of ../../../../shared/data/ricefarms: the
# numbers that mobility_test.c checks. Not needed to run the test.
# Debian: r-base-core, r-cran-survey.   Rscript mobility.R
# survey gives transition shares and their errors (subset() and svymean, svyratio, svycontrast);
# spells are found person by person in text form.
suppressMessages(library(survey))
write <- function(out, file) cat("measure,value\n", paste0(names(out), ",",
  vapply(out, function(x) sprintf("%.15g", as.numeric(x)), ""), "\n"), sep = "", file = file)
transitions <- function(d, ids, strata, m) {
  out <- list(); d$known <- is.finite(d$before) & is.finite(d$after)
  full <- svydesign(ids, strata = strata, weights = ~w, data = d, nest = TRUE)
  for (i in 1:m) for (j in 1:m) { full <- update(full, hit = as.numeric(known & after == j))
    s <- svymean(~hit, subset(full, known & before == i))
    out[[paste0("share", i, j)]] <- coef(s); out[[paste0("se", i, j)]] <- SE(s) }
  for (i in 1:m) out[[paste0("df", i)]] <- degf(subset(full, known & before == i))
  full <- update(full, stay = as.numeric(known & before == after))
  s <- svymean(~stay, subset(full, known)); out$stayers <- coef(s); out$se_stayers <- SE(s)
  top <- list()
  for (i in 1:m) { d[[paste0("a", i)]] <- as.numeric(d$known & d$before == i & d$after == i)
    d[[paste0("n", i)]] <- as.numeric(d$known & d$before == i) }
  d[is.na(d)] <- 0
  full <- svydesign(ids, strata = strata, weights = ~w, data = d, nest = TRUE)
  tot <- svytotal(as.formula(paste("~", paste0(rep(c("a", "n"), m), rep(1:m, each = 2), collapse = "+"))), full)
  e <- parse(text = paste0("(", m, "-(", paste0("a", 1:m, "/n", 1:m, collapse = "+"), "))/", m - 1))[[1]]
  s <- svycontrast(tot, as.call(list(as.name("+"), e, 0))); out$shorrocks <- coef(s); out$se_shorrocks <- SE(s)
  out }
spells <- function(id, period, poor) {
  out <- list(spells = 0, left = 0, right = 0); rows <- NULL
  for (p in unique(id)) { k <- which(id == p); t <- period[k]; v <- rep("?", diff(range(t)) + 1)
    v[t - min(t) + 1] <- ifelse(is.na(poor[k]), "?", c("o", "P")[poor[k] + 1])
    text <- paste(v, collapse = ""); at <- gregexpr("o+", text)[[1]]
    if (at[1] > 0) for (j in seq_along(at)) { len <- attr(at, "match.length")[j]; first <- at[j]
      before <- if (first > 1) substr(text, first - 1, first - 1) else "?"
      after <- if (first + len <= nchar(text)) substr(text, first + len, first + len) else "?"
      out$spells <- out$spells + 1; out$left <- out$left + (before == "?"); out$right <- out$right + (after == "?")
      periods <- len - (after == "?")
      if (periods > 0) rows <- rbind(rows, data.frame(id = p, t = min(t) + first - 2 + seq_len(periods),
        duration = seq_len(periods), left = before == "?", event = c(rep(0, periods - 1), as.numeric(after == "P")))) } }
  out$periods <- nrow(rows); out$events <- sum(rows$event); out$duration <- sum(rows$duration)
  out$left_periods <- sum(rows$left); out$check <- sum(rows$id * rows$t * (1 + rows$event) * rows$duration)
  rows$d2 <- as.numeric(rows$duration == 2); rows$d3 <- as.numeric(rows$duration > 2)
  for (link in c("cloglog", "logit")) { g <- glm(event ~ d2 + d3, binomial(link), rows, control = list(epsilon = 1e-14, maxit = 200))
    for (j in 1:3) out[[paste0(link, j)]] <- coef(g)[j] }
  out }

set.seed(20261126)
n <- 90; T <- 7
p <- expand.grid(period = 2015:(2014 + T), id = 1000 + 1:n)
state <- unlist(lapply(1:n, function(i) { y <- cumsum(rnorm(T, 0, .6)) + rnorm(1); findInterval(y, c(-.7, .5)) }))
p$state <- state; p$poor <- as.numeric(state == 0)
p$w <- rep(round(runif(n, .3, 5), 3), each = T)
p$stratum <- rep(rep(1:3, each = 30), each = T); p$psu <- rep((0:(n - 1)) %/% 5, each = T)
gone <- sample(nrow(p), 40); p$poor[gone] <- NA; p$state[gone] <- NA
p <- p[-sample(nrow(p), 35), ]; p <- p[sample(nrow(p)), ]
m <- match(paste(p$id, p$period + 1), paste(p$id, p$period))
p$after <- p$state[m]; p$before <- p$state
write.csv(p[, c("id", "period", "stratum", "psu", "w", "before", "after", "poor")], "panel_rows.csv",
          row.names = FALSE, quote = FALSE, na = "")
q <- p; q$before <- q$before + 1; q$after <- q$after + 1
write(c(transitions(q, ~psu, ~stratum, 3), spells(p$id, p$period, p$poor)), "panel_reference.csv")

## rice farms: gross output per hectare below its 30 % and 70 % quantiles over all seasons
f <- "../../../../shared/data/ricefarms/RiceFarms.csv"
if (file.exists(f)) {
  r <- read.csv(f); r$season <- ave(r$id, r$id, FUN = seq_along); r$yield <- r$goutput / r$size
  cut <- quantile(r$yield, c(.3, .7), type = 1)
  r$before <- findInterval(r$yield, cut) + 1; r$w <- r$size
  r$after <- r$before[match(paste(r$id, r$season + 1), paste(r$id, r$season))]
  r$code <- match(r$region, unique(r$region))
  o <- transitions(r[, c("id", "code", "w", "before", "after")], ~id, ~code, 3)
  o$cut1 <- cut[1]; o$cut2 <- cut[2]
  write(c(o, spells(r$id, r$season, as.numeric(r$before == 1))), "ricefarms_reference.csv")
}
