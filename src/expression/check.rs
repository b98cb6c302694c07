//! The kinds of the parts, before any row is read.

use super::{
    Kind, SyntaxError,
    tree::{Form, Function, Key, Node, Operator},
};

/// The kind of `node`, or the first part that gets a kind it cannot take.
pub(super) fn kind(node: &Node, kind_of: &dyn Fn(&str) -> Option<Kind>) -> Result<Kind, SyntaxError> {
    match &node.form {
        Form::Number(_) => Ok(Kind::Number),
        Form::Text(_) => Ok(Kind::Text),
        Form::Name(name) => kind_of(name).ok_or_else(|| unknown(node)),
        Form::Negate(inner) => number(inner, "-", kind_of),
        Form::Not(inner) => number(inner, "not", kind_of),
        Form::Binary(operator @ (Operator::Equal | Operator::NotEqual), left, right) => {
            match (kind(left, kind_of)?, kind(right, kind_of)?) {
                (Kind::Text, Kind::Number) => Err(unlike(node, left, right, *operator)),
                (Kind::Number, Kind::Text) => Err(unlike(node, right, left, *operator)),
                _ => Ok(Kind::Number),
            }
        }
        Form::Binary(operator, left, right) => {
            number(left, operator.symbol(), kind_of)?;
            number(right, operator.symbol(), kind_of)
        }
        Form::Call(Function::If, arguments) => {
            let [condition, then, otherwise] = arguments.as_slice() else { return Err(miscalled(node)) };
            if kind(condition, kind_of)? == Kind::Text {
                return Err(is(
                    condition,
                    Kind::Text,
                    "a condition is a number: compare the text with == or !=",
                ));
            }
            alike([then, otherwise].into_iter(), kind_of)
        }
        Form::Call(Function::Lookup, arguments) => {
            let [x, pairs @ .., otherwise] = arguments.as_slice() else { return Err(miscalled(node)) };
            let wanted = match pairs.first().and_then(Node::key) {
                Some(Key::Text(_)) => Kind::Text,
                _ => Kind::Number,
            };
            match (kind(x, kind_of)?, wanted) {
                (Kind::Text, Kind::Number) => {
                    return Err(is(x, Kind::Text, "give its keys as quoted texts"));
                }
                (Kind::Number, Kind::Text) => {
                    return Err(is(x, Kind::Number, "give its keys as numbers, without quotes"));
                }
                _ => {}
            }
            let values = pairs.iter().skip(1).step_by(2);
            alike(values.chain([otherwise]), kind_of)
        }
        Form::Call(function, arguments) => {
            arguments.iter().try_for_each(|argument| number(argument, function.name(), kind_of).map(drop))?;
            Ok(Kind::Number)
        }
    }
}

fn number(node: &Node, by: &str, kind_of: &dyn Fn(&str) -> Option<Kind>) -> Result<Kind, SyntaxError> {
    match kind(node, kind_of)? {
        Kind::Number => Ok(Kind::Number),
        Kind::Text => Err(not_a_number(node, by)),
    }
}

/// The one kind of all `branches`.
fn alike<'n>(
    mut branches: impl Iterator<Item = &'n Node>,
    kind_of: &dyn Fn(&str) -> Option<Kind>,
) -> Result<Kind, SyntaxError> {
    let Some(first) = branches.next() else { return Ok(Kind::Number) };
    let wanted = kind(first, kind_of)?;
    for branch in branches {
        if kind(branch, kind_of)? != wanted {
            return Err(unlike_branch(branch, wanted));
        }
    }
    Ok(wanted)
}

fn is(node: &Node, kind: Kind, help: &str) -> SyntaxError {
    let kind = match kind {
        Kind::Number => "a number",
        Kind::Text => "text",
    };
    SyntaxError::new(&node.at, format!("{} is {kind}", node.label()), help)
}

pub(super) fn unknown(node: &Node) -> SyntaxError {
    SyntaxError::new(&node.at, format!("unknown column {}", node.label()), "check its spelling")
}

pub(super) fn miscalled(node: &Node) -> SyntaxError {
    SyntaxError::new(&node.at, format!("{} has too few arguments", node.label()), "")
}

pub(super) fn not_a_number(node: &Node, by: &str) -> SyntaxError {
    let help = format!("`{by}` takes numbers; text can be compared with == or !=, or chosen by if or lookup");
    is(node, Kind::Text, &help)
}

pub(super) fn unlike_branch(branch: &Node, wanted: Kind) -> SyntaxError {
    match wanted {
        Kind::Number => is(branch, Kind::Text, "the branch before it is a number; give both one kind"),
        Kind::Text => is(branch, Kind::Number, "the branch before it is text; give both one kind"),
    }
}

/// `text` and `number` are compared; the one that is not a literal decides what was meant.
pub(super) fn unlike(node: &Node, text: &Node, number: &Node, operator: Operator) -> SyntaxError {
    let mut error = if matches!(text.form, Form::Text(_)) && number.key().is_none() {
        is(number, Kind::Number, "compare it with a number, without quotes")
    } else if matches!(text.form, Form::Text(_)) {
        is(text, Kind::Text, &format!("`{}` takes two numbers or two texts", operator.symbol()))
    } else {
        is(text, Kind::Text, "compare it with a quoted text")
    };
    error.at = node.at.clone();
    error
}

#[cfg(test)]
mod tests {
    use crate::expression::{Expression, Kind, Operand};

    /// `s` and `t` are text, `x` and `y` numbers.
    fn check(text: &str) -> Result<Kind, (std::ops::Range<usize>, String)> {
        let kind_of = |name: &str| match name {
            "s" | "t" => Some(Kind::Text),
            "x" | "y" => Some(Kind::Number),
            _ => None,
        };
        Expression::parse(text)
            .unwrap()
            .check(kind_of)
            .map_err(|error| (error.at, format!("{}; {}", error.what, error.help)))
    }

    #[test]
    fn the_kind_of_the_result_follows_from_the_columns() {
        for text in
            ["x", "-x + 1", "s == 'a'", "s != t", "if(s == 'a', x, y)", "lookup(s, 'a', 1, 0)", "'a' == 'b'"]
        {
            assert_eq!(check(text), Ok(Kind::Number), "{text}");
        }
        for text in ["s", "'a'", "if(x, s, 'a')", "lookup(x, 1, s, -2, t, 'c')", "if(x, if(y, s, t), 'a')"] {
            assert_eq!(check(text), Ok(Kind::Text), "{text}");
        }
    }

    #[test]
    fn a_text_is_refused_where_a_number_is_taken() {
        for (text, at, begins) in [
            ("x + s", 4..5, "`s` is text; `+` takes numbers"),
            ("-'a'", 1..4, "`'a'` is text; `-` takes numbers"),
            ("not s", 4..5, "`s` is text; `not` takes numbers"),
            ("s < t", 0..1, "`s` is text; `<` takes numbers"),
            ("x and s", 6..7, "`s` is text; `and` takes numbers"),
            ("mean(x, s)", 8..9, "`s` is text; `mean` takes numbers"),
            ("count_observed(s)", 15..16, "`s` is text; `count_observed` takes numbers"),
            ("if(s, 1, 2)", 3..4, "`s` is text; a condition is a number"),
            ("1 + if(x, s, t)", 4..15, "`if(…)` is text; `+` takes numbers"),
        ] {
            let (place, message) = check(text).unwrap_err();
            assert_eq!(place, at, "{text}");
            assert!(message.starts_with(begins), "{message}");
        }
    }

    #[test]
    fn kinds_are_not_mixed() {
        for (text, at, message) in [
            ("1 + (s == 5)", 4..12, "`s` is text; compare it with a quoted text"),
            ("5 != s", 0..6, "`s` is text; compare it with a quoted text"),
            ("s == x", 0..6, "`s` is text; compare it with a quoted text"),
            ("x == '5'", 0..8, "`x` is a number; compare it with a number, without quotes"),
            ("1 == '1'", 0..8, "`'1'` is text; `==` takes two numbers or two texts"),
            ("if(x, s, 1)", 9..10, "`1` is a number; the branch before it is text; give both one kind"),
            (
                "lookup(x, 1, 2, 'a')",
                16..19,
                "`'a'` is text; the branch before it is a number; give both one kind",
            ),
            ("lookup(s, 1, 2, 3)", 7..8, "`s` is text; give its keys as quoted texts"),
            ("lookup(x, '1', 2, 3)", 7..8, "`x` is a number; give its keys as numbers, without quotes"),
            ("x + z", 4..5, "unknown column `z`; check its spelling"),
        ] {
            assert_eq!(check(text), Err((at, message.to_owned())), "{text}");
        }
    }

    #[test]
    fn faults_of_kind_and_name_come_before_any_value() {
        let read = Expression::parse("x + y").unwrap();
        let column = |name: &str| (name == "x").then_some(Operand::Text { codes: &[0], levels: &[] });
        let error = read.evaluate(1, column).unwrap_err();
        assert_eq!((error.at, error.what.as_str()), (0..1, "`x` is text"));
        assert_eq!(read.evaluate(0, |_| None).unwrap_err().what, "unknown column `x`");
    }
}
