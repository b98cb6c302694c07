//! Tokens to a tree, by precedence climbing.

use super::{
    DEEPEST, MOST_ARGUMENTS, SyntaxError,
    lexer::{Token, tokens},
    tree::{Form, Function, Key, Node, Operator},
};
use crate::error::suggest;
use std::ops::Range;

// How tightly operators bind, loosest first.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const SUM: u8 = 5;
const PRODUCT: u8 = 6;
const NEGATION: u8 = 7;

pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(SyntaxError::new(
            &(0..text.len()),
            "the expression is empty",
            "write a column or a formula",
        ));
    }
    let mut parser = Parser { tokens: &tokens, end: text.len(), next: 0, level: 0 };
    let root = parser.binary(OR)?;
    match parser.peek() {
        None => Ok(root),
        Some(Token::Close) => Err(SyntaxError::new(&parser.place(), "a `)` closes nothing", "")),
        Some(_) => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'t> {
    tokens: &'t [(Token, Range<usize>)],
    /// Where the text ends.
    end: usize,
    next: usize,
    /// Open parentheses and prefixes around the next token: bounds the recursion.
    level: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    /// The place of the next token, or the end of the text.
    fn place(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.end..self.end, |(_, at)| at.clone())
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        self.next += usize::from(found);
        found
    }

    fn unexpected(&self, wanted: &str) -> SyntaxError {
        let what = if self.peek().is_some() { "unexpected part" } else { "the expression ends too early" };
        SyntaxError::new(&self.place(), what, format!("expected {wanted}"))
    }

    /// Operators that bind at least as tightly as `floor`; they group to the left.
    fn binary(&mut self, floor: u8) -> Result<Node, SyntaxError> {
        let mut left = self.prefix(floor)?;
        while let Some(Token::Operator(operator)) = self.peek() {
            let binding = binding(*operator);
            if binding < floor {
                break;
            }
            self.next += 1;
            let right = self.binary(binding + 1)?;
            left = bounded(join(*operator, left, right))?;
            if let (COMPARISON, Some(Token::Operator(second))) = (binding, self.peek())
                && second.is_comparison()
            {
                let help = "write `a < b and b < c`, or use parentheses";
                return Err(SyntaxError::new(&self.place(), "comparisons do not chain", help));
            }
        }
        Ok(left)
    }

    fn prefix(&mut self, floor: u8) -> Result<Node, SyntaxError> {
        let place = self.place();
        let minus = match self.peek() {
            Some(Token::Operator(Operator::Subtract)) => true,
            Some(Token::Not) if floor <= NOT => false,
            Some(Token::Not) => {
                return Err(SyntaxError::new(
                    &place,
                    "`not` binds too loosely here",
                    "put it in parentheses",
                ));
            }
            _ => return self.power(),
        };
        // A prefix right after its parenthesis is one level with it, as the tree and its canonical form count.
        let before = self.next.checked_sub(1).and_then(|before| self.tokens.get(before));
        let levels = usize::from(!matches!(before, Some((Token::Open, _))));
        self.enter(levels, &place)?;
        self.next += 1;
        let inner = self.binary(if minus { NEGATION } else { NOT })?;
        self.level -= levels;
        let at = place.start..inner.at.end;
        bounded(Node::new(at, if minus { Form::Negate(Box::new(inner)) } else { Form::Not(Box::new(inner)) }))
    }

    /// `a ^ b ^ c`, which groups to the right; an exponent may have a minus of its own.
    fn power(&mut self) -> Result<Node, SyntaxError> {
        let mut base = self.primary()?;
        let mut bases = Vec::new();
        while self.take(&Token::Operator(Operator::Power)) {
            let negative = self.peek() == Some(&Token::Operator(Operator::Subtract));
            let exponent = if negative { self.prefix(NEGATION)? } else { self.primary()? };
            bases.push(std::mem::replace(&mut base, exponent));
        }
        bases
            .into_iter()
            .rev()
            .try_fold(base, |exponent, base| bounded(join(Operator::Power, base, exponent)))
    }

    fn primary(&mut self) -> Result<Node, SyntaxError> {
        let place = self.place();
        let Some(token) = self.peek() else { return Err(self.unexpected("a value")) };
        let form = match token {
            Token::Number(number) => Form::Number(*number),
            Token::Text(text) => Form::Text(text.clone()),
            Token::Quoted(name) => Form::Name(name.clone()),
            Token::Word(name) => {
                self.next += 1;
                return self.word(name, &place);
            }
            Token::Open => {
                self.enter(1, &place)?;
                self.next += 1;
                let mut inner = self.binary(OR)?;
                inner.at = place.start..self.close("`)`")?;
                return Ok(inner);
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.next += 1;
        Ok(Node::new(place, form))
    }

    /// A column, or a call if a parenthesis follows.
    fn word(&mut self, name: &str, place: &Range<usize>) -> Result<Node, SyntaxError> {
        let function = Function::named(name);
        if self.peek() != Some(&Token::Open) {
            return match function {
                None => Ok(Node::new(place.clone(), Form::Name(name.to_owned()))),
                Some(function) => {
                    let help =
                        format!("use {}, or put a column of that name in backquotes", function.usage());
                    Err(SyntaxError::new(place, format!("`{name}` is a function"), help))
                }
            };
        }
        let Some(function) = function else {
            let help = suggest(name, Function::ALL.iter().map(|function| function.name()));
            return Err(SyntaxError::new(place, format!("unknown function `{name}`"), help));
        };
        self.enter(1, place)?;
        self.next += 1;
        let mut arguments = Vec::new();
        if self.peek() != Some(&Token::Close) {
            loop {
                if arguments.len() == MOST_ARGUMENTS {
                    let what = format!("`{name}` has more than {MOST_ARGUMENTS} arguments");
                    return Err(SyntaxError::new(&self.place(), what, "nest several calls"));
                }
                arguments.push(self.binary(OR)?);
                if !self.take(&Token::Comma) {
                    break;
                }
            }
        }
        let at = place.start..self.close("`,` or `)`")?;
        if !function.accepts(arguments.len()) {
            let what = format!("`{name}` cannot take {} argument(s)", arguments.len());
            return Err(SyntaxError::new(&at, what, format!("use {}", function.usage())));
        }
        if function == Function::Lookup {
            check_keys(&arguments)?;
        }
        bounded(Node::new(at, Form::Call(function, arguments)))
    }

    fn enter(&mut self, levels: usize, place: &Range<usize>) -> Result<(), SyntaxError> {
        self.level += levels;
        if self.level > DEEPEST { Err(too_deep(place)) } else { Ok(()) }
    }

    /// Passes the `)` that ends a level and gives the place after it.
    fn close(&mut self, wanted: &str) -> Result<usize, SyntaxError> {
        let place = self.place();
        if !self.take(&Token::Close) {
            return Err(self.unexpected(wanted));
        }
        self.level -= 1;
        Ok(place.end)
    }
}

fn binding(operator: Operator) -> u8 {
    match operator {
        Operator::Or => OR,
        Operator::And => AND,
        Operator::Add | Operator::Subtract => SUM,
        Operator::Multiply | Operator::Divide => PRODUCT,
        // `power` takes every `^` before a caller can see it.
        Operator::Power => NEGATION,
        _ => COMPARISON,
    }
}

fn join(operator: Operator, left: Node, right: Node) -> Node {
    let at = left.at.start..right.at.end;
    Node::new(at, Form::Binary(operator, Box::new(left), Box::new(right)))
}

/// Chains nest without recursion of the parser, but all who walk the tree do recurse.
fn bounded(node: Node) -> Result<Node, SyntaxError> {
    if node.height > DEEPEST { Err(too_deep(&node.at)) } else { Ok(node) }
}

fn too_deep(at: &Range<usize>) -> SyntaxError {
    let help = "split it into several derived columns, or replace a long chain of + by `sum`";
    SyntaxError::new(at, format!("the expression is nested more than {DEEPEST} deep"), help)
}

/// The keys of `lookup` are literals of one kind, and no key hides another.
fn check_keys(arguments: &[Node]) -> Result<(), SyntaxError> {
    let [_, pairs @ .., _] = arguments else { return Ok(()) };
    let mut keys: Vec<Key<'_>> = Vec::new();
    for node in pairs.iter().step_by(2) {
        let Some(key) = node.key() else {
            let what = "a key of `lookup` is neither a number nor a quoted text";
            return Err(SyntaxError::new(&node.at, what, format!("use {}", Function::Lookup.usage())));
        };
        if keys.contains(&key) {
            return Err(SyntaxError::new(&node.at, "a key of `lookup` is given twice", "remove one of them"));
        }
        if keys.first().is_some_and(|first| std::mem::discriminant(first) != std::mem::discriminant(&key)) {
            let what = "the keys of `lookup` mix numbers and texts";
            return Err(SyntaxError::new(&node.at, what, "give all keys the kind of the column"));
        }
        keys.push(key);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;

    fn canonical(text: &str) -> String {
        Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")).canonical()
    }

    fn error(text: &str) -> (Range<usize>, String, String) {
        let error = Expression::parse(text).unwrap_err();
        (error.at, error.what, error.help)
    }

    #[test]
    fn operators_bind_as_in_mathematics() {
        for (text, grouped) in [
            ("a - b - c", "((a-b)-c)"),
            ("a + b * c / d", "(a+((b*c)/d))"),
            ("2 ^ 3 ^ 2", "(2^(3^2))"),
            ("-a ^ 2", "(-(a^2))"),
            ("(-a) ^ 2", "((-a)^2)"),
            ("2 ^ -a ^ b", "(2^(-(a^b)))"),
            ("-a * -b", "((-a)*(-b))"),
            ("a - -b", "(a-(-b))"),
            ("a or b and not c == d + 1", "(a or (b and (not (c==(d+1)))))"),
            ("not a and not not b", "((not a) and (not (not b)))"),
            ("(a < b) == (c > d)", "((a<b)==(c>d))"),
            ("((a))", "a"),
            ("if(a==0,'it''s',`b c`)", "if((a==0),'it''s',`b c`)"),
            ("`plain` + `mean` + `x``y`", "((plain+`mean`)+`x``y`)"),
            ("100 + 1e300 + 0.00001 + 1.50", "(((100+1e300)+1e-5)+1.5)"),
        ] {
            assert_eq!(canonical(text), grouped, "{text}");
            assert_eq!(canonical(grouped), grouped);
        }
    }

    #[test]
    fn faults_have_a_place_and_a_remedy() {
        for (text, at, what) in [
            ("", 0..0, "the expression is empty"),
            ("  ", 0..2, "the expression is empty"),
            ("a +", 3..3, "the expression ends too early"),
            ("(a + b", 6..6, "the expression ends too early"),
            ("a b", 2..3, "unexpected part"),
            ("a + * b", 4..5, "unexpected part"),
            ("+a", 0..1, "unexpected part"),
            ("()", 1..2, "unexpected part"),
            ("sum(a,)", 6..7, "unexpected part"),
            ("a)", 1..2, "a `)` closes nothing"),
            ("a < b < c", 6..7, "comparisons do not chain"),
            ("a + not b", 4..7, "`not` binds too loosely here"),
            ("1 + mean", 4..8, "`mean` is a function"),
            ("1 + if(a, b)", 4..12, "`if` cannot take 2 argument(s)"),
            ("min(a)", 0..6, "`min` cannot take 1 argument(s)"),
            ("sum()", 0..5, "`sum` cannot take 0 argument(s)"),
            ("lookup(a, 1, 2)", 0..15, "`lookup` cannot take 3 argument(s)"),
            ("lookup(a, 1, 2, 3, 4)", 0..21, "`lookup` cannot take 5 argument(s)"),
            ("lookup(a, b, 2, 3)", 10..11, "a key of `lookup` is neither a number nor a quoted text"),
            ("lookup(a, 1, 2, 1.0, 3, 4)", 16..19, "a key of `lookup` is given twice"),
            ("lookup(a, 1, 2, 'x', 3, 4)", 16..19, "the keys of `lookup` mix numbers and texts"),
        ] {
            let found = error(text);
            assert_eq!((found.0, found.1.as_str()), (at, what), "{text}");
        }
        assert_eq!(error("1 + if(a, b)").2, "use if(condition, then, otherwise)");
    }

    #[test]
    fn an_unknown_function_names_the_nearest() {
        assert_eq!(
            error("a + mean_obsrved(b)"),
            (4..16, "unknown function `mean_obsrved`".to_owned(), "did you mean `mean_observed`?".to_owned())
        );
    }

    #[test]
    fn nesting_ends_at_64_levels_of_any_sort() {
        let nested = |open: &str, close: &str, levels: usize| {
            Expression::parse(&format!("{}a{}", open.repeat(levels), close.repeat(levels)))
        };
        for (open, close) in [
            ("(", ")"),
            ("-", ""),
            ("not ", ""),
            ("abs(", ")"),
            ("(-", ")"),
            ("a^", ""),
            ("", "+a"),
            ("", " or a"),
        ] {
            let deepest = nested(open, close, DEEPEST).unwrap();
            assert_eq!(Expression::parse(&deepest.canonical()), Ok(deepest), "{open}a{close}");
            for levels in [DEEPEST + 1, 4000 / (open.len() + close.len())] {
                let error = nested(open, close, levels).unwrap_err();
                assert_eq!(error.what, "the expression is nested more than 64 deep", "{open}a{close}");
            }
        }
        assert!(nested("a^-", "", 1000).unwrap_err().what.contains("deep"));
    }

    #[test]
    fn a_call_has_at_most_256_arguments() {
        assert!(Expression::parse(&format!("sum({})", vec!["a"; 256].join(","))).is_ok());
        let (at, what, _) = error(&format!("sum({})", vec!["a"; 257].join(",")));
        assert_eq!((at, what.as_str()), (516..517, "`sum` has more than 256 arguments"));
    }
}
