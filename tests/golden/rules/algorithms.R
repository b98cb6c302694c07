# What a cohort teaches: biological age (Klemera and Doubal 2006), quartiles of a reference, and the LMS method (Cole 1990).
# Reads the files of invented people that algorithms.py wrote, writes the results beside them. Base R alone.
#     Rscript algorithms.R FOLDER

folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(file) read.csv(file.path(folder, file), check.names = FALSE)
digits <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))
write <- function(frame, file) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- digits(frame[[name]])
  frame[is.na(frame)] <- ""
  write.csv(frame, file.path(folder, file), row.names = FALSE, quote = FALSE, eol = "\n")
}
# A column of people goes back as it came.
as_given <- function(file) read.csv(file.path(folder, file), check.names = FALSE, colClasses = "character")

# ---- Klemera and Doubal ---------------------------------------------------------------------------------------------

name <- "biological_age.klemera_doubal"
training <- read(paste0(name, ".training.csv"))
markers <- setdiff(names(training), c("sex", "age"))

# Sums over the markers that are there, above and below the line.
expected_age <- function(people, learned) {
  x <- as.matrix(people[markers])
  there <- !is.na(x)
  above <- x
  for (m in markers) above[, m] <- (x[, m] - learned[m, "q"]) * learned[m, "k"] / learned[m, "s"]^2
  above[!there] <- 0
  below <- there %*% (learned[markers, "k"] / learned[markers, "s"])^2
  data.frame(above = rowSums(above), below = as.numeric(below), missing = rowSums(!there))
}

learned_all <- NULL
scale_all <- NULL
models <- list()
for (sex in 0:1) {
  those <- training[training$sex == sex, ]
  learned <- t(sapply(markers, function(m) {
    fit <- lm(those[[m]] ~ those$age)
    c(n = nobs(fit), q = coef(fit)[[1]], k = coef(fit)[[2]], s = sigma(fit), r = sqrt(summary(fit)$r.squared) * sign(coef(fit)[[2]]))
  }))
  size <- abs(learned[, "k"] / learned[, "s"])
  r_char <- sum(size * abs(learned[, "r"])) / sum(size)
  s_r <- (1 - r_char^2) / r_char^2 * diff(range(those$age))^2 / (12 * length(markers))
  of <- expected_age(those, learned)
  stopifnot(of$missing <= 2)
  gap <- of$above / of$below - those$age
  s2 <- mean((gap - mean(gap))^2)
  s_ba2 <- s2 - s_r
  stopifnot(s_ba2 > 0)
  learned_all <- rbind(learned_all, data.frame(sex = sex, biomarker = markers, learned, row.names = NULL))
  scale_all <- rbind(scale_all, data.frame(sex = sex, n = nrow(those), age_min = min(those$age), age_max = max(those$age),
    r_char = r_char, s_r = s_r, s2 = s2, s_ba2 = s_ba2))
  models[[sex + 1]] <- list(learned = learned, s_ba2 = s_ba2)
}
write(learned_all, paste0(name, ".learned.csv"))
write(scale_all, paste0(name, ".scale.csv"))

file <- paste0(name, ".people.csv")
people <- read(file)
result <- as_given(file)
result$value <- NA_real_
result$ba_e <- NA_real_
result$note <- ""
for (at in seq_len(nrow(people))) {
  person <- people[at, ]
  if (is.na(person$sex)) { result$note[at] <- "missing:sex"; next }
  if (is.na(person$age)) { result$note[at] <- "missing:age"; next }
  model <- models[[person$sex + 1]]
  of <- expected_age(person, model$learned)
  if (of$missing > 2) { result$note[at] <- "too_few"; next }
  result$ba_e[at] <- of$above / of$below
  result$value[at] <- (of$above + person$age / model$s_ba2) / (of$below + 1 / model$s_ba2)
}
write(result, file)

# ---- allostatic load by quartiles -----------------------------------------------------------------------------------

name <- "allostatic_load.quartiles"
reference <- read(paste0(name, ".reference.csv"))
cuts <- read(paste0(name, ".markers.csv"))
for (sex in 0:1) {
  cuts[[c("female", "male")[sex + 1]]] <- sapply(seq_len(nrow(cuts)), function(at) {
    x <- reference[reference$sex == sex, cuts$marker[at]]
    quantile(x, if (cuts$direction[at] == "lower_better") 0.75 else 0.25, type = 7, na.rm = TRUE, names = FALSE)
  })
}
write(cuts, paste0(name, ".markers.csv"))

file <- paste0(name, ".people.csv")
people <- read(file)
result <- as_given(file)
result$value <- NA_real_
result$note <- ""
for (at in seq_len(nrow(people))) {
  if (is.na(people$sex[at])) { result$note[at] <- "missing:sex"; next }
  x <- unlist(people[at, cuts$marker])
  cut <- cuts[[c("female", "male")[people$sex[at] + 1]]]
  beyond <- ifelse(cuts$direction == "lower_better", x > cut, x < cut)
  least <- if (is.na(people$at_least[at])) nrow(cuts) else people$at_least[at]
  if (sum(!is.na(beyond)) < least) { result$note[at] <- "too_few"; next }
  result$value[at] <- sum(beyond, na.rm = TRUE)
}
write(result, file)

# ---- LMS ------------------------------------------------------------------------------------------------------------

table <- read("lms.table.csv")
people <- read("lms.people.csv")
result <- as_given("lms.people.csv")
result$z <- NA_real_
result$value <- NA_real_
result$note <- ""
for (at in seq_len(nrow(people))) {
  person <- people[at, ]
  gone <- names(person)[is.na(unlist(person))]
  if (length(gone) > 0) { result$note[at] <- paste0("missing:", gone[1]); next }
  rows <- table[table$sex == person$sex, ]
  if (person$age < min(rows$age) || person$age > max(rows$age)) { result$note[at] <- "age"; next }
  l <- approx(rows$age, rows$L, person$age)$y
  m <- approx(rows$age, rows$M, person$age)$y
  s <- approx(rows$age, rows$S, person$age)$y
  # ((x / M)^L - 1) / (L S), written so that nothing cancels where L is close to 0.
  z <- if (l == 0) log(person$measured / m) / s else expm1(l * log(person$measured / m)) / (l * s)
  result$z[at] <- z
  result$value[at] <- 100 * pnorm(z)
}
write(result, "lms.people.csv")
