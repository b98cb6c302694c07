//! The keys of a rule file.

use super::key::Gives;
use crate::notation::format::{Key, Shape, key, required};

const TEXTS: Shape = Shape::List(&Shape::Text);
const NUMBERS: Shape = Shape::List(&Shape::Number);
const STATUS: Shape = Shape::Word(&["verified", "secondary", "unverified"]);
const STATUS_DOC: &str = "whether it was read in its source, in one transcription, or not checked";
const POPULATION_DOC: &str = "whom it was made for";
const AGES_DOC: &str = "the ages it was made for, from and below, in years";

/// A file of published rules.
pub(super) const FILE: Shape = Shape::Table(&[
    required("schema", Shape::Number, "the version of this format: 1"),
    required("id", Shape::Text, "the id, equal to the name of the file"),
    required("title", Shape::Text, "its name"),
    key("version", Shape::Text, "the version of what was published"),
    required("source", Shape::Text, "author, year, where"),
    required("locator", Shape::Text, "where in the source, and how it was checked"),
    required("status", STATUS, STATUS_DOC),
    required("population", Shape::Text, POPULATION_DOC),
    key("ages", Shape::Pair, AGES_DOC),
    required("rule", Shape::Map(&Shape::Table(RULE)), "the rules"),
]);

const INPUT: &[Key] = &[
    required("unit", Shape::Text, "the UCUM unit, or a closed list of codes as in {no:0,yes:1}"),
    key("measure", Shape::Text, "the entry of the measure registry that it is"),
    key("limits", Shape::Pair, "outside of them the person is refused"),
    key("absent", Shape::Number, "what it counts as where it is not there; the result is flagged"),
    key("needed", Shape::Flag, "whether nothing can be said without it; by default yes"),
];

const ARGUMENT: &[Key] = &[
    required("one_of", TEXTS, "its values"),
    key("default", Shape::Text, "the one taken where none is chosen"),
    key("title", Shape::Text, "what is chosen, in words"),
];

const REMARK: &[Key] = &[
    required("when", Shape::Text, "an expression"),
    required("code", Shape::Text, "a short name for it"),
    required("because", Shape::Text, "what it means, in words"),
];

const NESTED: Shape = Shape::Either(&[Shape::Number, Shape::Map(&Shape::Number)]);
const CONSTANT: Shape = Shape::Either(&[Shape::Number, Shape::Text, Shape::Map(&NESTED)]);

const TERM: &[Key] = &[
    required("of", Shape::Text, "an expression"),
    key("part", Shape::Text, "the name it is explained under"),
    required("coefficient", CONSTANT, "a number, or one a stratum"),
];

/// A threshold, or as in `">30"` one that belongs to the band below it.
const THRESHOLDS: Shape = Shape::List(&Shape::Either(&[Shape::Number, Shape::Text]));
const BAND_SCORES: Shape = Shape::List(&Shape::Either(&[Shape::Number, Shape::Text]));
const AT: Key =
    key("at", THRESHOLDS, "ascending thresholds; each belongs to the band above it, or as \">30\" below");
const SCORE: Key =
    key("score", BAND_SCORES, "one score more than thresholds; a text names a case the source leaves open");

const DEDUCT: Key = key(
    "deduct",
    Shape::Table(&[
        required("input", Shape::Text, "where this input is 1"),
        required("points", Shape::Number, "so many points are taken off, not below 0"),
    ]),
    "what is taken off",
);

const PART: &[Key] = &[
    required("name", Shape::Text, "its name"),
    key("title", Shape::Text, "what it is, in words"),
    key("from", Shape::Text, "an expression"),
    key("input", Shape::Text, "what is banded, or put on a line"),
    AT,
    SCORE,
    key("by", Shape::Text, "the coded input that chooses the bands"),
    key(
        "rows",
        Shape::List(&Shape::Table(&[
            required("when", Shape::Number, "the value of `by` these bands are for"),
            AT,
            SCORE,
        ])),
        "the bands by the value of `by`",
    ),
    key("points", Shape::List(&Shape::Pair), "[value, score] pairs, straight lines between, flat outside"),
    key(
        "rule",
        Shape::Either(&[Shape::Text, Shape::Map(&Shape::Text)]),
        "another rule of this file, or one by the value of an argument",
    ),
    DEDUCT,
];

const NORM: &[Key] = &[
    key("percentiles", NUMBERS, "the percentiles that are tabulated; none for L, M and S"),
    key("transform", Shape::Word(&["ln"]), "the scale on which values are interpolated"),
    required(
        "rows",
        Shape::List(&Shape::Table(&[
            key("sex", Shape::Number, "whom the row is for"),
            key("ages", Shape::Pair, "from and below, in years"),
            key("age", Shape::Number, "the age of a row of L, M and S"),
            key("values", NUMBERS, "one a percentile"),
            key("lms", NUMBERS, "L, M and S"),
        ])),
        "the table",
    ),
];

const RULE: &[Key] = &[
    required("title", Shape::Text, "what it scores"),
    required("gives", Shape::Word(Gives::WORDS), "what its number is"),
    key("unit", Shape::Text, "the unit of the result"),
    key("range", Shape::Pair, "what the result can be"),
    key("audience", Shape::Word(&["clinic"]), "for the clinic and research only"),
    key("direction", Shape::Word(&["higher_better", "lower_better"]), "which way is better"),
    key("status", STATUS, STATUS_DOC),
    key("version", Shape::Text, "the version of what was published"),
    key("source", Shape::Text, "author, year, where"),
    key("locator", Shape::Text, "where in the source, and how it was checked"),
    key("population", Shape::Text, POPULATION_DOC),
    key("ages", Shape::Pair, AGES_DOC),
    key("inputs", Shape::Map(&Shape::Table(INPUT)), "what it reads"),
    key("arguments", Shape::Map(&Shape::Table(ARGUMENT)), "what is chosen once for everybody"),
    key("refuse", Shape::List(&Shape::Table(REMARK)), "whom it refuses"),
    key("flag", Shape::List(&Shape::Table(REMARK)), "what is said beside a result"),
    key("let", Shape::Map(&Shape::Text), "intermediate values, in order"),
    key("strata", Shape::Map(&Shape::Text), "conditions; the first true one is the person's stratum"),
    key("constant", Shape::Map(&CONSTANT), "numbers, by stratum or argument"),
    key("term", Shape::List(&Shape::Table(TERM)), "the terms of an equation; their sum is `lp`"),
    key("part", Shape::List(&Shape::Table(PART)), "the parts of a score"),
    key("norm", Shape::Table(NORM), "percentiles of a reference population"),
    key("algorithm", Shape::Text, "a named algorithm"),
    key("combine", Shape::Word(&["worst", "sum", "mean"]), "how the parts are joined, as `combined`"),
    key("at_least", Shape::Number, "how many parts must be there; by default all"),
    DEDUCT,
    key("result", Shape::Text, "an expression; by default `combined` or `lp`"),
    key("undefined", Shape::Text, "where it is true, the result cannot be decided"),
    key(
        "class",
        Shape::List(&Shape::Table(&[
            required("name", Shape::Text, "its name"),
            key("when", Shape::Text, "an expression; the last class needs none"),
        ])),
        "the classes of the result; the first true one counts",
    ),
    key("case", Shape::Map(&Shape::Text), "the open cases, in words"),
];
