//! Tokens → tree: the grammar, and what every error says.
//!
//! One token of lookahead decides everything, so plain recursive descent it is. Sizes are bounded
//! while parsing: a query comes from outside, and neither this recursion nor the database's own
//! limits may be reached by one.
//!
//! ```text
//! query  = [or] ["ORDER" "BY" sort {"," sort}]      sort = field ["ASC" | "DESC"]
//! or     = and {"OR" and}        and = not {"AND" not}
//! not    = "NOT" not | "(" or ")" | clause
//! clause = field operator (value | "(" value {"," value} ")")
//! ```

use std::ops::Range;

use super::error::JqlError;
use super::field::{Field, Kind, Operator};
use super::search_text;
use super::token::{self, Token};
use super::tree::{Clause, Expr, Query, Sort};
use super::value::Value;

const MAX_BYTES: usize = 10_000;
const MAX_DEPTH: usize = 100;
const MAX_CLAUSES: usize = 500;
const MAX_VALUES: usize = 1_000;
/// How much of a strange token an error repeats.
const MAX_EXCERPT: usize = 40;

type Parsed<T> = Result<T, JqlError>;

/// Reads a query. An empty text is the query that matches every issue.
pub fn parse(text: &str) -> Result<Query, JqlError> {
    if text.len() > MAX_BYTES {
        let message = format!("the query is longer than {MAX_BYTES} bytes");
        return Err(JqlError::at(text, MAX_BYTES, message));
    }
    if let Some(offset) = text.find('\0') {
        return Err(JqlError::at(
            text,
            offset,
            "the query holds a NUL character",
        ));
    }
    let tokens = token::tokens(text);
    Parser {
        text,
        tokens,
        position: 0,
        depth: 0,
        clauses: 0,
        values: 0,
    }
    .query()
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, Range<usize>)>,
    position: usize,
    depth: usize,
    clauses: usize,
    values: usize,
}

impl Parser<'_> {
    fn query(mut self) -> Parsed<Query> {
        let filter = match self.token() {
            Token::End | Token::Order => None,
            _ => Some(self.or()?),
        };
        let order = if self.take(&Token::Order) {
            self.order()?
        } else {
            Vec::new()
        };
        match self.token() {
            Token::End => Ok(Query { filter, order }),
            _ if order.is_empty() => Err(self.expected("AND, OR or ORDER BY")),
            _ => Err(self.expected("ASC, DESC, a comma or the end of the query")),
        }
    }

    fn or(&mut self) -> Parsed<Expr> {
        let mut parts = Vec::new();
        loop {
            match self.and()? {
                Expr::Or(inner) => parts.extend(inner),
                part => parts.push(part),
            }
            if !self.take(&Token::Or) {
                return Ok(one_or(parts, Expr::Or));
            }
        }
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut parts = Vec::new();
        loop {
            match self.not()? {
                Expr::And(inner) => parts.extend(inner),
                part => parts.push(part),
            }
            if !self.take(&Token::And) {
                return Ok(one_or(parts, Expr::And));
            }
        }
    }

    fn not(&mut self) -> Parsed<Expr> {
        if !matches!(self.token(), Token::Not | Token::Open) {
            return Ok(Expr::Clause(self.clause()?));
        }
        if self.depth == MAX_DEPTH {
            return Err(self.error(format!(
                "more than {MAX_DEPTH} levels of NOT and parentheses"
            )));
        }
        self.depth += 1;
        let inner = if self.take(&Token::Not) {
            Expr::Not(Box::new(self.not()?))
        } else {
            self.position += 1;
            let inner = self.or()?;
            self.require(&Token::Close, r#"AND, OR or ")""#)?;
            inner
        };
        self.depth -= 1;
        Ok(inner)
    }

    fn clause(&mut self) -> Parsed<Clause> {
        if self.clauses == MAX_CLAUSES {
            return Err(self.error(format!("more than {MAX_CLAUSES} clauses")));
        }
        self.clauses += 1;
        let start = self.position;
        let field = self.field()?;
        if field.kind() == Kind::Order {
            self.position = start;
            return Err(self.expected("a field to compare"));
        }
        let operator = self.operator(field)?;
        let values = match operator {
            Operator::Is | Operator::IsNot => {
                self.require(&Token::Empty, "EMPTY or NULL")?;
                vec![Value::Empty]
            }
            Operator::In | Operator::NotIn => self.list(field)?,
            Operator::Equal | Operator::NotEqual => vec![self.value_or_empty(field)?],
            _ => vec![self.value(field)?],
        };
        Ok(Clause {
            field,
            operator,
            values,
        })
    }

    fn field(&mut self) -> Parsed<Field> {
        let (Token::Word(name) | Token::Quoted(name)) = self.token() else {
            return Err(self.expected("a field name"));
        };
        let Some(field) = Field::find(name) else {
            let known = Field::ALL.map(|field| match field.name() {
                name if name.contains(' ') => format!("{name:?}"),
                name => name.to_owned(),
            });
            let message = format!(
                "unknown field {}; known are {}",
                self.excerpt(),
                known.join(", ")
            );
            return Err(self.error(message));
        };
        self.position += 1;
        Ok(field)
    }

    /// The operator that stands here, which must be one that the field takes.
    fn operator(&mut self, field: Field) -> Parsed<Operator> {
        let next = self.tokens.get(self.position + 1).map(|(token, _)| token);
        let (operator, length) = match (self.token(), next) {
            (Token::Compare(operator), _) => (Some(*operator), 1),
            (Token::In, _) => (Some(Operator::In), 1),
            (Token::Not, Some(Token::In)) => (Some(Operator::NotIn), 2),
            (Token::Not, _) => {
                self.position += 1;
                return Err(self.expected("IN"));
            }
            (Token::Is, Some(Token::Not)) => (Some(Operator::IsNot), 2),
            (Token::Is, _) => (Some(Operator::Is), 1),
            _ => (None, 0),
        };
        let takes = field.kind().operators();
        let Some(operator) = operator.filter(|operator| takes.contains(operator)) else {
            let symbols: Vec<_> = takes.iter().map(|operator| operator.symbol()).collect();
            let (name, symbols) = (field.name(), symbols.join(", "));
            return Err(self.expected(&format!("an operator that {name} takes ({symbols})")));
        };
        self.position += length;
        Ok(operator)
    }

    fn list(&mut self, field: Field) -> Parsed<Vec<Value>> {
        self.require(&Token::Open, r#""(" and a list of values"#)?;
        let mut values = vec![self.value_or_empty(field)?];
        while self.take(&Token::Comma) {
            values.push(self.value_or_empty(field)?);
        }
        self.require(&Token::Close, r#"a comma or ")""#)?;
        Ok(values)
    }

    fn value_or_empty(&mut self, field: Field) -> Parsed<Value> {
        let is_unresolved = |word: &str| word.eq_ignore_ascii_case("unresolved");
        let is_empty = match self.token() {
            Token::Empty => true,
            Token::Word(word) | Token::Quoted(word) => {
                field == Field::Resolution && is_unresolved(word)
            }
            _ => false,
        };
        if is_empty {
            self.count_values(1)?;
            self.position += 1;
            return Ok(Value::Empty);
        }
        self.value(field)
    }

    fn value(&mut self, field: Field) -> Parsed<Value> {
        let expectation = field.kind().expectation();
        let (Token::Word(text) | Token::Quoted(text)) = self.token() else {
            return Err(self.expected(expectation));
        };
        let is_word = matches!(self.token(), Token::Word(_));
        let next = self.tokens.get(self.position + 1).map(|(token, _)| token);
        if is_word && next == Some(&Token::Open) {
            return self.function(field);
        }
        let Some(value) = Value::read(field.kind(), text) else {
            return Err(self.expected(expectation));
        };
        let words = match field.kind() {
            Kind::Prose => search_text::patterns(text).len(),
            _ => 1,
        };
        self.count_values(words)?;
        self.position += 1;
        Ok(value)
    }

    fn function(&mut self, field: Field) -> Parsed<Value> {
        let is_current_user = matches!(
            self.token(),
            Token::Word(name) if name.eq_ignore_ascii_case("currentUser")
        );
        if !is_current_user {
            let message = format!(
                "unknown function {}; known is currentUser()",
                self.excerpt()
            );
            return Err(self.error(message));
        }
        if field.kind() != Kind::User {
            return Err(self.expected(field.kind().expectation()));
        }
        self.count_values(1)?;
        self.position += 2;
        self.require(&Token::Close, r#"")", for currentUser() takes no argument"#)?;
        Ok(Value::CurrentUser)
    }

    fn count_values(&mut self, more: usize) -> Parsed<()> {
        self.values += more;
        if self.values > MAX_VALUES {
            return Err(self.error(format!("more than {MAX_VALUES} values")));
        }
        Ok(())
    }

    fn order(&mut self) -> Parsed<Vec<Sort>> {
        if !self.take_word("by") {
            return Err(self.expected("BY"));
        }
        let mut order = Vec::new();
        loop {
            let start = self.position;
            let field = self.field()?;
            if !field.is_sortable() {
                self.position = start;
                return Err(self.expected("a field that can be sorted by"));
            }
            let descending = self.take_word("desc");
            if !descending {
                self.take_word("asc");
            }
            order.push(Sort { field, descending });
            if !self.take(&Token::Comma) {
                return Ok(order);
            }
        }
    }

    /// The token at the current position. The last one, the end, is never passed.
    fn token(&self) -> &Token {
        &self.tokens[self.position].0
    }

    fn take(&mut self, token: &Token) -> bool {
        let is_here = self.token() == token;
        self.position += usize::from(is_here);
        is_here
    }

    /// Takes a word that is special only in this place.
    fn take_word(&mut self, expected: &str) -> bool {
        let is_here =
            matches!(self.token(), Token::Word(word) if word.eq_ignore_ascii_case(expected));
        self.position += usize::from(is_here);
        is_here
    }

    fn require(&mut self, token: &Token, expectation: &str) -> Parsed<()> {
        if self.take(token) {
            Ok(())
        } else {
            Err(self.expected(expectation))
        }
    }

    fn expected(&self, expectation: &str) -> JqlError {
        match self.token() {
            Token::Invalid { offset, message } => JqlError::at(self.text, *offset, message),
            _ => self.error(format!("expected {expectation}, found {}", self.excerpt())),
        }
    }

    fn error(&self, message: String) -> JqlError {
        JqlError::at(self.text, self.tokens[self.position].1.start, message)
    }

    /// The current token as it was written.
    fn excerpt(&self) -> String {
        let (token, span) = &self.tokens[self.position];
        let written = &self.text[span.clone()];
        let mut excerpt: String = written.chars().take(MAX_EXCERPT).collect();
        if excerpt.len() < written.len() {
            excerpt.push('…');
        }
        match token {
            Token::End => "the end of the query".to_owned(),
            Token::Quoted(_) => excerpt,
            _ => format!("\"{excerpt}\""),
        }
    }
}

fn one_or(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    if parts.len() == 1 {
        parts.swap_remove(0)
    } else {
        many(parts)
    }
}
