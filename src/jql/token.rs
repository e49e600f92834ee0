//! Text → tokens. Never fails: what is no token becomes [`Token::Invalid`], so that the parser
//! reports the first error of a text, be it one of letters or one of grammar.

use std::ops::Range;

use winnow::Parser;
use winnow::combinator::{alt, dispatch, empty, opt, preceded, repeat};
use winnow::error::EmptyError;
use winnow::stream::{LocatingSlice, Location};
use winnow::token::{any, none_of, take, take_while};

use super::field::Operator;

type Input<'a> = LocatingSlice<&'a str>;
type Parsed<T> = Result<T, EmptyError>;

/// A word, a sign, or why there is neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// A text that stood in quotes, without them and with its escapes resolved.
    Quoted(String),
    Compare(Operator),
    Open,
    Close,
    Comma,
    And,
    Or,
    Not,
    In,
    Is,
    Empty,
    Order,
    Invalid {
        offset: usize,
        message: String,
    },
    /// The end of the text.
    End,
}

/// The tokens of a text, each with the bytes that it spans. The last one is [`Token::End`].
pub(super) fn tokens(text: &str) -> Vec<(Token, Range<usize>)> {
    let mut input = LocatingSlice::new(text);
    let mut tokens = Vec::new();
    let blanks = |c: char| c.is_whitespace();
    while let Ok(token) =
        preceded(take_while(0.., blanks), token.with_span()).parse_next(&mut input)
    {
        tokens.push(token);
    }
    tokens.push((Token::End, text.len()..text.len()));
    tokens
}

/// Whether a word can hold this character without quotes.
fn is_bare(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !r#"=!<>~(),|&"'\[]{}*%^$#?;"#.contains(c)
}

/// Whether a printed word means itself without quotes, for other readers of the language too.
pub(super) fn is_plain_word(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.chars().all(is_plain) && keyword(text).is_none()
}

fn keyword(word: &str) -> Option<Token> {
    let token = match word.to_ascii_lowercase().as_str() {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        "in" => Token::In,
        "is" => Token::Is,
        "empty" | "null" => Token::Empty,
        "order" => Token::Order,
        _ => return None,
    };
    Some(token)
}

fn token(input: &mut Input<'_>) -> Parsed<Token> {
    alt((word, sign)).parse_next(input)
}

fn word(input: &mut Input<'_>) -> Parsed<Token> {
    let word = take_while(1.., is_bare).parse_next(input)?;
    Ok(keyword(word).unwrap_or_else(|| Token::Word(word.to_owned())))
}

fn sign(input: &mut Input<'_>) -> Parsed<Token> {
    use Operator::{
        Contains, ContainsNot, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual,
    };
    let compare = |operator| empty.value(Token::Compare(operator));
    let offset = input.current_token_start();
    dispatch! {any;
        '(' => empty.value(Token::Open),
        ')' => empty.value(Token::Close),
        ',' => empty.value(Token::Comma),
        '&' => opt('&').value(Token::And),
        '|' => opt('|').value(Token::Or),
        '=' => compare(Equal),
        '~' => compare(Contains),
        '<' => alt((preceded('=', compare(LessOrEqual)), compare(Less))),
        '>' => alt((preceded('=', compare(GreaterOrEqual)), compare(Greater))),
        '!' => alt((
            preceded('=', compare(NotEqual)),
            preceded('~', compare(ContainsNot)),
            empty.value(Token::Not),
        )),
        quote @ ('"' | '\'') => quoted(quote, offset),
        other => empty.value(Token::Invalid {
            offset,
            message: format!("the character {other:?} must stand in quotes"),
        }),
    }
    .parse_next(input)
}

/// The rest of a text that opened with `quote` at `start`.
fn quoted<'a>(quote: char, start: usize) -> impl Parser<Input<'a>, Token, EmptyError> {
    move |input: &mut Input<'a>| {
        let text: String = repeat(0.., alt((none_of([quote, '\\']), preceded('\\', escaped))))
            .parse_next(input)?;
        let offset = input.current_token_start();
        Ok(match opt(any).parse_next(input)? {
            None => Token::Invalid {
                offset: start,
                message: format!("the text that opens with {quote} here is never closed"),
            },
            Some('\\') => Token::Invalid {
                offset,
                message: r#"expected \", \', \\, \n, \r, \t or \u with four hexadecimal digits"#
                    .to_owned(),
            },
            Some(_) => Token::Quoted(text),
        })
    }
}

/// What stands after a backslash.
fn escaped(input: &mut Input<'_>) -> Parsed<char> {
    dispatch! {any;
        'n' => empty.value('\n'),
        'r' => empty.value('\r'),
        't' => empty.value('\t'),
        'u' => take(4_usize).verify_map(code_point),
        other => empty.verify_map(move |()| "\"'\\ ".contains(other).then_some(other)),
    }
    .parse_next(input)
}

fn code_point(digits: &str) -> Option<char> {
    let is_hexadecimal = digits.chars().all(|c| c.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16)
        .ok()
        .filter(|_| is_hexadecimal)?;
    char::from_u32(code).filter(|c| *c != '\0')
}
