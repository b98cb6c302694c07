# Fits of base R's `lm` with the covariances of `sandwich`, written as JSON and CSV for `tests/models_golden.rs`.
#
#     Rscript fit.R            # writes mtcars.csv longley.csv swiss.csv second.csv expected.json nhanes.json versions.txt
#
# Run in this folder. The index comes from ../nhanes/expected.csv, which another program made; choices and adjusters are
# derived here from ../../../data/nhanes/adults.csv as data/definitions/nhanes.toml says.

library(sandwich)
options(stringsAsFactors = FALSE, OutDec = ".")
stopifnot(l10n_info()[["UTF-8"]])

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

quoted <- function(text) paste0('"', gsub('"', '\\"', text, fixed = TRUE), '"')

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
  writeLines(enc2utf8(text), file, sep = "\n", useBytes = TRUE)
  close(file)
}

write_table <- function(data, path) {
  cells <- lapply(data, function(column) {
    text <- if (is.numeric(column)) digits(column) else enc2utf8(as.character(column))
    ifelse(is.na(column), "", text)
  })
  write_text(c(paste(names(data), collapse = ","), do.call(paste, c(unname(cells), sep = ","))), path)
}

# ---- one fit ---------------------------------------------------------------------------------------------------------
COVARIANCES <- c(classical = "const", hc0 = "HC0", hc1 = "HC1", hc2 = "HC2", hc3 = "HC3")

# Least squares of complete rows. `factors` names, per factor, its levels with the reference first. Rows left out are
# counted by the first of outcome, terms and adjusters that they lack.
fit <- function(data, outcome, terms, adjusters = character(), factors = list()) {
  columns <- c(outcome, terms, adjusters)
  dropped <- list()
  left <- rep(TRUE, nrow(data))
  for (column in columns) {
    gone <- left & is.na(data[[column]])
    if (any(gone)) dropped[[column]] <- sum(gone)
    left <- left & !gone
  }
  used <- data[left, columns, drop = FALSE]
  for (column in names(factors)) {
    stopifnot(as.character(used[[column]]) %in% factors[[column]])
    used[[column]] <- factor(as.character(used[[column]]), levels = factors[[column]])
    stopifnot(all(table(used[[column]]) > 0))
  }
  name <- function(column) paste0("`", column, "`")
  formula <- as.formula(paste(name(outcome), "~", paste(name(c(terms, adjusters)), collapse = " + ")))
  model <- lm(formula, data = used, x = TRUE)
  stopifnot(!anyNA(coef(model)))
  words <- c("(intercept)", unlist(lapply(c(terms, adjusters), function(column) {
    if (column %in% names(factors)) paste0(column, "[", factors[[column]][-1], "]") else column
  })))
  stopifnot(length(words) == length(coef(model)))
  estimate <- unname(coef(model))
  df <- model$df.residual
  covariances <- lapply(COVARIANCES, function(type) {
    # `vcovHC` with "const" is sigma² (X'X)⁻¹ as well; `vcov` is what `summary.lm` prints.
    matrix <- if (type == "const") vcov(model) else vcovHC(model, type = type)
    se <- unname(sqrt(diag(matrix)))
    half <- qt(0.975, df) * se
    list(std_error = se, statistic = estimate / se, p = 2 * pt(-abs(estimate / se), df),
         low = estimate - half, high = estimate + half)
  })
  unit <- apply(model$x, 2, function(column) column / sqrt(sum(column^2)))
  values <- svd(unit, 0, 0)$d
  list(
    model = model, used = which(left), words = words, columns = columns,
    json = list(
      outcome = outcome, n = nrow(used), residual_df = df, rows = nrow(data), dropped = dropped,
      used_head = I(head(which(left) - 1, 12)), used_sum = sum(which(left) - 1),
      terms = words, estimate = estimate, covariances = covariances,
      r2 = summary(model)$r.squared, adj_r2 = summary(model)$adj.r.squared, sigma = summary(model)$sigma,
      log_likelihood = as.numeric(logLik(model)), aic = AIC(model), bic = BIC(model),
      condition_number = max(values) / min(values)
    )
  )
}

# ---- R's own data ----------------------------------------------------------------------------------------------------
with_names <- function(data) cbind(name = rownames(data), data)
write_table(with_names(mtcars), "mtcars.csv")
write_table(with_names(longley), "longley.csv")
write_table(with_names(swiss), "swiss.csv")

# ---- invented people -------------------------------------------------------------------------------------------------
set.seed(20240711, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
n <- 400
second <- data.frame(
  nro = sprintf("h%03d", seq_len(n)),
  ikä = sample(19:66, n, replace = TRUE),
  työ = sample(c("toimisto", "vuoro", "etä"), n, replace = TRUE, prob = c(0.5, 0.3, 0.2)),
  luokka = sample(1:3, n, replace = TRUE, prob = c(0.3, 0.3, 0.4)),
  yöuni = round(rnorm(n, 7.1, 1.1), 2),
  askeleet = round(exp(rnorm(n, 8.8, 0.5))),
  check.names = FALSE
)
second$vireys <- round(
  20 + 4 * second[["yöuni"]] + 0.001 * second$askeleet - 5 * (second[["työ"]] == "vuoro") +
    2 * (second$luokka == 3) - 0.1 * second[["ikä"]] + rnorm(n, 0, 2 + second[["yöuni"]]), 3)
for (column in setdiff(names(second), "nro")) second[[column]][runif(n) < 0.3] <- NA
write_table(second, "second.csv")

fits <- list(
  mtcars = fit(mtcars, "mpg", c("wt", "hp", "cyl"), factors = list(cyl = c("4", "6", "8"))),
  longley = fit(longley, "Employed", setdiff(names(longley), "Employed")),
  swiss = fit(swiss, "Fertility", c("Agriculture", "Examination", "Education", "Catholic"), "Infant.Mortality"),
  second = fit(second, "vireys", c("yöuni", "askeleet", "työ", "luokka"), "ikä",
               list(työ = c("etä", "toimisto", "vuoro"), luokka = c("2", "1", "3")))
)
write_text(json(lapply(fits, `[[`, "json")), "expected.json")

# ---- the shipped survey ----------------------------------------------------------------------------------------------
survey <- read.csv("../../../data/nhanes/adults.csv", check.names = FALSE, na.strings = "",
                   colClasses = c(person = "character"), encoding = "UTF-8")
scored <- read.csv("../nhanes/expected.csv", check.names = FALSE, na.strings = "", colClasses = c(id = "character"))
stopifnot(identical(survey$person, scored$id))
number <- function(column, limits = c(-Inf, Inf), sentinels = numeric()) {
  x <- survey[[column]]
  stopifnot(is.numeric(x))
  x[!is.na(x) & abs(x) < 1e-70] <- 0     # a zero of a SAS transport file
  x[x %in% sentinels] <- NA
  stopifnot(is.na(x) | (x >= limits[1] & x <= limits[2]))
  x
}
yes <- function(column) {
  x <- number(column)
  stopifnot(x %in% c(0, 1, NA))
  ifelse(x == 1, "yes", "no")
}
first <- number("alcohol_g_1")
last <- number("alcohol_g_2")
grams <- ifelse(is.na(first), last, ifelse(is.na(last), first, (first + last) / 2))
stopifnot(is.na(grams) | (grams >= 0 & grams <= 1000))
smoked <- number("smoked_100")
people <- data.frame(
  index = scored$index,
  pillar.felt = scored$pillar.felt,
  sleep_hours = number("sleep_hours", c(0, 24)),
  vigorous_recreation = yes("vigorous_recreation"),
  moderate_recreation = yes("moderate_recreation"),
  sitting_minutes = number("sitting_minutes", c(0, 1440), 9999),
  smoking = ifelse(smoked == 0, "never", ifelse(survey$smokes_now == "Not at all", "former", "current")),
  alcohol_none = ifelse(grams > 0, "some", "none"),
  alcohol_g = grams,
  diet = tolower(survey$diet),
  age = number("age"),
  sex = survey$sex,
  education = ifelse(survey$education == "Don't Know", NA, survey$education),
  income_ratio = number("income_ratio"),
  check.names = FALSE
)
levels_of <- list(
  vigorous_recreation = c("no", "yes"),
  moderate_recreation = c("no", "yes"),
  smoking = c("never", "former", "current"),
  alcohol_none = c("some", "none"),
  diet = c("good", "poor", "fair", "very good", "excellent"),
  sex = c("Female", "Male"),
  education = c("Less than 9th grade", "9-11th grade (Includes 12th grade with no diploma)",
                "High school graduate/GED or equivalent", "Some college or AA degree", "College graduate or above")
)
choices <- c("sleep_hours", "vigorous_recreation", "moderate_recreation", "sitting_minutes", "smoking", "alcohol_none",
             "alcohol_g", "diet")
index <- fit(people, "index", choices, c("age", "sex", "education", "income_ratio"), levels_of)
# The index without the item on sleep: the sum of the other seven brought to the range of eight. With all eight the same
# steps must give the stored index back.
items <- c("interest", "down", "sleep_trouble", "tired", "appetite", "self_worth", "concentration", "psychomotor")
index_by <- function(items) {
  mood <- 100 * (24 - rowSums(sapply(items, number)) * 8 / length(items)) / 24
  said <- cbind(mood, scored$indicator.worry, scored$indicator.health)
  weights <- matrix(c(0.5, 0.25, 0.25), nrow(said), 3, byrow = TRUE)
  weights[is.na(said)] <- 0
  felt <- ifelse(rowSums(weights) >= 0.5, rowSums(said * weights, na.rm = TRUE) / rowSums(weights), NA)
  (felt + scored$pillar.measured) / 2
}
stopifnot(all.equal(index_by(items), scored$index, tolerance = 1e-14))
people$apart <- index_by(setdiff(items, "sleep_trouble"))
apart <- fit(people, "apart", choices, c("age", "sex", "education", "income_ratio"), levels_of)
felt <- fit(people, "pillar.felt", c("smoking", "sleep_hours"), factors = levels_of["smoking"])

# ---- what if ---------------------------------------------------------------------------------------------------------
x <- model.matrix(index$model)
b <- coef(index$model)
v <- vcovHC(index$model, type = "HC3")
bread <- summary(index$model)$cov.unscaled
df <- index$model$df.residual
sigma <- summary(index$model)$sigma
half <- qt(0.975, df)
at <- function(term) match(term, index$words)
stopifnot(!is.na(at("sleep_hours")), !is.na(at("smoking[former]")))

set <- function(row, scenario) {
  if (!is.null(scenario$sleep_hours)) row[at("sleep_hours")] <- scenario$sleep_hours
  if (!is.null(scenario$smoking)) {
    row[at(c("smoking[former]", "smoking[current]"))] <- c(scenario$smoking == "former", scenario$smoking == "current")
  }
  row
}
prediction <- function(row) {
  mean <- sum(row * b)
  spread <- drop(t(row) %*% v %*% row)
  list(mean = mean, low = mean - half * sqrt(spread), high = mean + half * sqrt(spread),
       predict_low = mean - half * sqrt(spread + sigma^2),
       predict_high = mean + half * sqrt(spread + sigma^2),
       leverage = drop(t(row) %*% bread %*% row))
}
what_if <- function(person) {
  place <- match(match(person, survey$person), index$used)
  stopifnot(!is.na(place))
  row <- x[place, ]
  scenarios <- list(list(sleep_hours = 7.5))
  if (row[at("smoking[current]")] == 1) {
    scenarios <- c(scenarios, list(list(smoking = "former"), list(smoking = "former", sleep_hours = 7.5)))
  }
  list(
    id = person,
    smoking = if (row[at("smoking[current]")] == 1) "current" else if (row[at("smoking[former]")] == 1) "former" else "never",
    sleep_hours = unname(row[at("sleep_hours")]),
    row = unname(row),
    now = prediction(row),
    scenarios = lapply(scenarios, function(scenario) {
      new <- set(row, scenario)
      d <- new - row
      se <- drop(sqrt(t(d) %*% v %*% d))
      estimate <- sum(d * b)
      list(set = scenario,
           difference = list(estimate = estimate, std_error = se, df = df,
                             low = estimate - half * se, high = estimate + half * se),
           then = prediction(new))
    })
  )
}
above <- function(rows) mean(1 - pt((75 - drop(rows %*% b)) / sigma, df))
slept <- x
slept[, at("sleep_hours")] <- 7.5
write_text(json(list(
  index = index$json,
  felt = felt$json,
  apart = apart$json,
  what_if = list(
    covariance = "hc3",
    level = 0.95,
    persons = lapply(c("1", "2", "17", "22"), what_if),
    cohort = list(set = list(sleep_hours = 7.5), rows = nrow(x), above = 75, before = above(x), after = above(slept))
  )
)), "nhanes.json")

write_text(c(R.version.string, paste("sandwich", packageVersion("sandwich")),
             paste("BLAS", basename(extSoftVersion()[["BLAS"]])), paste("LAPACK", La_version())), "versions.txt")
