# R's lm.fit and glm.fit on the rows that model_bench left: bare fits without clusters' errors,
# one thread. Ratios to our whole fit with clusters on one thread.   Rscript model_peer.R FOLDER
folder <- commandArgs(TRUE)[1]
n <- 200000; k <- 60
v <- readBin(file.path(folder, "model.bin"), "double", n * (k + 2))
x <- matrix(v[1:(n * k)], n); y <- v[n * k + 1:n]; poor <- v[n * (k + 1) + 1:n]
ours <- scan(file.path(folder, "model_ours.txt"), quiet = TRUE)
best <- function(f) min(sapply(1:3, function(i) { gc(FALSE); system.time(f())[["elapsed"]] }))
a <- best(function() lm.fit(x, y)); b <- best(function() glm.fit(x, poor, family = binomial()))
cat(sprintf("   200,000 x 60, one thread: R's lm.fit %.3f s, ours with clusters %.3f s: ratio %.1f\n", a, ours[1], a / ours[1]))
cat(sprintf("   200,000 x 60, one thread: R's glm.fit logit %.3f s, ours with clusters %.3f s: ratio %.1f\n", b, ours[2], b / ours[2]))
