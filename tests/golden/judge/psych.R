# KMO, Bartlett's test and alpha by psych, of a table on standard input; JSON on standard output. Run by make.py.
suppressPackageStartupMessages(library(psych))
table <- read.csv(file("stdin"), check.names = FALSE)
whole <- function(x) {
  if (length(x) != 1 || is.na(x)) return("null")
  for (n in 15:17) {
    text <- sprintf(paste0("%.", n, "g"), x)
    if (as.numeric(text) == x) break
  }
  text
}
many <- function(x) paste0("[", paste(vapply(x, whole, ""), collapse = ", "), "]")
r <- cor(table, use = "complete.obs")
n <- sum(complete.cases(table))
kmo <- suppressWarnings(KMO(r))
test <- cortest.bartlett(r, n = n)
covariance <- cov(table, use = "pairwise.complete.obs")
alpha <- suppressMessages(suppressWarnings(psych::alpha(covariance, check.keys = FALSE, warnings = FALSE)))
cat(sprintf('{"kmo": %s, "kmo_of": %s, "chi2": %s, "df": %s, "p": %s, "alpha": %s}\n',
  whole(as.numeric(kmo$MSA)), many(as.numeric(kmo$MSAi)), whole(test$chisq), whole(test$df), whole(test$p.value),
  whole(as.numeric(alpha$total$raw_alpha))))
