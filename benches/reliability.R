# Reliability of a long questionnaire in R: psych and factanal.
#
#     Rscript benches/reliability.R FOLDER REPEATS [PERSONS]
#
# FOLDER holds one file of little-endian doubles an item, called by its number, 25 of them, complete; with PERSONS they are
# drawn first. Prints the milliseconds of every repeat by the clock, and the coefficients. Needs psych (and GPArotation).

suppressPackageStartupMessages(library(psych))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
repeats <- as.integer(arguments[2])
items <- 25

if (length(arguments) > 2) {
  persons <- as.integer(arguments[3])
  dir.create(folder, showWarnings = FALSE, recursive = TRUE)
  set.seed(25)
  factor <- rnorm(persons)
  for (item in seq_len(items)) {
    loading <- 0.4 + 0.02 * item
    latent <- loading * factor + sqrt(1 - loading^2) * rnorm(persons)
    answers <- as.numeric(cut(latent, c(-Inf, -1.2, -0.4, 0.4, 1.2, Inf), labels = FALSE))
    writeBin(answers, file.path(folder, item), size = 8, endian = "little")
  }
}

read_item <- function(item) {
  path <- file.path(folder, item)
  readBin(path, "double", n = file.size(path) / 8, size = 8, endian = "little")
}
x <- as.data.frame(lapply(seq_len(items), read_item), col.names = paste0("i", seq_len(items)))

timed <- function(name, work) {
  times <- vapply(seq_len(repeats), function(i) {
    start <- proc.time()[["elapsed"]]
    found <<- work()
    1e3 * (proc.time()[["elapsed"]] - start)
  }, 0)
  cat(name, sprintf("%.0f", times), "\n")
  found
}
found <- NULL

cat(sprintf("%s, psych %s, %d persons, %d items\n", R.version.string, packageVersion("psych"), nrow(x), ncol(x)))
alpha_found <- timed("alpha", function() psych::alpha(x))
factor_found <- timed("factanal", function() {
  fit <- factanal(x, 1)
  sum(fit$loadings)^2 / (sum(fit$loadings)^2 + sum(fit$uniquenesses))
})
omega_found <- timed("omega", function() suppressMessages(suppressWarnings(psych::omega(x, nfactors = 1, fm = "ml", plot = FALSE))))
# What both need, and nothing else: the least R could do.
covariance <- timed("covariance", function() cov(x))
cat(sprintf("alpha %.12f, omega by factanal %.8f, by psych %.8f\n", alpha_found$total$raw_alpha, factor_found,
  omega_found$omega.tot))
