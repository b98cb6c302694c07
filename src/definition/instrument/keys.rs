//! The keys of instruments: in a definition, and in a file of the catalogue.

use crate::notation::format::{Key, Shape, key, required};

const TEXTS: Shape = Shape::List(&Shape::Text);
const NUMBERS: Shape = Shape::List(&Shape::Number);
const DIRECTION: Shape = Shape::Word(&["higher_better", "lower_better"]);
const STATUS: Shape = Shape::Word(&["verified", "unverified"]);
const SEX: Shape = Shape::Word(&["any", "female", "male"]);
const STATUS_DOC: &str = "whether it was read in its source";
const SOURCE_DOC: &str = "author, year, where";
const SEX_DOC: &str = "whom it is for; by default anybody";
const AGE_DOC: &str = "the ages it is for, from and below, in years";
const NAMES: Shape = Shape::Map(&Shape::Text);

const ITEMS: Shape = TEXTS;
const KIND: Shape = Shape::Word(&["integer", "decimal", "clock"]);
const KIND_DOC: &str = "whole numbers (the default), any numbers, or times of the day such as 23:30";
const RESPONSE: Key = key("response", Shape::Pair, "lowest and highest code of an answer");
const CODING: Key = key("coding", Shape::Text, "what a low and a high code mean, in words");
const WINDOW: Key = key("window_days", Shape::Number, "the period asked about");
const CONTENT: Key = key(
    "content",
    Shape::Either(&[TEXTS, Shape::Map(&TEXTS)]),
    "what the items touch, for all or item by item",
);
const LICENCE: Shape = Shape::Table(&[
    required("class", Shape::Word(&["A", "B", "C"]), "A free, B free under conditions, C by permission"),
    required("holder", Shape::Text, "who holds the rights"),
    key("note", Shape::Text, "the conditions, in our words"),
    key("ask", Shape::Text, "whom to ask; needed for class C"),
]);
const LOINC: Key = key(
    "loinc",
    Shape::Table(&[
        required("panel", Shape::Text, "the code of the whole"),
        key("items", TEXTS, "the codes of the items, in their order"),
        required("status", STATUS, STATUS_DOC),
    ]),
    "its codes in LOINC",
);
const ITEM: Key = key(
    "item",
    Shape::List(&Shape::Table(&[
        required("ids", TEXTS, "the items it is about"),
        key("codes", NUMBERS, "the only possible codes, ascending"),
        RESPONSE,
        key("points", NUMBERS, "what each code counts, from the lowest code up; by default itself"),
        key("kind", KIND, KIND_DOC),
        key("unit", Shape::Text, "the unit of the answer"),
    ])),
    "items that are answered or counted otherwise than the rest",
);
const SKIP: Key = key(
    "skip",
    Shape::List(&Shape::Table(&[
        required("when_zero", TEXTS, "where all of these are answered and count 0 …"),
        required("items", TEXTS, "… these need no answer, and count 0 without one"),
    ])),
    "items that are not asked after certain answers",
);
const LET: Key =
    key("let", Shape::Map(&Shape::Text), "named expressions over the items, for scales by formula");
const FLAG: Key = key(
    "flag",
    Shape::List(&Shape::Table(&[
        required("id", Shape::Text, "its id"),
        required("title", Shape::Text, "what it says"),
        required("item", Shape::Text, "the item"),
        required("at_least", Shape::Number, "raised by this code and those above it"),
        key("source", Shape::Text, SOURCE_DOC),
    ])),
    "answers that somebody has to look at, whatever the score; an output of their own",
);
const ANSWER: Shape = Shape::Either(&[Shape::Number, Shape::Text]);
const CHECK: Key = key(
    "check",
    Shape::List(&Shape::Table(&[
        required("answers", Shape::List(&ANSWER), "answers in item order; `missing`, or times such as 23:30"),
        required(
            "expect",
            Shape::Map(&Shape::Either(&[Shape::Number, Shape::Word(&["missing"])])),
            "scale to score",
        ),
        key("bands", NAMES, "scale to band"),
        key("flags", Shape::Map(&Shape::Word(&["yes", "no", "unanswered"])), "safety flag to what it says"),
        key("sex", Shape::Word(&["female", "male"]), "of the person"),
        key("age", Shape::Number, "of the person, in years"),
        required("source", Shape::Text, "where the case comes from"),
    ])),
    "worked cases",
);

/// `[instrument.ID]` of a definition.
pub(crate) const INSTRUMENT: &[Key] = &[
    key(
        "use",
        Shape::Text,
        "an instrument of the catalogue, or a file ending in .toml beside the definition",
    ),
    key("columns", TEXTS, "the columns of the items, in their order; by default the item ids"),
    key("answers", Shape::Map(&Shape::Number), "answer text to code"),
    key("sentinels", NUMBERS, "codes that mean missing"),
    key(
        "turned",
        Shape::Flag,
        "whether the file codes every answer the other way round: lowest + highest − code",
    ),
    key("licence_ack", Shape::Text, "for an instrument by permission: how you hold it, in your words"),
    key("accept", Shape::Word(&["unverified"]), "takes a key that nobody held against its source"),
    key("bands", NAMES, "scale to set of bands, where another than the default is wanted"),
    key("norm", NAMES, "scale to norm"),
    key("reliability", NAMES, "scale to kind of published reliability"),
    key("missing", Shape::Map(&MISSING), "scale to missing rule, where another than the published is wanted"),
    CONTENT,
    key("licence", LICENCE, "who may use it"),
    key("title", Shape::Text, "what it asks about, in words"),
    key("version", Shape::Text, "the version that is keyed"),
    key("citation", TEXTS, SOURCE_DOC),
    WINDOW,
    CODING,
    key("items", ITEMS, "item ids of an instrument declared in place"),
    RESPONSE,
    key("kind", KIND, KIND_DOC),
    ITEM,
    SKIP,
    LET,
    key(
        "scale",
        Shape::Ids(&Shape::Table(SCALE)),
        "scales of an instrument declared in place; by default one, `total`",
    ),
    key("direction", DIRECTION, "the direction of the default scale"),
    FLAG,
    CHECK,
];

/// A file of the catalogue, or one of the user's own.
pub(crate) const FILE: Shape = Shape::Table(&[
    required("schema", Shape::Number, "the version of this format: 1"),
    required("id", Shape::Text, "the id, equal to the name of the file"),
    required("version", Shape::Text, "the version that is keyed"),
    required("title", Shape::Text, "its name"),
    required("about", Shape::Text, "what it asks, of whom, and what to know"),
    required("citation", TEXTS, SOURCE_DOC),
    required("status", STATUS, "whether the key was read in its source"),
    required("licence", LICENCE, "who may use it"),
    WINDOW,
    required("coding", Shape::Text, "what a low and a high code mean, in words"),
    required("items", ITEMS, "item ids, in order"),
    required("response", Shape::Pair, "lowest and highest code of an answer"),
    key("kind", KIND, KIND_DOC),
    CONTENT,
    LOINC,
    ITEM,
    SKIP,
    LET,
    required("scale", Shape::Ids(&Shape::Table(SCALE)), "its scales"),
    FLAG,
    CHECK,
]);

const MISSING: Shape =
    Shape::Either(&[Shape::Word(&["complete", "half", "formula"]), Shape::Table(SCALE_MISSING)]);

const SCALE_MISSING: &[Key] = &[
    key("at_least", Shape::Number, "for a mean: answered items needed; the score is the mean of those"),
    key(
        "prorate",
        Shape::Number,
        "for a sum: answered items needed; the score is the mean of those times the number of items",
    ),
];

const EDGE: Shape = Shape::Word(&["above", "below"]);

const SCALE: &[Key] = &[
    key("title", Shape::Text, "what it measures, in words"),
    key("items", TEXTS, "its items; by default all"),
    key("of", TEXTS, "scales declared before it, instead of items"),
    key("from", Shape::Text, "an expression over items, `let` names and scales declared before it"),
    key("refuse", TEXTS, "for `from`: where one of these is true there is no score"),
    key("reverse", TEXTS, "items keyed the other way round"),
    key("weights", NUMBERS, "one an item or scale; by default 1"),
    key("aggregate", Shape::Word(&["sum", "mean"]), "how they are joined; by default the sum"),
    key("multiply", Shape::Number, "what the sum or mean is multiplied by"),
    key("onto", Shape::Pair, "what the lowest and the highest sum or mean become, on a straight line"),
    key(
        "bins",
        Shape::Table(&[
            required("at", NUMBERS, "ascending thresholds"),
            required("points", NUMBERS, "one score more than thresholds, from the lowest bin up"),
            key(
                "edge",
                Shape::Either(&[EDGE, Shape::List(&EDGE)]),
                "whether a threshold belongs to the bin above it (the default) or below it, for all or one by one",
            ),
        ]),
        "cuts the number into bins",
    ),
    key(
        "table",
        Shape::Table(&[
            required("first", Shape::Number, "the first whole number of the table"),
            required("scores", NUMBERS, "its score, that of the next number, and so on"),
        ]),
        "looks the number up; what is not in the table is missing",
    ),
    key("direction", DIRECTION, "whether more is better"),
    key("missing", MISSING, "the missing rule; by default complete"),
    key("range", Shape::Pair, "lowest and highest score of complete answers; needed with `from`"),
    key(
        "ends",
        Shape::List(&Shape::Either(&[Shape::Number, Shape::Word(&["missing"])])),
        "the score where every answer has its lowest code, and where every answer has its highest",
    ),
    key(
        "level",
        Shape::Word(&["person", "group"]),
        "whether it is valid for persons (the default) or groups alone",
    ),
    key("label", Shape::Flag, "true for a profile or a code, which is no quantity"),
    key(
        "group",
        Shape::Table(&[
            required("plus", Shape::Pair, "scores from and to, both counted"),
            key("minus", Shape::Pair, "scores from and to, both counted, whose share is taken off"),
        ]),
        "the share of a group within some scores, in %",
    ),
    key(
        "loinc",
        Shape::Table(&[required("code", Shape::Text, "the code"), required("status", STATUS, STATUS_DOC)]),
        "its code in LOINC",
    ),
    key("bands", Shape::Map(&Shape::Pair), "named ranges of the score, each [from, below)"),
    key("bands_status", STATUS, "whether the bands were read in their source"),
    key("bands_source", Shape::Text, "where the bands come from"),
    key(
        "band_set",
        Shape::List(&Shape::Table(&[
            required("id", Shape::Text, "the name to ask for it by; sets of one id belong together"),
            key("sex", SEX, SEX_DOC),
            key("age", Shape::Pair, AGE_DOC),
            required("bands", Shape::Map(&Shape::Pair), "named ranges of the score, each [from, below)"),
            required("status", STATUS, STATUS_DOC),
            required("source", Shape::Text, SOURCE_DOC),
        ])),
        "further sets of bands, or bands by sex and age",
    ),
    key(
        "reliability",
        Shape::List(&Shape::Table(&[
            required("kind", Shape::Word(&["alpha", "omega", "retest", "icc"]), "of which kind"),
            required("value", Shape::Number, "the share of the variance that is not error"),
            key("n", Shape::Number, "how many persons"),
            key("about", Shape::Text, "who they were"),
            required("status", STATUS, STATUS_DOC),
            required("source", Shape::Text, SOURCE_DOC),
        ])),
        "published reliabilities",
    ),
    key(
        "norm",
        Shape::List(&Shape::Table(&[
            required("id", Shape::Text, "the name to ask for it by; norms of one id belong together"),
            key("sex", SEX, SEX_DOC),
            key("age", Shape::Pair, AGE_DOC),
            required("n", Shape::Number, "how many persons"),
            required("mean", Shape::Number, "their mean"),
            required("sd", Shape::Number, "their standard deviation"),
            required("status", STATUS, STATUS_DOC),
            required("source", Shape::Text, SOURCE_DOC),
        ])),
        "published means and standard deviations",
    ),
    key(
        "change",
        Shape::List(&Shape::Table(&[
            required("kind", Shape::Word(&["minimal_important", "sem", "reliable"]), "of which kind"),
            required("value", Shape::Number, "in points of the score"),
            key("about", Shape::Text, "of whom, and how it was found"),
            required("status", STATUS, STATUS_DOC),
            required("source", Shape::Text, SOURCE_DOC),
        ])),
        "published figures of change",
    ),
];
