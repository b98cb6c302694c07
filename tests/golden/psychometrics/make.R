# Reliability, raters and teams by psych, lavaan, multilevel and base R, written as JSON and CSV.
#
#     Rscript make.R           # writes reliability.json icc.json teams.json teams.csv versions.txt
#
# Run in this folder by make.py, which writes the data first.

suppressPackageStartupMessages({
  library(psych)
  library(lavaan)
  library(multilevel)
})
options(stringsAsFactors = FALSE, OutDec = ".", warn = 1)

# ---- numbers as text -------------------------------------------------------------------------------------------------
# The fewest of 15, 16 and 17 digits that read back as the same double.
digits <- function(x) {
  vapply(x, function(one) {
    if (is.na(one)) return("null")
    stopifnot(is.finite(one))
    for (n in 15:17) {
      text <- sprintf(paste0("%.", n, "g"), one)
      if (as.numeric(text) == one) return(text)
    }
  }, "", USE.NAMES = FALSE)
}

quoted <- function(text) if (length(text)) paste0('"', text, '"') else character()

# Lists with names are objects, without are arrays; I(x) keeps a vector of one an array.
json <- function(x, indent = "") {
  deeper <- paste0(indent, " ")
  if (is.list(x)) {
    if (length(x) == 0) return("{}")
    parts <- vapply(x, json, "", indent = deeper, USE.NAMES = FALSE)
    if (!is.null(names(x))) parts <- paste0(quoted(names(x)), ": ", parts)
    ends <- if (is.null(names(x))) c("[", "]") else c("{", "}")
    return(paste0(ends[1], "\n", deeper, paste(parts, collapse = paste0(",\n", deeper)), "\n", indent, ends[2]))
  }
  cells <- if (is.character(x)) quoted(x) else if (is.logical(x)) tolower(x) else digits(x)
  if (length(cells) == 1 && !inherits(x, "AsIs")) cells else paste0("[", paste(cells, collapse = ", "), "]")
}

write_text <- function(text, path) {
  file <- file(path, open = "wb")
  writeLines(text, file, sep = "\n", useBytes = TRUE)
  close(file)
}

write_table <- function(data, path) {
  cells <- lapply(data, function(column) {
    text <- if (is.numeric(column)) digits(column) else as.character(column)
    ifelse(is.na(column), "", text)
  })
  write_text(c(paste(names(data), collapse = ","), do.call(paste, c(unname(cells), sep = ","))), path)
}

# ---- data ------------------------------------------------------------------------------------------------------------
phq8 <- read.csv("phq8.csv")[, -1]
raw <- read.csv("second.csv")
a <- paste0("a", 1:6)
b <- paste0("b", 1:6)
reversed <- c("a3", "a5", "b4")
second <- raw
second[reversed] <- 6 - second[reversed]

# ---- reliability -----------------------------------------------------------------------------------------------------
z <- qnorm(0.975)

split_max <- function(m, sizes) {
  k <- ncol(m)
  best <- -Inf
  for (size in sizes) {
    halves <- combn(k, size)
    for (i in seq_len(ncol(halves))) {
      half <- halves[, i]
      best <- max(best, 4 * sum(m[half, -half]) / sum(m))
    }
  }
  best
}

lambda2 <- function(m) {
  k <- ncol(m)
  off <- sum(m^2) - sum(diag(m)^2)
  1 - sum(diag(m)) / sum(m) + sqrt(k / (k - 1) * off) / sum(m)
}

lambda6 <- function(m) 1 - sum(1 / diag(solve(m))) / sum(m)

omega_of <- function(loadings, uniquenesses) sum(loadings)^2 / (sum(loadings)^2 + sum(uniquenesses))

# One factor by maximum likelihood, its variance 1.
omegas <- function(x) {
  model <- paste("f =~", paste(names(x), collapse = " + "))
  from_lavaan <- function(data) {
    fit <- cfa(model, data = data, std.lv = TRUE, estimator = "ML")
    estimates <- lavInspect(fit, "est")
    abs(omega_of(estimates$lambda[, 1], diag(estimates$theta)))
  }
  standard <- as.data.frame(scale(x))
  fit <- factanal(x, 1, control = list(nstart = 1, opt = list(factr = 10, pgtol = 0), lower = 1e-6))
  list(lavaan_covariance = from_lavaan(x), lavaan_correlation = from_lavaan(standard),
    factanal = omega_of(fit$loadings[, 1], fit$uniquenesses))
}

reliability <- function(x, lowest, highest) {
  x <- na.omit(x)
  n <- nrow(x)
  k <- ncol(x)
  found <- suppressWarnings(psych::alpha(x))
  s <- cov(x)
  r <- cor(x)
  feldt <- alpha.ci(found$total$raw_alpha, n.obs = n, n.var = k)
  guttman_r <- suppressWarnings(guttman(r))
  stopifnot(abs(guttman_r$lambda.2 - lambda2(r)) < 1e-12, abs(guttman_r$lambda.6 - lambda6(r)) < 1e-12)
  halves <- suppressWarnings(splitHalf(r, brute = TRUE))
  four <- split_max(r, k %/% 2)
  stopifnot(k %% 2 != 0 || abs(halves$maxrb - four) < 1e-12)
  score <- rowSums(x)
  odd <- cor(rowSums(x[, seq(1, k, 2)]), rowSums(x[, seq(2, k, 2)]))
  alpha <- found$total$raw_alpha
  sem <- sd(score) * sqrt(1 - alpha)
  stats <- found$item.stats
  dropped <- found$alpha.drop
  items <- lapply(seq_len(k), function(i) list(n = n, mean = stats$mean[i], sd = stats$sd[i], r_drop = stats$r.drop[i],
    r_total = stats$raw.r[i], alpha_if_dropped = dropped$raw_alpha[i], alpha_std_if_dropped = dropped$std.alpha[i]))
  names(items) <- names(x)
  list(n = n, k = k, alpha = alpha, alpha_std = found$total$std.alpha, feldt_low = feldt$lower.ci,
    feldt_high = feldt$upper.ci, ase = found$total$ase, normal_low = alpha - z * found$total$ase,
    normal_high = alpha + z * found$total$ase, omega = omegas(x), lambda2_r = guttman_r$lambda.2, lambda2_s = lambda2(s),
    lambda4_r = four, lambda4_s = split_max(s, k %/% 2), lambda4_any_r = split_max(r, 1:(k %/% 2)),
    lambda4_any_s = split_max(s, 1:(k %/% 2)), lambda6_r = found$total$`G6(smc)`, lambda6_s = lambda6(s),
    average_r = found$total$average_r, odd_even_r = odd, odd_even_spearman_brown = 2 * odd / (1 + odd),
    score_mean = mean(score), score_sd = sd(score), sem = sem, mdc95 = z * sqrt(2) * sem,
    floor = mean(score == lowest * k), ceiling = mean(score == highest * k), items = items)
}

# Which items psych would turn: negative loadings on the first principal component.
flagged <- function(x) {
  keys <- suppressWarnings(psych::alpha(na.omit(x), check.keys = TRUE))$keys
  I(names(x)[unlist(keys) < 0])
}

alone <- function(x) {
  capture.output(found <- suppressWarnings(psych::alpha(na.omit(x), check.keys = FALSE)))
  list(alpha = found$total$raw_alpha, alpha_std = found$total$std.alpha, r_drop = as.list(setNames(found$item.stats$r.drop, names(x))))
}

turned <- function(x, items, sum) {
  x[items] <- sum - x[items]
  x
}

wrong <- list(
  second_unreversed = raw[c(a, b)],
  second_a_unreversed = raw[a],
  second_b_unreversed = raw[b],
  second_a_with_a2_turned = turned(second[a], "a2", 6),
  second_with_b1_turned = turned(second[c(a, b)], "b1", 6),
  phq8_with_tired_turned = turned(phq8, "tired", 3)
)
write_text(json(list(
  phq8 = reliability(phq8, 0, 3),
  second = reliability(second[c(a, b)], 1, 5),
  second_a = reliability(second[a], 1, 5),
  second_b = reliability(second[b], 1, 5),
  wrong_keys = lapply(wrong, function(x) c(list(flagged = flagged(x)), alone(x)))
)), "reliability.json")

# ---- raters ----------------------------------------------------------------------------------------------------------
raters <- function(path) {
  x <- read.csv(path)
  found <- psych::ICC(x, lmer = FALSE)
  rows <- found$results
  forms <- lapply(seq_len(6), function(i) list(icc = rows$ICC[i], f = rows$F[i], df1 = rows$df1[i], df2 = rows$df2[i],
    p = rows$p[i], low = rows$`lower bound`[i], high = rows$`upper bound`[i]))
  names(forms) <- c("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")
  c(list(n = nrow(x), k = ncol(x), ms_between = found$stats[3, 1], ms_within = found$MSW, ms_raters = found$stats[3, 2],
    ms_error = found$stats[3, 3]), forms)
}
write_text(json(list(shrout_fleiss = raters("shrout_fleiss.csv"), icc = raters("icc.csv"))), "icc.json")

# ---- teams -----------------------------------------------------------------------------------------------------------
# The scale of the items a1 to a6, of who answered all six. A uniform answer of five options has variance (25 - 1) / 12 = 2.
complete <- na.omit(second[c("unit", a)])
score <- rowMeans(complete[a])
model <- aov(score ~ as.factor(complete$unit))
parts <- summary(model)[[1]]
write_text(json(list(n = nrow(complete), units = length(unique(complete$unit)),
  mean_size = nrow(complete) / length(unique(complete$unit)), ms_between = parts[1, 3], ms_within = parts[2, 3],
  f = parts[1, 4], df1 = parts[1, 1], df2 = parts[2, 1], p = parts[1, 5], icc1 = multilevel::ICC1(model),
  icc2 = multilevel::ICC2(model))), "teams.json")
single <- rwg(score, complete$unit, ranvar = 2)
units <- as.character(single$grpid)
in_order <- function(found) {
  stopifnot(identical(as.character(found$grpid), units))
  found[[2]]
}
write_table(data.frame(
  unit = units,
  n = single$gsize,
  rwg = single$rwg,
  rwg_untruncated = unname(1 - tapply(score, complete$unit, var)[units] / 2),
  rwg_j = in_order(rwg.j(complete[a], complete$unit, ranvar = 2)),
  rwg_lindell = in_order(rwg.j.lindell(complete[a], complete$unit, ranvar = 2)),
  ad_mean = in_order(ad.m(score, complete$unit, type = "mean")),
  ad_median = in_order(ad.m(score, complete$unit, type = "median")),
  ad_mean_items = in_order(ad.m(complete[a], complete$unit, type = "mean")),
  ad_median_items = in_order(ad.m(complete[a], complete$unit, type = "median"))
), "teams.csv")

write_text(c(R.version.string, paste("psych", packageVersion("psych")), paste("lavaan", packageVersion("lavaan")),
  paste("multilevel", packageVersion("multilevel")), paste("BLAS", basename(extSoftVersion()[["BLAS"]])),
  paste("LAPACK", La_version())), "versions.txt")
