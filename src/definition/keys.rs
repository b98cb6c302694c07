//! The keys of every file we read: definitions, instruments, measures and rules.

use super::{aggregate::AGGREGATE, instrument::keys::INSTRUMENT};
use crate::notation::{
    format::{Key, Shape, key, required},
    model,
};

const TEXTS: Shape = Shape::List(&Shape::Text);
const NUMBERS: Shape = Shape::List(&Shape::Number);
const DIRECTION: Shape = Shape::Word(&["higher_better", "lower_better"]);
const CHECKED: Shape = Shape::Word(&["verified", "secondary", "unverified"]);
const OUTSIDE: Shape = Shape::Word(&["error", "missing"]);

/// A definition.
pub(crate) const DEFINITION: Shape = Shape::Table(&[
    required("schema", Shape::Number, "the version of this format: 1"),
    required("id", Shape::Text, "the id of the definition"),
    key("version", Shape::Text, "the version of the definition"),
    key("title", Shape::Text, "what the index is, in words"),
    key("population", Shape::Text, "whom it describes"),
    key(
        "audience",
        Shape::Word(&["clinic", "research", "employer"]),
        "who may see the results; an employer gets no person rows",
    ),
    key("norms", Shape::Text, "the shipped calibration to use where the caller gives none"),
    required("person", Shape::Table(PERSON), "the columns that say whose row it is"),
    key("data", Shape::Table(DATA), "how files of these data are written"),
    key("instrument", Shape::Ids(&Shape::Table(INSTRUMENT)), "what people say: questionnaires"),
    key("measure", Shape::Ids(&Shape::Table(MEASURE)), "what is measured"),
    key("screen", Shape::Table(SCREEN), "who gets an index at all; others have the reason `screened`"),
    key(
        "impute",
        Shape::Table(IMPUTE),
        "what fills the gaps of indicators of a scale or measure, unless one says otherwise",
    ),
    key("derived", Shape::Ids(&Shape::Table(DERIVED)), "columns computed from columns"),
    key("treat", TREATMENT, "what happens to skewed indicators of measures and scales before their utility"),
    key("indicator", Shape::Ids(&Shape::Table(INDICATOR)), "one thing on 0 to 100, more is better"),
    key("domain", Shape::Ids(&Shape::Table(PILLAR)), "indicators of one construct, joined"),
    key("pillar", Shape::Ids(&Shape::Table(PILLAR)), "indicators, domains and pillars, joined"),
    required("index", Shape::Table(INDEX), "the top of the tree"),
    key(
        "choice",
        Shape::Ids(&Shape::Table(CHOICE)),
        "everyday choices that may move the index; never a part of it",
    ),
    key(
        "health",
        Shape::Ids(&Shape::Table(HEALTH)),
        "published health scores, written beside the index and never into it",
    ),
    key("adjust", Shape::Table(ADJUST), "columns that every model adjusts for"),
    key("model", Shape::Table(model::KEYS), "the model that is fitted by default"),
]);

const PERSON: &[Key] = &[
    required("id", Shape::Text, "the column of the person's id"),
    key("unit", Shape::Text, "the column of the team, ward or site"),
    key("wave", Shape::Text, "the column that tells repeated rows of a person apart"),
];

const DATA: &[Key] = &[
    key(
        "zero_below",
        Shape::Number,
        "numbers closer to zero than this are zero (a relic of SAS transport files)",
    ),
    key("missing", TEXTS, "cells that mean missing, besides the empty one"),
    key(
        "delimiter",
        Shape::Word(&[",", ";", "tab"]),
        "what stands between fields, where the file does not show it",
    ),
    key("decimal", Shape::Word(&[".", ","]), "the decimal sign, where the file does not show it"),
    key("encoding", Shape::Text, "the encoding, where it is not UTF-8 or UTF-16"),
];

const ERROR: &[Key] = &[
    key(
        "sd",
        Shape::Either(&[Shape::Number, Shape::Word(&["calibrated"])]),
        "standard deviation of one reading; `calibrated`: learned from repeated readings",
    ),
    key("cv", Shape::Number, "coefficient of variation of one reading, as a share"),
    key(
        "reliability",
        Shape::Either(&[Shape::Number, Shape::Word(&["calibrated", "omega"])]),
        "share of the variance that is not error; learned: `calibrated` is Cronbach's alpha, `omega` that of one factor",
    ),
    key("icc", Shape::Number, "intraclass correlation of single readings; goes with `between_sd`"),
    key("between_sd", Shape::Number, "standard deviation between persons, free of error; goes with `icc`"),
    key(
        "drift",
        Shape::Number,
        "how far the true value wanders: standard deviation per √year, for a measure with `ages`",
    ),
    required(
        "target",
        Shape::Word(&["occasion", "usual"]),
        "what a second reading would aim at: the same occasion, or the usual level",
    ),
    required("source", Shape::Word(&["verified", "calibrated", "assumed"]), "where the figure comes from"),
    key("reference", Shape::Text, "author, year, or the reason for an assumption"),
    key(
        "propagate",
        Shape::Word(&["exact", "linear"]),
        "exactly through the utility (the default), or by its steepest slope, an upper bound",
    ),
];

const DAYS: &[Key] = &[
    required("column", Shape::Text, "the column with the number of days"),
    key("full", Shape::Number, "how many days are asked for; fewer are flagged"),
    key("least", Shape::Number, "with fewer days the value is missing; by default 1"),
];

const MEASURE: &[Key] = &[
    key(
        "use",
        Shape::Text,
        "an entry of the registry of measures, whose limits, direction, title and content it has",
    ),
    key("title", Shape::Text, "what is measured, in words"),
    key("column", Shape::Text, "its column; by default the id"),
    key(
        "columns",
        TEXTS,
        "columns of repeated readings; the observed ones are averaged, unless `combine` says otherwise",
    ),
    key("from", Shape::Text, "an expression over columns"),
    key(
        "ages",
        Shape::Either(&[Shape::Text, TEXTS]),
        "columns of the readings' ages in days before the day of scoring, one a reading",
    ),
    key(
        "combine",
        Shape::Word(&["mean", "last"]),
        "whether the value is the mean of the readings (the default) or the last of them",
    ),
    key("within", Shape::Number, "days; older readings do not count"),
    key("stale", Shape::Number, "days; a value older than this is flagged"),
    key(
        "days",
        Shape::Either(&[Shape::Text, Shape::Table(DAYS)]),
        "the column with the number of days behind a value that a device averaged",
    ),
    key("unit", Shape::Text, "the UCUM unit of the column; with `use` by default that of the registry"),
    key("analyte", Shape::Text, "what is measured, where mass and amount of substance convert by it"),
    key(
        "per",
        Shape::Either(&[
            Shape::Text,
            Shape::Table(&[
                required("column", Shape::Text, "the column it is divided by"),
                key("scale", Shape::Number, "per how many; by default 1"),
            ]),
        ]),
        "the column it is divided by; unit, limits and error are those of the quotient",
    ),
    key("limits", Shape::Pair, "lowest and highest possible value"),
    key("unusual", Shape::Pair, "lowest and highest usual value; a reading outside is flagged"),
    key("outside", OUTSIDE, "what a value outside the limits is; by default an error"),
    key("sentinels", NUMBERS, "codes that mean missing"),
    key("answers", Shape::Map(&Shape::Number), "text to number"),
    key("direction", DIRECTION, "whether more is better, for z and t"),
    key(
        "error",
        Shape::Either(&[Shape::Word(&["registry"]), Shape::Table(ERROR)]),
        "the error of one reading, or of one day where there are `days`; `registry`: the verified one of the registry",
    ),
    key("content", TEXTS, "what it touches"),
];

const SCREEN: &[Key] = &[
    key(
        "at_least",
        Shape::Number,
        "share of the indicators whose reading is observed, before any imputation",
    ),
    key("non_zero", Shape::Number, "share of the observed readings of scales and measures that are not 0"),
    key("keep_if", Shape::Text, "an expression over columns: kept, whatever the shares are"),
    key("drop_if", Shape::Text, "an expression over columns: dropped, whatever else holds"),
];

const IMPUTE_METHOD: Shape =
    Shape::Word(&["none", "mean", "median", "siblings", "last", "linear", "constant"]);

const IMPUTE: &[Key] = &[
    required(
        "method",
        IMPUTE_METHOD,
        "what stands in: the mean or median of the reference, the mean of the indicators beside it, or the person's \
         own other waves",
    ),
    key("by", Shape::Text, "the column whose groups have a mean or median of their own"),
    key("within", Shape::Number, "how many waves old the last reading may be"),
];

const DERIVED: &[Key] =
    &[required("from", Shape::Text, "an expression over columns"), key("unit", Shape::Text, "the UCUM unit")];

const STEPS: &[Key] = &[
    required("at", NUMBERS, "ascending thresholds; each belongs to the step above it"),
    required("score", NUMBERS, "one score more than thresholds, from the lowest step up"),
];

const CASES: Key = key(
    "cases",
    Shape::Map(&Shape::Either(&[
        Shape::Word(&["missing"]),
        Shape::Table(&[
            key("stratum", Shape::Number, "the stratum whose rows are used"),
            key("score", Shape::Number, "the score that counts"),
        ]),
    ])),
    "what happens where the rule has no row",
);

const HEALTH: &[Key] = &[
    key("title", Shape::Text, "what it is, in words"),
    required("rule", Shape::Text, "a published rule of the catalogue, as file.rule"),
    key(
        "inputs",
        Shape::Map(&Shape::Text),
        "input to measure; others bind to the measure of the same registry entry",
    ),
    key(
        "arguments",
        Shape::Map(&Shape::Text),
        "what is chosen once for everybody, as the risk region of a country",
    ),
    CASES,
    key("at_least", Shape::Number, "how many parts must be there; by default as published"),
    key("accept", Shape::Word(&["unverified"]), "takes a rule whose numbers nobody checked"),
    key(
        "cuts",
        Shape::Map(&Shape::Table(&[
            key("above", Shape::Number, "at high risk above it"),
            key("below", Shape::Number, "at high risk below it"),
        ])),
        "for a count of measures at high risk: the cut of each",
    ),
];

const TREATMENT: Shape = Shape::Either(&[
    Shape::Word(&["none", "winsorise_then_log"]),
    Shape::Table(&[
        key(
            "winsorise",
            Shape::Either(&[Shape::Number, Shape::Word(&["unlimited"])]),
            "how many of the extreme readings of a skewed column may be moved to the next",
        ),
        key(
            "then",
            Shape::Word(&["log", "log_plus", "log_orig", "log_gii", "box_cox"]),
            "the transformation of a column that is still skewed",
        ),
        key(
            "lambda",
            Shape::Either(&[Shape::Number, Shape::Word(&["fitted"])]),
            "the power of box_cox; by default the likeliest in the reference",
        ),
        key(
            "combine",
            Shape::Flag,
            "whether the transformation is of the winsorised readings; by default of the readings themselves",
        ),
        key("skewness", Shape::Number, "a column below this skewness, either way, passes; by default 2"),
        key("kurtosis", Shape::Number, "a column below this excess kurtosis passes; by default 3.5"),
    ]),
]);

const TIES: Shape = Shape::Word(&["min", "average", "max"]);

const UTILITY: &[Key] = &[
    key("goalposts", Shape::Pair, "the values that are 0 and 100; what lies outside is clamped"),
    key("fixed_range", Shape::Pair, "the same, and what lies outside is extrapolated"),
    key("min_max", Shape::Pair, "[low, high]: the scores of the reference's worst and best value"),
    key("z", Shape::Pair, "[mean, sd]: what the reference's mean and standard deviation become"),
    key(
        "distance_to_best",
        Shape::Pair,
        "[low, high]: the distance to the reference's best value, as a share of that of its worst, taken from 1",
    ),
    key(
        "share_of_maximum",
        Shape::Pair,
        "[low, high]: the share of the reference's maximum; where less is better what is missing to it",
    ),
    key(
        "reference",
        Shape::Either(&[
            Shape::Number,
            Shape::Table(&[required("person", Shape::Text, "the id of a person of the reference")]),
        ]),
        "the value, or the person, that has the highest score; the reference's worst value has the lowest",
    ),
    key(
        "target",
        Shape::Number,
        "the value with the highest score; the reference's worst value has the lowest",
    ),
    key("rank", TIES, "the rank in the reference, 1 the worst; which rank equal values have"),
    key("borda", TIES, "the rank less 1"),
    key("percentile_rank", TIES, "(rank − 1)/(n − 1) on the range"),
    key(
        "ampi",
        Shape::Either(&[Shape::Number, Shape::Word(&["mean"])]),
        "the value that scores 100, 60 points as wide as the reference (Mazziotta & Pareto 2016)",
    ),
    key("to", Shape::Pair, "[low, high]: the worst and the best score; by default [0, 100]"),
    key(
        "outside",
        Shape::Word(&["clamp", "extrapolate"]),
        "what becomes of a value outside the range; by default it counts as the nearest inside",
    ),
    key(
        "quantiles",
        Shape::Number,
        "into so many parts the reference is kept, instead of value by value, which would be personal",
    ),
    key("log_goalposts", Shape::Pair, "the same on the logarithm of the value; both are above 0"),
    key("points", Shape::List(&Shape::Pair), "[value, score] pairs, straight lines between, flat outside"),
    key("steps", Shape::Table(STEPS), "bands"),
    key(
        "desirability",
        Shape::Table(DESIRABILITY),
        "from 0 to 100 by a power, and down again by another (Derringer & Suich 1980)",
    ),
    key("logistic", Shape::Table(LOGISTIC), "a logistic curve through two values"),
    key("lms", NUMBERS, "[L, M, S] of a reference (Cole): the percentile, by the direction of the measure"),
    key(
        "ecdf",
        Shape::Table(ECDF),
        "the share of a reference that the value is better than, ties half, by the direction of the measure",
    ),
    key(
        "hazard_ratio",
        Shape::List(&Shape::Pair),
        "[value, hazard ratio] pairs: 0 at the highest, 100 at the lowest, straight lines in the logarithm of \
         the ratio, flat outside",
    ),
    key("hazard_ratio_linear", Shape::List(&Shape::Pair), "the same with straight lines in the ratio itself"),
];

const DESIRABILITY: &[Key] = &[
    key("rises", Shape::Pair, "[L, T1]: 0 up to L, 100 from T1"),
    key("falls", Shape::Pair, "[T2, U]: 100 up to T2, 0 from U; T2 is T1 or more"),
    key(
        "exponents",
        NUMBERS,
        "of `rises` and of `falls`, whichever are there, 0.1 to 10; by default 1, straight lines",
    ),
];

const LOGISTIC: &[Key] = &[
    required("low", Shape::Number, "the value that scores 5; above `high` the curve falls"),
    required("high", Shape::Number, "the value that scores 95"),
];

const ECDF: &[Key] = &[
    required("values", NUMBERS, "the values of the reference, in any order"),
    key("weights", NUMBERS, "what each value counts, in the same order; by default all the same"),
    required("reference", Shape::Text, "whose values they are"),
    required("version", Shape::Text, "which version of them"),
];

const INDICATOR: &[Key] = &[
    key("title", Shape::Text, "what it shows, in words"),
    key("scale", Shape::Text, "a scale, as instrument.scale"),
    key("measure", Shape::Text, "a measure"),
    key("rule", Shape::Text, "a published rule of the catalogue"),
    key("inputs", Shape::Map(&Shape::Text), "which measure is which input of the rule"),
    CASES,
    key(
        "utility",
        Shape::Either(&[
            Shape::Word(&[
                "linear",
                "min_max",
                "z",
                "t",
                "distance_to_best",
                "share_of_maximum",
                "rank",
                "borda",
                "percentile_rank",
            ]),
            Shape::Table(UTILITY),
        ]),
        "from the scale or measure to a score; direction is applied here and nowhere else",
    ),
    key("treat", TREATMENT, "what happens to a skewed column before its utility, instead of the one for all"),
    key("error", Shape::Table(ERROR), "the error of the scale; that of a measure stands at the measure"),
    key("content", TEXTS, "what it touches, besides what its inputs do"),
    key(
        "impute",
        Shape::Either(&[IMPUTE_METHOD, Shape::Table(IMPUTE)]),
        "what fills its gaps; a rule takes `siblings` alone",
    ),
];

const CHILDREN: Key =
    required("children", Shape::Either(&[TEXTS, Shape::Map(&Shape::Number)]), "ids, or ids with weights");
const WEIGHTS: Key = key(
    "weights",
    Shape::Either(&[
        Shape::Word(&["equal", "pca", "pca_squared", "entropy", "critic", "sd"]),
        Shape::Table(&[
            key(
                "ahp",
                Shape::List(&NUMBERS),
                "Saaty's pairwise comparisons, rows in the order of `children`",
            ),
            key("max_ratio", Shape::Number, "the largest consistency ratio of them; by default 0.1"),
            key(
                "importance",
                Shape::Map(&Shape::Number),
                "the importance each child is to have in the reference",
            ),
        ]),
    ]),
    "where the weights come from, where `children` gives none: learned from the reference, or of comparisons",
);
const MISSING: Key = key(
    "missing",
    Shape::Either(&[
        Shape::Word(&["complete"]),
        Shape::Table(&[required("at_least", Shape::Number, "share of the weights that must be observed")]),
    ]),
    "how much must be observed; the weights of the rest are renormalised; by default complete",
);

const PILLAR: &[Key] =
    &[key("title", Shape::Text, "what it shows, in words"), CHILDREN, WEIGHTS, AGGREGATE, MISSING];

const INDEX: &[Key] = &[
    key("title", Shape::Text, "what it shows, in words"),
    CHILDREN,
    WEIGHTS,
    AGGREGATE,
    MISSING,
    key("bands", Shape::Map(&Shape::Pair), "named ranges of the index, each [from, below)"),
    key("interval", Shape::Number, "coverage of the interval from low to high; by default 0.95"),
];

const CHOICE: &[Key] = &[
    key("title", Shape::Text, "the choice, in words"),
    key("kind", Shape::Word(&["number", "levels"]), "a number, or one of some levels"),
    key("column", Shape::Text, "its column; by default the id"),
    key("from", Shape::Text, "an expression over columns"),
    key("unit", Shape::Text, "the UCUM unit"),
    key("step", Shape::Number, "a step that means something to a person"),
    key("target", Shape::Pair, "the recommended range"),
    key(
        "favours",
        Shape::Either(&[Shape::Word(&["higher", "lower"]), TEXTS]),
        "the favourable direction, or the favourable levels",
    ),
    key("source", Shape::Text, "where the target or direction comes from"),
    key("levels", TEXTS, "its levels"),
    key("reference", Shape::Text, "the level that the others are compared with"),
    key("reachable", Shape::Map(&TEXTS), "from each level, the levels a person can get to"),
    key("answers", Shape::Map(&Shape::Text), "cell text to level"),
    key("sentinels", NUMBERS, "codes that mean missing"),
    key("limits", Shape::Pair, "lowest and highest possible value"),
    key("outside", OUTSIDE, "what a value outside the limits is; by default an error"),
    key("content", TEXTS, "what it touches"),
    key("shares", TEXTS, "content it knowingly shares with an indicator; repeated beside every estimate"),
];

const ADJUST: &[Key] = &[
    required("columns", TEXTS, "columns, derived columns or measures"),
    key("levels", Shape::Map(&TEXTS), "the levels of those that are categories"),
];

/// One number, or a range of them.
const SPAN: Shape = Shape::Either(&[Shape::Number, Shape::Pair]);

/// An entry of the registry of measures.
pub(crate) const CATALOGUE_MEASURE: Shape = Shape::Table(&[
    required("schema", Shape::Number, "the version of this format: 1"),
    required("id", Shape::Text, "the id, equal to the name of the file"),
    required("title", Shape::Text, "what is measured, in plain words"),
    required("about", Shape::Text, "what it is, and how it is measured"),
    required("unit", Shape::Text, "the UCUM unit of limits, errors and targets"),
    key("units", TEXTS, "other units a column may be in"),
    key("analyte", Shape::Text, "what is measured, where mass and amount of substance convert by it"),
    key(
        "loinc",
        Shape::Table(&[
            required("code", Shape::Text, "the code"),
            required("status", CHECKED, "whether two sources agree on it"),
        ]),
        "its code in LOINC",
    ),
    required("limits", Shape::Pair, "lowest and highest possible value"),
    key("unusual", Shape::Pair, "lowest and highest usual value"),
    key(
        "direction",
        Shape::Either(&[
            DIRECTION,
            Shape::Table(&[required("target", Shape::Pair, "the range that is best")]),
        ]),
        "which way is better, or which range is",
    ),
    key("context", Shape::Text, "under which circumstances it is measured"),
    key(
        "error",
        Shape::List(&Shape::Table(&[
            key("sd", SPAN, "standard deviation"),
            key("cv", SPAN, "coefficient of variation, as a share"),
            key("icc", SPAN, "intraclass correlation"),
            key("reliability", SPAN, "share of the variance that is not error"),
            key("between_sd", Shape::Number, "the standard deviation between persons that the icc goes with"),
            required("target", Shape::Word(&["occasion", "usual"]), "what a second reading would aim at"),
            required("per", Shape::Text, "what one reading is"),
            key("days", Shape::Number, "how many days are behind one reading"),
            required("status", CHECKED, "how it was checked; only a verified one is ever taken"),
            required("source", Shape::Text, "where it comes from"),
        ])),
        "published errors of measurement",
    ),
    key(
        "days",
        Shape::List(&Shape::Table(&[
            required("reliability", Shape::Number, "the reliability that is reached"),
            required("needs", SPAN, "by the mean of so many days"),
            key("note", Shape::Text, "under which circumstances"),
            required("status", CHECKED, "how it was checked"),
            required("source", Shape::Text, "where it comes from"),
        ])),
        "how many days are needed",
    ),
    key(
        "freshness",
        Shape::Table(&[
            required("fresh_months", Shape::Number, "so long a reading counts in full"),
            required("stale_months", Shape::Number, "after so long it counts no more"),
            required("source", Shape::Text, "where it comes from"),
        ]),
        "how long a reading counts",
    ),
    key("content", TEXTS, "what it touches"),
    required("source", Shape::Text, "where limits and direction come from"),
    required("status", CHECKED, "how limits and direction were checked"),
]);
