//! Text to tokens.

use super::{
    SyntaxError,
    tree::{Operator, is_plain},
};
use std::ops::Range;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    /// A name without quotes: a column or a function.
    Word(String),
    /// A name in backquotes: always a column.
    Quoted(String),
    Operator(Operator),
    Not,
    Open,
    Close,
    Comma,
}

/// Longer symbols first, so that `<=` is not read as `<`.
const SYMBOLS: [(&str, Token); 14] = [
    ("==", Token::Operator(Operator::Equal)),
    ("!=", Token::Operator(Operator::NotEqual)),
    ("<=", Token::Operator(Operator::LessEqual)),
    (">=", Token::Operator(Operator::GreaterEqual)),
    ("<", Token::Operator(Operator::Less)),
    (">", Token::Operator(Operator::Greater)),
    ("+", Token::Operator(Operator::Add)),
    ("-", Token::Operator(Operator::Subtract)),
    ("*", Token::Operator(Operator::Multiply)),
    ("/", Token::Operator(Operator::Divide)),
    ("^", Token::Operator(Operator::Power)),
    ("(", Token::Open),
    (")", Token::Close),
    (",", Token::Comma),
];

pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, SyntaxError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.take_while(char::is_whitespace);
        let start = lexer.at;
        let Some(first) = lexer.rest().chars().next() else { return Ok(tokens) };
        let token = match first {
            '\'' => Token::Text(lexer.quoted('\'', "text")?),
            '`' => match lexer.quoted('`', "name")? {
                name if name.is_empty() => {
                    return Err(SyntaxError::new(&(start..lexer.at), "a name is empty", "name a column"));
                }
                name => Token::Quoted(name),
            },
            '.' | '0'..='9' => Token::Number(lexer.number()?),
            _ if is_word(first) => lexer.word()?,
            _ => lexer.symbol(first)?,
        };
        tokens.push((token, start..lexer.at));
    }
}

struct Lexer<'t> {
    text: &'t str,
    /// Always between two characters.
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Passes over the characters that `wanted` accepts and counts their bytes.
    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> usize {
        let rest = self.rest();
        let length = rest.find(|character| !wanted(character)).unwrap_or(rest.len());
        self.at += length;
        length
    }

    fn take(&mut self, wanted: &[char]) -> bool {
        match self.rest().chars().next().filter(|character| wanted.contains(character)) {
            Some(character) => {
                self.at += character.len_utf8();
                true
            }
            None => false,
        }
    }

    /// What stands between two quotes, where a doubled quote stands for one.
    fn quoted(&mut self, quote: char, what: &str) -> Result<String, SyntaxError> {
        let start = self.at;
        let mut content = String::new();
        while self.take(&[quote]) {
            if !content.is_empty() || self.at > start + quote.len_utf8() {
                content.push(quote);
            }
            let Some((before, _)) = self.rest().split_once(quote) else {
                let help = format!("close it with {quote}, and double a {quote} inside it");
                return Err(SyntaxError::new(
                    &(start..self.text.len()),
                    format!("a {what} is not closed"),
                    help,
                ));
            };
            content.push_str(before);
            self.at += before.len() + quote.len_utf8();
        }
        Ok(content)
    }

    fn number(&mut self) -> Result<f64, SyntaxError> {
        let start = self.at;
        let mut well_formed = self.take_while(|c| c.is_ascii_digit()) > 0;
        if self.take(&['.']) {
            well_formed &= self.take_while(|c| c.is_ascii_digit()) > 0;
        }
        if self.take(&['e', 'E']) {
            self.take(&['+', '-']);
            well_formed &= self.take_while(|c| c.is_ascii_digit()) > 0;
        }
        well_formed &= self.take_while(is_word) == 0;
        let (at, found) = (start..self.at, self.since(start));
        match found.parse::<f64>() {
            Ok(number) if well_formed && number.is_finite() => Ok(number),
            Ok(_) if well_formed => Err(SyntaxError::new(&at, format!("{found} is too large"), "")),
            _ => {
                let help =
                    "write numbers as 12, 0.5 or 1e-3, and other names than of small letters in backquotes";
                Err(SyntaxError::new(&at, format!("`{found}` is not a number"), help))
            }
        }
    }

    fn word(&mut self) -> Result<Token, SyntaxError> {
        let start = self.at;
        self.take_while(is_word);
        match self.since(start) {
            "and" => Ok(Token::Operator(Operator::And)),
            "or" => Ok(Token::Operator(Operator::Or)),
            "not" => Ok(Token::Not),
            name if is_plain(name) => Ok(Token::Word(name.to_owned())),
            name => {
                let what = format!("{name} is not a plain name: a small letter, then a-z, 0-9 and _");
                Err(SyntaxError::new(&(start..self.at), what, format!("write `{name}` in backquotes")))
            }
        }
    }

    fn symbol(&mut self, first: char) -> Result<Token, SyntaxError> {
        let found = SYMBOLS.into_iter().find(|(symbol, _)| self.rest().starts_with(symbol));
        if let Some((symbol, token)) = found {
            self.at += symbol.len();
            return Ok(token);
        }
        let help = match first {
            '=' => "compare with ==",
            '&' => "write `and`",
            '|' => "write `or`",
            '!' => "write `not`, or != between two values",
            '"' | '‘' | '’' | '“' | '”' | '´' => "put text between two '",
            '−' | '–' => "write -",
            '×' | '·' => "write *",
            '÷' => "write /",
            '≤' => "write <=",
            '≥' => "write >=",
            '≠' => "write !=",
            _ => "",
        };
        let what = format!("unexpected character {first:?}");
        Err(SyntaxError::new(&(self.at..self.at + first.len_utf8()), what, help))
    }
}

/// A point is part of a word so that a name such as `x.y` is refused as a whole.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '.'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Token {
        let all = tokens(text).unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        all.into_iter().next().unwrap().0
    }

    fn error(text: &str) -> (Range<usize>, String, String) {
        let error = tokens(text).unwrap_err();
        (error.at, error.what, error.help)
    }

    #[test]
    fn numbers_are_decimal_with_an_exponent() {
        for (text, value) in [("12", 12.0), ("0.5", 0.5), ("1e-3", 0.001), ("2.5E+2", 250.0), ("007", 7.0)] {
            assert_eq!(only(text), Token::Number(value));
        }
        for text in ["1.", ".5", ".", "1e", "1e+", "1.2.3", "2a", "1_000", "1eé"] {
            let (at, what, _) = error(text);
            assert_eq!((at, what), (0..text.len(), format!("`{text}` is not a number")));
        }
        assert_eq!(error("1e999").1, "1e999 is too large");
    }

    #[test]
    fn quotes_are_doubled_inside_quotes() {
        for (text, content) in [
            ("'a b'", "a b"),
            ("''", ""),
            ("''''", "'"),
            ("'Don''t'", "Don't"),
            ("'''a'", "'a"),
            ("'a'''", "a'"),
        ] {
            assert_eq!(only(text), Token::Text(content.to_owned()));
        }
        assert_eq!(only("`Any ``Name`` 2`"), Token::Quoted("Any `Name` 2".to_owned()));
        assert_eq!(only("`and`"), Token::Quoted("and".to_owned()));
        assert_eq!(error(" 'é").0, 1..4);
        assert_eq!(error("'''").1, "a text is not closed");
        assert_eq!(error("`x").1, "a name is not closed");
        assert_eq!(error("``").1, "a name is empty");
    }

    #[test]
    fn other_names_than_plain_ones_are_sent_to_backquotes() {
        for text in ["Age", "_x", "sbpMean", "x.y", "größe"] {
            let (at, _, help) = error(text);
            assert_eq!((at, help), (0..text.len(), format!("write `{text}` in backquotes")));
        }
    }

    #[test]
    fn habits_of_other_languages_get_a_remedy() {
        assert_eq!(
            error("a = 1"),
            (2..3, "unexpected character '='".to_owned(), "compare with ==".to_owned())
        );
        assert_eq!(error("a && b").2, "write `and`");
        assert_eq!(error("!a").2, "write `not`, or != between two values");
        assert_eq!(error("a ≤ b").0, 2..5);
        assert_eq!(error("\"x\"").2, "put text between two '");
    }

    #[test]
    fn places_are_bytes_of_the_text() {
        let places: Vec<_> = tokens("'é' <= b\n").unwrap().into_iter().map(|(_, at)| at).collect();
        assert_eq!(places, [0..4, 5..7, 8..9]);
    }
}
