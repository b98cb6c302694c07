//! The small language of derived columns: `mean_observed(sys1, sys2)`, `total - hdl`, `if(x == 0, 'a', 'b')`.
//!
//! The language is total: every text parses or is refused with a place and a remedy, and every parsed
//! expression that passes its type check has a value, possibly missing, for every row.
//!
//! | part | forms |
//! |---|---|
//! | numbers, texts | `12`, `0.5`, `1e-3`; `'Not at all'`, with a quote inside doubled: `'Don''t know'` |
//! | columns | `age`, and any other name in backquotes: `` `Any Name 2` `` |
//! | operators, loosest first | `or`; `and`; `not`; `== != < <= > >=` (no chains); `+ -`; `* /`; unary `-`; `^` (to the right) |
//! | choice | `if(condition, then, otherwise)`, `lookup(x, key, value, …, otherwise)` with literal, distinct keys |
//! | of one number | `ln exp sqrt abs round floor`; `round` takes halves away from zero |
//! | of several | `min max` (two or more), `mean sum` (one or more): Σx added from left to right, mean = Σx / arguments |
//! | of what is there | `count_observed mean_observed sum_observed min_observed max_observed` (one or more): mean = Σx / observed |
//!
//! **Truth.** Comparisons and logic give 1 or 0; any other number than 0 counts as true.
//!
//! **Missing data.** Missing in, missing out, with four exceptions: `0 and missing` is 0 and `1 or missing` is 1
//! (Kleene); `if` and `lookup` look only at the branch they choose; the `…_observed` functions skip what is
//! missing and are missing only if nothing is left (`count_observed` is then 0). What has no finite real value
//! is missing too: `x / 0`, `ln` of 0 or less, `sqrt` of less than 0, an overflow.
//!
//! **Bits.** Powers, `ln` and `exp` come from crate `libm`, every missing number is the same NaN and zero has
//! no sign, so a column is the same to the last bit on every machine.

mod check;
mod evaluate;
mod kernel;
mod lexer;
mod parse;
pub(crate) mod program;
mod tree;

use std::ops::Range;
use tree::Node;

/// The code of a missing text.
pub(crate) const MISSING_TEXT: u32 = u32::MAX;

/// The names reserved by the language; a column of such a name is read in backquotes.
pub(crate) const FUNCTIONS: &[&str] = &[
    "if",
    "lookup",
    "ln",
    "exp",
    "sqrt",
    "abs",
    "min",
    "max",
    "round",
    "floor",
    "mean",
    "sum",
    "count_observed",
    "mean_observed",
    "sum_observed",
    "min_observed",
    "max_observed",
    "and",
    "or",
    "not",
];

/// The longest text of an expression, and of its canonical form, in bytes.
const LONGEST: usize = 4096;

/// The deepest nesting of an expression; a chain such as `a + b + c` nests to the left.
const DEEPEST: usize = 64;

/// The most arguments of a call.
const MOST_ARGUMENTS: usize = 256;

/// A parsed expression with the names it reads; two are equal if they have the same canonical form.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expression {
    root: Node,
}

/// What a column, or a part of an expression, holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
}

/// A column to read: NaN is a missing number, [`MISSING_TEXT`] a missing text.
///
/// An infinite number, or a code beyond the levels, is taken as missing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Operand<'a> {
    Number(&'a [f64]),
    Text { codes: &'a [u32], levels: &'a [String] },
}

/// A derived column: NaN is a missing number, [`MISSING_TEXT`] a missing text; every other number is finite.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    Number(Vec<f64>),
    Text { codes: Vec<u32>, levels: Vec<String> },
}

/// Why a text is not an expression, or an expression does not fit its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// The byte range in the text.
    pub(crate) at: Range<usize>,
    /// What is wrong, as a lowercase fragment.
    pub(crate) what: String,
    /// What is allowed or what to do; empty if the fault says it all.
    pub(crate) help: String,
}

impl SyntaxError {
    fn new(at: &Range<usize>, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { at: at.clone(), what: what.into(), help: help.into() }
    }
}

impl Expression {
    /// Reads `text`.
    ///
    /// Refused besides faulty grammar: more than 4096 bytes (of the text, or of its canonical form), more than
    /// 64 levels of nesting, more than 256 arguments, unknown functions, wrong numbers of arguments.
    pub(crate) fn parse(text: &str) -> Result<Self, SyntaxError> {
        let whole = 0..text.len();
        if text.len() > LONGEST {
            return Err(too_long(&whole, "expression", text.len()));
        }
        let root = parse::parse(text)?;
        // Without this bound a canonical form could be too long to be read back.
        let canonical = root.canonical().len();
        if canonical > LONGEST {
            return Err(too_long(&whole, "fully parenthesised expression", canonical));
        }
        Ok(Self { root })
    }

    /// The columns it reads, each once, in order of first appearance.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.names_at().into_iter().map(|(name, _)| name).collect()
    }

    /// The kind of the result, if every part gets the kinds it takes; `kind_of` a column unknown is `None`.
    pub(crate) fn check(&self, kind_of: impl Fn(&str) -> Option<Kind>) -> Result<Kind, SyntaxError> {
        check::kind(&self.root, &kind_of)
    }

    /// The value of every row, computed column by column; the module's head has the rules on missing data.
    ///
    /// The levels of a text are those its columns and quoted texts can give, whether or not a row has them, in
    /// order of first mention: they do not depend on the rows.
    pub(crate) fn evaluate<'a>(
        &self,
        rows: usize,
        column: impl Fn(&str) -> Option<Operand<'a>>,
    ) -> Result<Values, SyntaxError> {
        // All faults of kind are found before any column is computed.
        self.check(|name| column(name).map(|operand| operand.kind()))?;
        evaluate::values(&self.root, rows, &column)
    }

    /// The fully parenthesised form, for hashing: `parse(canonical())` is the same expression.
    pub(crate) fn canonical(&self) -> String {
        self.root.canonical()
    }

    fn names_at(&self) -> Vec<(&str, &Range<usize>)> {
        let mut names = Vec::new();
        self.root.collect_names(&mut names);
        names
    }
}

impl Operand<'_> {
    fn kind(&self) -> Kind {
        match self {
            Self::Number(_) => Kind::Number,
            Self::Text { .. } => Kind::Text,
        }
    }
}

fn too_long(at: &Range<usize>, what: &str, bytes: usize) -> SyntaxError {
    let help = format!("at most {LONGEST}; split it into several derived columns");
    SyntaxError::new(at, format!("the {what} is {bytes} bytes long"), help)
}

#[cfg(test)]
mod tests {
    use super::{
        program::{Columns, Meaning, Program},
        *,
    };
    use proptest::{
        prelude::*,
        test_runner::{Config, RngSeed},
    };

    fn expression(text: &str) -> Expression {
        Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn names_come_once_in_order_of_first_appearance() {
        let read = expression("if(b > a, `Any Name 2` + b, lookup(c, 'x', a, 0))");
        assert_eq!(read.names(), ["b", "a", "Any Name 2", "c"]);
        assert!(expression("1 + 2").names().is_empty());
    }

    #[test]
    fn the_text_and_its_canonical_form_are_at_most_4096_bytes() {
        assert!(Expression::parse(&format!("1{}", " ".repeat(4095))).is_ok());
        assert_eq!(Expression::parse(&format!("1{}", " ".repeat(4096))).unwrap_err().at, 0..4097);
        // 255 arguments `-a*-a*-a` of 8 bytes and commas: short enough, but not with all parentheses.
        let text = format!("sum({})", vec!["-a*-a*-a"; 255].join(","));
        assert!(text.len() < LONGEST);
        assert!(Expression::parse(&text).unwrap_err().what.contains("fully parenthesised"));
    }

    #[test]
    fn columns_are_computed_over_all_rows_and_levels_do_not_depend_on_them() {
        let levels = ["b", "a"].map(str::to_owned);
        let read = expression("if(x == 1, 'a', s)");
        let over = |x: &[f64], codes: &[u32]| {
            let column = |name: &str| {
                Some(if name == "x" { Operand::Number(x) } else { Operand::Text { codes, levels: &levels } })
            };
            read.evaluate(x.len(), column)
        };
        let merged = ["a", "b"].map(str::to_owned).to_vec();
        assert_eq!(
            over(&[1.0, 0.0, 0.0, f64::NAN, 0.0], &[0, 0, 1, 0, MISSING_TEXT]),
            Ok(Values::Text { codes: vec![0, 1, 0, MISSING_TEXT, MISSING_TEXT], levels: merged.clone() })
        );
        assert_eq!(over(&[], &[]), Ok(Values::Text { codes: vec![], levels: merged }));
        assert_eq!(over(&[1.0, 2.0], &[0]).unwrap_err().what, "column `s` has 1 rows, not 2");
    }

    /// An expression of numbers `x`, `y`, `z` and texts `s`, `t`, as a person might write it.
    fn numbers() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            prop::sample::select(vec!["x", "y", "z", "`z`", "0", "1", "2.5", "0.5", "4", "1e200", "7e-3"])
                .prop_map(str::to_owned),
            texts().prop_map(|text| format!("({text}) == s")),
            texts().prop_map(|text| format!("t != ({text})")),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let binary = prop::sample::select(vec!["+", "-", "*", "/", "^", "<", ">=", "==", "and", "or"]);
            let unary = prop::sample::select(vec!["ln", "exp", "sqrt", "abs", "round", "floor", "-", "not "]);
            let many = prop::sample::select(vec![
                "min",
                "max",
                "mean",
                "sum",
                "count_observed",
                "mean_observed",
                "sum_observed",
                "min_observed",
                "max_observed",
            ]);
            prop_oneof![
                (inner.clone(), binary, inner.clone()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
                (unary, inner.clone()).prop_map(|(op, a)| format!("{op}({a})")),
                (many, prop::collection::vec(inner.clone(), 2..4))
                    .prop_map(|(name, all)| format!("{name}({})", all.join(", "))),
                (inner.clone(), inner.clone(), inner.clone())
                    .prop_map(|(a, b, c)| format!("if({a}, {b}, {c})")),
                (inner.clone(), inner.clone(), inner.clone())
                    .prop_map(|(a, b, c)| format!("lookup({a}, 0, {b}, -1, {c}, {a})")),
                (inner.clone(), inner).prop_map(|(a, b)| format!("lookup(s, 'no', {a}, {b})")),
            ]
        })
    }

    fn texts() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(vec!["s", "t", "'no'", "'it''s'", "''"]).prop_map(str::to_owned);
        leaf.prop_recursive(2, 6, 2, |inner| {
            (inner.clone(), inner).prop_map(|(a, b)| format!("if(x, {a}, lookup(s, 'no', {b}, {a}))"))
        })
    }

    /// Rows of three numbers and two texts, with missing values among them.
    type Rows = Vec<([f64; 3], [u32; 2])>;

    fn rows() -> impl Strategy<Value = Rows> {
        let number = prop_oneof![Just(f64::NAN), Just(0.0), Just(-1.0), -1e3..1e3, Just(1e300)];
        let code = prop_oneof![Just(MISSING_TEXT), 0..3_u32];
        prop::collection::vec((prop::array::uniform3(number), prop::array::uniform2(code)), 0..6)
    }

    fn over(rows: &Rows, read: &Expression) -> Values {
        let columns: Vec<Vec<f64>> =
            (0..3).map(|place| rows.iter().map(|row| row.0[place]).collect()).collect();
        let codes: Vec<Vec<u32>> =
            (0..2).map(|place| rows.iter().map(|row| row.1[place]).collect()).collect();
        let levels = [["no", "yes", "it's"], ["yes", "no", "other"]].map(|all| all.map(str::to_owned));
        let column = |name: &str| match name {
            "x" => Some(Operand::Number(&columns[0])),
            "y" => Some(Operand::Number(&columns[1])),
            "z" => Some(Operand::Number(&columns[2])),
            "s" => Some(Operand::Text { codes: &codes[0], levels: &levels[0] }),
            "t" => Some(Operand::Text { codes: &codes[1], levels: &levels[1] }),
            _ => None,
        };
        read.evaluate(rows.len(), column).unwrap()
    }

    fn bits(values: &Values) -> Vec<u64> {
        match values {
            Values::Number(numbers) => numbers.iter().map(|x| x.to_bits()).collect(),
            Values::Text { codes, .. } => codes.iter().map(|code| u64::from(*code)).collect(),
        }
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(20_261_121), failure_persistence: None, ..Config::default() })]

        #[test]
        fn any_text_parses_or_has_a_fault_inside_it(text in "\\PC*") {
            if let Err(error) = Expression::parse(&text) {
                prop_assert!(text.get(error.at.clone()).is_some(), "{error:?}");
                prop_assert!(!error.what.is_empty());
            }
        }

        #[test]
        fn any_soup_of_tokens_parses_or_has_a_fault_inside_it(soup in prop::collection::vec(
            prop::sample::select(vec![
                "(", ")", ",", "-", "+", "^", "*", "==", "<", "and", "or", "not", "if(", "lookup(", "mean(",
                "x", "'a'", "`b`", "1", "1e", ".", "'", "`", "=", "é", "X",
            ]), 0..12)) {
            let text = soup.join(" ");
            match Expression::parse(&text) {
                Ok(read) => {
                    prop_assert_eq!(&Expression::parse(&read.canonical()), &Ok(read.clone()));
                    let _ = read.check(|_| Some(Kind::Number));
                    let _ = read.evaluate(1, |_| Some(Operand::Number(&[1.0])));
                }
                Err(error) => prop_assert!(text.get(error.at.clone()).is_some(), "{error:?}"),
            }
        }

        #[test]
        fn the_canonical_form_reads_back_as_the_same_tree(text in numbers()) {
            let read = expression(&text);
            let canonical = read.canonical();
            let again = expression(&canonical);
            prop_assert_eq!(&again, &read);
            prop_assert_eq!(again.canonical(), canonical);
        }

        #[test]
        fn a_program_gives_every_row_the_same_bits(text in numbers(), rows in rows()) {
            let rows: Rows = rows.into_iter().map(|(numbers, _)| (numbers, [0, 0])).collect();
            let read = expression(&text);
            let mut program = Program::default();
            let inputs = ["x", "y", "z"].map(|name| {
                let column = program.column();
                program.name(name, Meaning::Column(column));
                column
            });
            program.name("s", Meaning::Text("no".to_owned()));
            program.name("t", Meaning::Text("yes".to_owned()));
            // A text that depends on the row is refused.
            let Ok(meaning) = program.compile(&read) else { return Ok(()) };
            let mut columns = Columns::default();
            columns.fit(&program, rows.len());
            for (place, column) in inputs.into_iter().enumerate() {
                columns.fill(column, |out, _| {
                    out.iter_mut().zip(&rows).for_each(|(out, row)| *out = row.0[place]);
                });
            }
            program.run(0..program.len(), &mut columns);
            let found = match meaning {
                Meaning::Number(number) => vec![number; rows.len()],
                Meaning::Column(column) => columns.get(column).to_vec(),
                Meaning::Text(text) => panic!("{text}"),
            };
            prop_assert_eq!(bits(&Values::Number(found)), bits(&over(&rows, &read)));
        }

        #[test]
        fn a_row_has_its_value_whatever_the_other_rows_and_it_is_finite_or_missing(
            text in prop_oneof![numbers(), texts()], rows in rows()
        ) {
            let read = expression(&text);
            let whole = bits(&over(&rows, &read));
            let alone: Vec<u64> = rows.iter().flat_map(|row| bits(&over(&vec![*row], &read))).collect();
            prop_assert_eq!(&whole, &alone);
            if let Values::Number(numbers) = over(&rows, &read) {
                prop_assert!(numbers.iter().all(|x| x.is_finite() || x.to_bits() == f64::NAN.to_bits()));
            }
        }
    }
}
