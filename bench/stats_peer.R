# R's data.table on the columns that stats_bench left in a folder, one thread, CPU times and ratios.
#     Rscript stats_peer.R FOLDER
if (!requireNamespace("data.table", quietly = TRUE)) {
  cat("   data.table is not installed (Debian: r-cran-data.table)\n")
  quit()
}
suppressMessages(library(data.table))
setDTthreads(1)
folder <- commandArgs(TRUE)[1]
n <- file.size(file.path(folder, "weight.i32")) / 4
column <- function(name, size, signed) readBin(file.path(folder, name), "integer", n, size, signed)
d <- data.table(county = column("county.u16", 2, FALSE), pattern = column("pattern.u16", 2, FALSE),
                y = column("income.i32", 4, TRUE), w = column("weight.i32", 4, TRUE))
weights <- c(3, 3, 3, 3, 2, 2, 2, 1, 1, 1, 1, 2)
bits <- outer(0:4095, 0:11, function(p, j) bitwAnd(bitwShiftR(p, j), 1L))
score <- bits %*% weights
poor <- as.numeric(score * 3 >= 24)
ours <- read.table(file.path(folder, "ours.txt"), row.names = 1)
timed <- function(name, run) {
  ms <- Inf
  for (i in 1:2) {
    t <- system.time(x <- run(), gcFirst = TRUE)
    ms <- min(ms, (t[["user.self"]] + t[["sys.self"]]) * 1000)
  }
  cat(sprintf("   data.table %-6s %9.1f ms; ours %8.2f ms: %6.1f times; answers %.9f and %.9f\n",
              name, ms, ours[name, 1], ms / ours[name, 1], x, ours[name, 2]))
}
timed("af", function() {
  g <- d[, .(m = sum(as.numeric(w))), by = .(county, pattern)]
  i <- g$pattern + 1L
  g[, `:=`(h = m * poor[i], m0 = m * poor[i] * score[i])]
  for (j in 1:12) {
    b <- bits[i, j]
    set(g, NULL, paste0("d", j), g$m * b)
    set(g, NULL, paste0("b", j), g$h * b)
  }
  r <- g[, lapply(.SD, sum), by = county, .SDcols = -"pattern"]
  sum(r$h) / sum(r$m)
})
timed("fgt", function() {
  r <- d[, {
    gap <- pmax(4000 - y, 0)
    .(w = sum(w), p0 = sum(w * (y < 4000)), p1 = sum(w * gap), p2 = sum(w * gap * gap))
  }, by = county]
  sum(r$p2) / 16e6 / sum(as.numeric(r$w))
})
timed("gini", function() {
  o <- order(d$y)
  y <- as.numeric(d$y[o])
  w <- as.numeric(d$w[o])
  sum(w * y * (2 * cumsum(w) - w)) / (sum(w) * sum(w * y)) - 1
})
