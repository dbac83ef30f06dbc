//! Tokens of an expression.

use super::{MAX_LENGTH, Problem};

/// A token and the column of its first character, from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) column: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A whole number; one beyond 128 bits is a [`Kind::Float`].
    Int(i128),
    Float(f64),
    /// A name, or a dotted name such as `np.exp`.
    Name(String),
    Operator(&'static str),
    End,
}

const OPERATORS: [&str; 12] = ["**", "//", "+", "-", "*", "/", "%", "(", ")", "[", "]", ","];

/// Python's keywords, which can't be names.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Splits an expression; the last token is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() > MAX_LENGTH {
        let message = format!("the expression is longer than {MAX_LENGTH} characters");
        return Err(Problem::new(MAX_LENGTH, message));
    }
    let mut scanner = Scanner {
        characters: &characters,
        at: 0,
    };
    let mut tokens = Vec::new();
    while let Some(token) = scanner.next()? {
        tokens.push(token);
    }
    tokens.push(Token {
        kind: Kind::End,
        column: characters.len() + 1,
    });
    Ok(tokens)
}

struct Scanner<'a> {
    characters: &'a [char],
    at: usize,
}

impl Scanner<'_> {
    fn next(&mut self) -> Result<Option<Token>, Problem> {
        self.take_while(char::is_whitespace);
        let Some(first) = self.peek(0) else {
            return Ok(None);
        };
        let column = self.at + 1;
        let point_number = first == '.' && self.peek(1).is_some_and(|next| next.is_ascii_digit());
        let kind = if first.is_ascii_digit() || point_number {
            self.number(column)?
        } else if is_name_start(first) {
            self.name(column)?
        } else {
            self.operator(first, column)?
        };
        Ok(Some(Token { kind, column }))
    }

    fn operator(&mut self, first: char, column: usize) -> Result<Kind, Problem> {
        let found = OPERATORS.into_iter().find(|operator| {
            operator
                .chars()
                .enumerate()
                .all(|(ahead, part)| self.peek(ahead) == Some(part))
        });
        let Some(operator) = found else {
            let problem = Problem::new(column, format!("`{first}` is not part of an expression"));
            return Err(match first {
                '^' => problem.hint("write a power as `**`"),
                _ => problem.hint("there are `+ - * / % **`, parentheses, numbers and names"),
            });
        };
        self.at += operator.len();
        Ok(Kind::Operator(operator))
    }

    fn name(&mut self, column: usize) -> Result<Kind, Problem> {
        let mut name = self.take_while(is_name_part);
        while self.peek(0) == Some('.') && self.peek(1).is_some_and(is_name_start) {
            self.at += 1;
            name.push('.');
            name += &self.take_while(is_name_part);
        }
        if KEYWORDS.contains(&name.as_str()) {
            let problem = Problem::new(column, format!("`{name}` is a word of Python, not a name"));
            return Err(problem.hint("rename the parameter, or write the condition as arithmetic"));
        }
        Ok(Kind::Name(name))
    }

    fn number(&mut self, column: usize) -> Result<Kind, Problem> {
        let start = self.at;
        let whole = self.digits();
        let mut is_float = false;
        if self.peek(0) == Some('.') {
            self.at += 1;
            self.digits();
            is_float = true;
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            let signed = usize::from(matches!(self.peek(1), Some('+' | '-')));
            if self
                .peek(1 + signed)
                .is_some_and(|digit| digit.is_ascii_digit())
            {
                self.at += 1 + signed;
                self.digits();
                is_float = true;
            }
        }
        let rest = self.take_while(is_name_part);
        let written: String = self.characters[start..self.at].iter().collect();
        let invalid = || {
            Problem::new(column, format!("`{written}` is not a number"))
                .hint("numbers are written as 2, 0.5, .5 or 1e-3")
        };
        let misplaced = written.ends_with('_') || written.contains("__") || written.contains("_.");
        if !rest.is_empty() || misplaced {
            return Err(invalid());
        }
        let plain = written.replace('_', "");
        if is_float {
            return plain.parse().map(Kind::Float).map_err(|_| invalid());
        }
        if whole.len() > 1 && whole.starts_with('0') && whole.contains(|digit| digit != '0') {
            return Err(invalid().hint("Python has no whole numbers with a leading zero"));
        }
        match plain.parse() {
            Ok(value) => Ok(Kind::Int(value)),
            Err(_) => plain.parse().map(Kind::Float).map_err(|_| invalid()),
        }
    }

    fn digits(&mut self) -> String {
        self.take_while(|digit| digit.is_ascii_digit() || digit == '_')
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let rest = &self.characters[self.at..];
        let taken: String = rest.iter().copied().take_while(|&c| accept(c)).collect();
        self.at += taken.chars().count();
        taken
    }
}

fn is_name_start(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

fn is_name_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
