//! The value of every row, one whole column per part of the expression.

use super::{
    Kind, MISSING_TEXT, Operand, SyntaxError, Values, check,
    kernel::{
        Levels, NO_BRANCH, and, blank, branch_of, each, find, larger, missing_or, not, or, pairs, put,
        smaller, translate,
    },
    tree::{Form, Function, Key, Node, Operator},
};

/// The values of `root`, whose kinds have been checked.
pub(super) fn values<'c>(
    root: &Node,
    rows: usize,
    column: &dyn Fn(&str) -> Option<Operand<'c>>,
) -> Result<Values, SyntaxError> {
    Evaluator { rows, column }.values(root)
}

struct Evaluator<'e, 'c> {
    rows: usize,
    column: &'e dyn Fn(&str) -> Option<Operand<'c>>,
}

impl Evaluator<'_, '_> {
    fn values(&self, node: &Node) -> Result<Values, SyntaxError> {
        Ok(Values::Number(match &node.form {
            Form::Number(number) => vec![*number; self.rows],
            Form::Text(text) => {
                return Ok(Values::Text { codes: vec![0; self.rows], levels: vec![text.clone()] });
            }
            Form::Name(name) => return self.column(node, name),
            Form::Negate(inner) => each(self.number(inner)?, |x| -x),
            Form::Not(inner) => each(self.number(inner)?, not),
            Form::Binary(operator, left, right) => match operator {
                Operator::Or => self.zip(left, right, or)?,
                Operator::And => self.zip(left, right, and)?,
                Operator::Equal => self.compare(node, left, right)?,
                Operator::NotEqual => each(self.compare(node, left, right)?, |equal| 1.0 - equal),
                Operator::Less => self.zip(left, right, missing_or(|a, b| f64::from(a < b)))?,
                Operator::LessEqual => self.zip(left, right, missing_or(|a, b| f64::from(a <= b)))?,
                Operator::Greater => self.zip(left, right, missing_or(|a, b| f64::from(a > b)))?,
                Operator::GreaterEqual => self.zip(left, right, missing_or(|a, b| f64::from(a >= b)))?,
                Operator::Add => self.zip(left, right, |a, b| a + b)?,
                Operator::Subtract => self.zip(left, right, |a, b| a - b)?,
                Operator::Multiply => self.zip(left, right, |a, b| a * b)?,
                Operator::Divide => self.zip(left, right, |a, b| a / b)?,
                // C's pow takes 1 ^ NaN and NaN ^ 0 for 1.
                Operator::Power => self.zip(left, right, missing_or(libm::pow))?,
            },
            Form::Call(function, arguments) => return self.call(node, *function, arguments),
        }))
    }

    fn call(&self, node: &Node, function: Function, arguments: &[Node]) -> Result<Values, SyntaxError> {
        Ok(Values::Number(match function {
            Function::If => {
                let [condition, branches @ ..] = arguments else { return Err(check::miscalled(node)) };
                let choice: Vec<u32> = self.number(condition)?.into_iter().map(branch_of).collect();
                return self.choose(&choice, branches.iter());
            }
            Function::Lookup => {
                let [x, entries @ .., otherwise] = arguments else { return Err(check::miscalled(node)) };
                let keys: Vec<Key<'_>> = entries.iter().step_by(2).filter_map(Node::key).collect();
                let choice = find(&self.values(x)?, &keys);
                return self.choose(&choice, entries.iter().skip(1).step_by(2).chain([otherwise]));
            }
            Function::Ln => self.each_of(arguments, libm::log)?,
            Function::Exp => self.each_of(arguments, libm::exp)?,
            Function::Sqrt => self.each_of(arguments, f64::sqrt)?,
            Function::Abs => self.each_of(arguments, f64::abs)?,
            Function::Round => self.each_of(arguments, f64::round)?,
            Function::Floor => self.each_of(arguments, f64::floor)?,
            Function::Min => self.fold(arguments, missing_or(smaller))?,
            Function::Max => self.fold(arguments, missing_or(larger))?,
            Function::Sum => self.fold(arguments, |a, b| a + b)?,
            Function::Mean => {
                let count = arguments.len() as f64;
                each(self.fold(arguments, |a, b| a + b)?, |sum| sum / count)
            }
            Function::CountObserved => self.observed(arguments, |count, _| count)?.1,
            Function::MeanObserved => {
                let (sums, counts) = self.observed(arguments, |a, b| a + b)?;
                pairs(sums, &counts, |sum, count| sum / count)
            }
            Function::SumObserved => self.observed(arguments, |a, b| a + b)?.0,
            Function::MinObserved => self.observed(arguments, smaller)?.0,
            Function::MaxObserved => self.observed(arguments, larger)?.0,
        }))
    }

    fn number(&self, node: &Node) -> Result<Vec<f64>, SyntaxError> {
        match self.values(node)? {
            Values::Number(numbers) => Ok(numbers),
            Values::Text { .. } => Err(check::not_a_number(node, "this")),
        }
    }

    fn column(&self, node: &Node, name: &str) -> Result<Values, SyntaxError> {
        let operand = (self.column)(name).ok_or_else(|| check::unknown(node))?;
        let (values, rows) = match operand {
            Operand::Number(numbers) => (Values::Number(each(numbers.to_vec(), |x| x)), numbers.len()),
            Operand::Text { codes, levels } => {
                let known: Vec<u32> = (0..MISSING_TEXT).zip(levels).map(|(code, _)| code).collect();
                (Values::Text { codes: translate(codes, &known), levels: levels.to_vec() }, codes.len())
            }
        };
        if rows == self.rows {
            Ok(values)
        } else {
            let what = format!("column `{name}` has {rows} rows, not {}", self.rows);
            Err(SyntaxError::new(&node.at, what, ""))
        }
    }

    /// 1 where both sides are equal, 0 where not, missing where one is missing.
    fn compare(&self, node: &Node, left: &Node, right: &Node) -> Result<Vec<f64>, SyntaxError> {
        match (self.values(left)?, self.values(right)?) {
            (Values::Number(a), Values::Number(b)) => Ok(pairs(a, &b, missing_or(|a, b| f64::from(a == b)))),
            (Values::Text { codes: a, levels: of_a }, Values::Text { codes: b, levels: of_b }) => {
                let mut levels = Levels::default();
                let (of_a, of_b) = (levels.add(of_a), levels.add(of_b));
                let equal = |(a, b)| {
                    if a == MISSING_TEXT || b == MISSING_TEXT { f64::NAN } else { f64::from(a == b) }
                };
                Ok(translate(&a, &of_a).into_iter().zip(translate(&b, &of_b)).map(equal).collect())
            }
            (Values::Text { .. }, Values::Number(_)) => {
                Err(check::unlike(node, left, right, Operator::Equal))
            }
            (Values::Number(_), Values::Text { .. }) => {
                Err(check::unlike(node, right, left, Operator::Equal))
            }
        }
    }

    /// Each row from the branch whose place it chose.
    fn choose<'n>(
        &self,
        choice: &[u32],
        branches: impl Iterator<Item = &'n Node>,
    ) -> Result<Values, SyntaxError> {
        let mut chosen: Option<Values> = None;
        let mut merged = Levels::default();
        for (place, branch) in (0..NO_BRANCH).zip(branches) {
            let mut values = self.values(branch)?;
            if let Values::Text { codes, levels } = &mut values {
                *codes = translate(codes, &merged.add(std::mem::take(levels)));
            }
            match (chosen.get_or_insert_with(|| blank(&values)), &values) {
                (Values::Number(out), Values::Number(new)) => put(out, new, choice, place),
                (Values::Text { codes: out, .. }, Values::Text { codes: new, .. }) => {
                    put(out, new, choice, place);
                }
                (Values::Number(_), _) => return Err(check::unlike_branch(branch, Kind::Number)),
                (Values::Text { .. }, _) => return Err(check::unlike_branch(branch, Kind::Text)),
            }
        }
        Ok(match chosen {
            Some(Values::Text { codes, .. }) => Values::Text { codes, levels: merged.into_list() },
            Some(numbers) => numbers,
            None => Values::Number(vec![f64::NAN; self.rows]),
        })
    }

    fn zip(&self, left: &Node, right: &Node, f: impl Fn(f64, f64) -> f64) -> Result<Vec<f64>, SyntaxError> {
        Ok(pairs(self.number(left)?, &self.number(right)?, f))
    }

    fn each_of(&self, arguments: &[Node], f: impl Fn(f64) -> f64) -> Result<Vec<f64>, SyntaxError> {
        Ok(each(self.fold(arguments, |_, last| last)?, f))
    }

    /// `f(…f(f(a, b), c)…)`, missing where `f` gives a NaN or an infinity.
    fn fold(&self, arguments: &[Node], f: impl Fn(f64, f64) -> f64) -> Result<Vec<f64>, SyntaxError> {
        let mut folded: Option<Vec<f64>> = None;
        for argument in arguments {
            let next = self.number(argument)?;
            folded = Some(match folded {
                None => next,
                Some(before) => pairs(before, &next, &f),
            });
        }
        Ok(folded.unwrap_or_else(|| vec![f64::NAN; self.rows]))
    }

    /// The fold of what is not missing, and the count of it; the fold of nothing is missing.
    fn observed(
        &self,
        arguments: &[Node],
        f: impl Fn(f64, f64) -> f64,
    ) -> Result<(Vec<f64>, Vec<f64>), SyntaxError> {
        let mut folded = vec![f64::NAN; self.rows];
        let mut counts = vec![0.0; self.rows];
        for argument in arguments {
            for ((before, count), next) in folded.iter_mut().zip(&mut counts).zip(self.number(argument)?) {
                if !next.is_nan() {
                    // Not by whether `before` is missing: an overflow must not start over.
                    *before = if *count == 0.0 { next } else { f(*before, next) };
                    *count += 1.0;
                }
            }
        }
        Ok((each(folded, |x| x), counts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;

    /// One row: `m` and the text `n` are missing, `s` is `never`; `wide` is a number that is not finite.
    fn values(text: &str) -> Values {
        let levels = ["current".to_owned(), "never".to_owned()];
        let column = |name: &str| match name {
            "m" => Some(Operand::Number(&[f64::NAN])),
            "wide" => Some(Operand::Number(&[f64::INFINITY])),
            "a" => Some(Operand::Number(&[4.0])),
            "s" => Some(Operand::Text { codes: &[1], levels: &levels }),
            "n" => Some(Operand::Text { codes: &[MISSING_TEXT], levels: &levels }),
            "beyond" => Some(Operand::Text { codes: &[2], levels: &levels }),
            "none" => Some(Operand::Text { codes: &[MISSING_TEXT], levels: &[] }),
            _ => None,
        };
        Expression::parse(text)
            .unwrap()
            .evaluate(1, column)
            .unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    fn number(text: &str) -> Option<f64> {
        let Values::Number(numbers) = values(text) else { panic!("{text} is text") };
        assert_eq!(numbers.len(), 1);
        numbers.into_iter().next().filter(|x| !x.is_nan())
    }

    fn text(text: &str) -> Option<String> {
        let Values::Text { codes, levels } = values(text) else { panic!("{text} is a number") };
        levels.get(codes[0] as usize).cloned()
    }

    fn all(cases: &[(&str, f64)]) {
        for (text, expected) in cases {
            assert_eq!(number(text), Some(*expected), "{text}");
        }
    }

    fn missing(cases: &str) {
        for text in cases.split("; ") {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn arithmetic_is_missing_where_it_has_no_finite_value() {
        all(&[
            ("a + 1 - 2 * 3 / 4", 3.5),
            ("-a ^ 2", -16.0),
            ("2 ^ 3 ^ 2", 512.0),
            ("4 ^ -0.5", 0.5),
            ("0 ^ 0", 1.0),
        ]);
        missing(
            "1 / 0; 0 / 0; 0 ^ -1; (-8) ^ 0.5; 1e308 * 10; 1e308 + 1e308 - 1e308; m + 1; \
             0 * m; -m; m ^ 0; 1 ^ m; wide; 1 / wide",
        );
        assert_eq!(number("-0").map(f64::to_bits), Some(0));
    }

    #[test]
    fn functions_of_one_number() {
        all(&[
            ("ln(1)", 0.0),
            ("exp(0)", 1.0),
            ("exp(-1000)", 0.0),
            ("sqrt(a)", 2.0),
            ("abs(-2.5)", 2.5),
            ("round(2.5)", 3.0),
            ("round(-2.5)", -3.0),
            ("round(2.4)", 2.0),
            ("floor(-2.5)", -3.0),
        ]);
        missing("ln(0); ln(-1); exp(710); sqrt(-1)");
        // libm's exp is good to less than one unit in the last place, here 4.4e-16, but does not round to nearest.
        let e = number("exp(1)").unwrap();
        assert!((e - std::f64::consts::E).abs() < 5e-16, "{e}");
        for function in ["ln", "exp", "sqrt", "abs", "round", "floor"] {
            assert_eq!(number(&format!("{function}(m)")), None);
        }
    }

    #[test]
    fn functions_of_several_numbers_are_missing_if_one_is() {
        all(&[
            ("min(3, 1, 2)", 1.0),
            ("max(3, 1, 2)", 3.0),
            ("mean(1, 2, 6)", 3.0),
            ("sum(1, 2, 6)", 9.0),
            ("mean(a)", 4.0),
        ]);
        missing("sum(1e308, 1e308)");
        for function in ["min", "max", "mean", "sum"] {
            for arguments in ["m, 1", "1, m", "1, m, 2", "m, m"] {
                assert_eq!(number(&format!("{function}({arguments})")), None, "{function}({arguments})");
            }
        }
    }

    #[test]
    fn functions_of_what_is_observed_skip_what_is_missing() {
        all(&[
            ("count_observed(m, 1, m, 5)", 2.0),
            ("mean_observed(m, 1, m, 5)", 3.0),
            ("sum_observed(m, 1, m, 5)", 6.0),
            ("min_observed(m, 5, m, 1)", 1.0),
            ("max_observed(m, 1, m, 5)", 5.0),
            ("count_observed(m, 1 / 0)", 0.0),
        ]);
        missing(
            "mean_observed(m, m); sum_observed(m); min_observed(m, m); max_observed(m); \
             sum_observed(1e308, 1e308, m, 1)",
        );
    }

    #[test]
    fn comparisons_are_one_zero_or_missing() {
        for (operator, of_less, of_same, of_more) in [
            ("==", 0.0, 1.0, 0.0),
            ("!=", 1.0, 0.0, 1.0),
            ("<", 1.0, 0.0, 0.0),
            ("<=", 1.0, 1.0, 0.0),
            (">", 0.0, 0.0, 1.0),
            (">=", 0.0, 1.0, 1.0),
        ] {
            for (other, expected) in
                [("5", Some(of_less)), ("4", Some(of_same)), ("3", Some(of_more)), ("m", None)]
            {
                assert_eq!(number(&format!("a {operator} {other}")), expected, "a {operator} {other}");
            }
            assert_eq!(number(&format!("m {operator} a")), None);
        }
    }

    #[test]
    fn texts_are_equal_or_not() {
        all(&[
            ("s == 'never'", 1.0),
            ("s != 'never'", 0.0),
            ("s == 'no such level'", 0.0),
            ("s != 'no such level'", 1.0),
            ("s == if(1, 'never', s)", 1.0),
        ]);
        missing("n == 'never'; s != n; n == n; beyond == s; none == 'x'");
    }

    /// Kleene's tables: a missing truth is one that could be either.
    #[test]
    fn logic_follows_kleene() {
        let truths = [("0", Some(0.0)), ("7", Some(1.0)), ("m", None)];
        for (a, of_a) in truths {
            assert_eq!(number(&format!("not {a}")), of_a.map(|x| 1.0 - x));
            for (b, of_b) in truths {
                let and = if of_a == Some(0.0) || of_b == Some(0.0) { Some(0.0) } else { of_a.and(of_b) };
                let or = if of_a == Some(1.0) || of_b == Some(1.0) { Some(1.0) } else { of_a.and(of_b) };
                assert_eq!(number(&format!("{a} and {b}")), and, "{a} and {b}");
                assert_eq!(number(&format!("{a} or {b}")), or, "{a} or {b}");
            }
        }
    }

    #[test]
    fn a_choice_is_missing_only_with_its_condition_or_its_chosen_branch() {
        all(&[
            ("if(a == 4, 1, 2)", 1.0),
            ("if(a != 4, 1, 2)", 2.0),
            ("if(1, 5, m)", 5.0),
            ("if(0, m, 5)", 5.0),
            ("lookup(a, 3, 30, 4, 40, 0)", 40.0),
            ("lookup(-a, 4, 40, -4, -40, 0)", -40.0),
            ("lookup(a, 3, 30, 99)", 99.0),
            ("lookup(a, 3, m, 4, 40, m)", 40.0),
            ("lookup(s, 'current', 2, 'never', 0, 1)", 0.0),
            ("lookup(s, 'former', 2, 1)", 1.0),
        ]);
        missing(
            "if(1, m, 5); if(m, 5, 5); lookup(a, 4, m, 0); lookup(m, 4, 1, 0); \
             lookup(n, 'never', 0, 1)",
        );
        for (expression, expected) in [
            ("s", Some("never")),
            ("n", None),
            ("beyond", None),
            ("'x'", Some("x")),
            ("if(a > 3, 'high', 'low')", Some("high")),
            ("if(a > 5, n, s)", Some("never")),
            ("if(m, 'x', 'x')", None),
            ("if(1, none, none)", None),
            ("lookup(s, 'never', 'no', 'current', 'yes', s)", Some("no")),
            ("lookup(s, 'current', 'yes', s)", Some("never")),
        ] {
            assert_eq!(text(expression).as_deref(), expected, "{expression}");
        }
    }
}
