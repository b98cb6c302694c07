//! The tree of an expression, its operators and functions, and its canonical form.

use std::{fmt::Write as _, ops::Range};

/// A part of an expression and its place in the text.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: Range<usize>,
    pub(super) form: Form,
    /// Levels below this one: 0 for a leaf.
    pub(super) height: usize,
}

/// Places do not count: an expression and its canonical form are the same tree.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.form == other.form
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    Number(f64),
    Text(String),
    Name(String),
    Negate(Box<Node>),
    Not(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    If,
    Lookup,
    Ln,
    Exp,
    Sqrt,
    Abs,
    Min,
    Max,
    Round,
    Floor,
    Mean,
    Sum,
    CountObserved,
    MeanObserved,
    SumObserved,
    MinObserved,
    MaxObserved,
}

/// A key of `lookup`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Key<'a> {
    Number(f64),
    Text(&'a str),
}

impl Node {
    pub(super) fn new(at: Range<usize>, form: Form) -> Self {
        let height = match &form {
            Form::Number(_) | Form::Text(_) | Form::Name(_) => 0,
            Form::Negate(inner) | Form::Not(inner) => inner.height + 1,
            Form::Binary(_, left, right) => left.height.max(right.height) + 1,
            Form::Call(_, arguments) => arguments.iter().map(|node| node.height).max().unwrap_or(0) + 1,
        };
        Self { at, form, height }
    }

    /// Its names, each once with its first place, after those already in `names`.
    pub(super) fn collect_names<'a>(&'a self, names: &mut Vec<(&'a str, &'a Range<usize>)>) {
        match &self.form {
            Form::Number(_) | Form::Text(_) => {}
            Form::Name(name) => {
                if names.iter().all(|(known, _)| known != name) {
                    names.push((name, &self.at));
                }
            }
            Form::Negate(inner) | Form::Not(inner) => inner.collect_names(names),
            Form::Binary(_, left, right) => {
                left.collect_names(names);
                right.collect_names(names);
            }
            Form::Call(_, arguments) => arguments.iter().for_each(|node| node.collect_names(names)),
        }
    }

    /// The value of a number, a negative number or a quoted text.
    pub(super) fn key(&self) -> Option<Key<'_>> {
        match &self.form {
            Form::Number(number) => Some(Key::Number(*number)),
            Form::Text(text) => Some(Key::Text(text)),
            Form::Negate(inner) => match inner.form {
                Form::Number(number) => Some(Key::Number(-number)),
                _ => None,
            },
            _ => None,
        }
    }

    /// How an error calls this part.
    pub(super) fn label(&self) -> String {
        match &self.form {
            Form::Number(_) | Form::Text(_) => format!("`{}`", self.canonical()),
            Form::Name(name) => format!("`{name}`"),
            Form::Call(function, _) => format!("`{}(…)`", function.name()),
            _ => "this part".to_owned(),
        }
    }

    pub(super) fn canonical(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// One pair of parentheses, and so one level for the parser, per level of the tree.
    fn write(&self, out: &mut String) {
        match &self.form {
            Form::Number(number) => {
                // Both read back to the same bits; the shorter is also bounded.
                let (plain, exponent) = (number.to_string(), format!("{number:e}"));
                out.push_str(if plain.len() <= exponent.len() { &plain } else { &exponent });
            }
            Form::Text(text) => write_quoted(out, text, '\''),
            Form::Name(name) if is_plain(name) && !super::FUNCTIONS.contains(&name.as_str()) => {
                out.push_str(name);
            }
            Form::Name(name) => write_quoted(out, name, '`'),
            Form::Negate(inner) => {
                out.push_str("(-");
                inner.write(out);
                out.push(')');
            }
            Form::Not(inner) => {
                out.push_str("(not ");
                inner.write(out);
                out.push(')');
            }
            Form::Binary(operator, left, right) => {
                out.push('(');
                left.write(out);
                // Words would run into names.
                let space = if matches!(operator, Operator::And | Operator::Or) { " " } else { "" };
                // Writing to a string cannot fail.
                let _ = write!(out, "{space}{}{space}", operator.symbol());
                right.write(out);
                out.push(')');
            }
            Form::Call(function, arguments) => {
                out.push_str(function.name());
                let mut separator = '(';
                for argument in arguments {
                    out.push(separator);
                    argument.write(out);
                    separator = ',';
                }
                out.push(')');
            }
        }
    }
}

/// `[a-z][a-z0-9_]*`: a name that needs no backquotes.
pub(super) fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn write_quoted(out: &mut String, text: &str, quote: char) {
    out.push(quote);
    for character in text.chars() {
        if character == quote {
            out.push(quote);
        }
        out.push(character);
    }
    out.push(quote);
}

impl Operator {
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
        }
    }

    pub(super) fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal | Self::NotEqual | Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual
        )
    }
}

impl Function {
    pub(super) const ALL: [Self; 17] = [
        Self::If,
        Self::Lookup,
        Self::Ln,
        Self::Exp,
        Self::Sqrt,
        Self::Abs,
        Self::Min,
        Self::Max,
        Self::Round,
        Self::Floor,
        Self::Mean,
        Self::Sum,
        Self::CountObserved,
        Self::MeanObserved,
        Self::SumObserved,
        Self::MinObserved,
        Self::MaxObserved,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        self.usage().split('(').next().unwrap_or_default()
    }

    /// How it is called.
    pub(super) fn usage(self) -> &'static str {
        match self {
            Self::If => "if(condition, then, otherwise)",
            Self::Lookup => "lookup(x, key, value, …, otherwise)",
            Self::Ln => "ln(x)",
            Self::Exp => "exp(x)",
            Self::Sqrt => "sqrt(x)",
            Self::Abs => "abs(x)",
            Self::Min => "min(a, b, …)",
            Self::Max => "max(a, b, …)",
            Self::Round => "round(x)",
            Self::Floor => "floor(x)",
            Self::Mean => "mean(a, …)",
            Self::Sum => "sum(a, …)",
            Self::CountObserved => "count_observed(a, …)",
            Self::MeanObserved => "mean_observed(a, …)",
            Self::SumObserved => "sum_observed(a, …)",
            Self::MinObserved => "min_observed(a, …)",
            Self::MaxObserved => "max_observed(a, …)",
        }
    }

    pub(super) fn accepts(self, arguments: usize) -> bool {
        match self {
            Self::If => arguments == 3,
            Self::Lookup => arguments >= 4 && arguments.is_multiple_of(2),
            Self::Ln | Self::Exp | Self::Sqrt | Self::Abs | Self::Round | Self::Floor => arguments == 1,
            Self::Min | Self::Max => arguments >= 2,
            _ => arguments >= 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_names_are_the_functions_and_the_words() {
        let mut names: Vec<&str> = Function::ALL.iter().map(|function| function.name()).collect();
        names.extend(["and", "or", "not"]);
        assert_eq!(names, super::super::FUNCTIONS);
        assert!(Function::ALL.iter().all(|function| Function::named(function.name()) == Some(*function)));
    }

    #[test]
    fn plain_names_start_with_a_small_letter() {
        assert!(["a", "smoked_100", "x2_"].into_iter().all(is_plain));
        assert!(["", "A", "2a", "_a", "aB", "a b", "ä", "a.b"].into_iter().all(|name| !is_plain(name)));
    }
}
