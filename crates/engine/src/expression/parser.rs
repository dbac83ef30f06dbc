//! Recursive descent over Python's arithmetic, to postfix order.

use epycloud_errors::nearest;

use super::functions::Function;
use super::token::{Kind, Token, tokens};
use super::{Dialect, MAX_DEPTH, Name, Problem};

/// One step of an evaluation over a stack.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) action: Action,
    /// Column of what the step stands for, for its errors.
    pub(super) column: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Action {
    Int(i128),
    Float(f64),
    /// Index into the expression's names.
    Name(usize),
    Negate,
    /// Unary plus: changes nothing, but is an error on what isn't a number.
    Plus,
    Binary(Operator),
    /// Makes an array of the topmost elements.
    List(usize),
    Call(Function, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
}

pub(super) fn parse(text: &str, dialect: Dialect) -> Result<(Vec<Step>, Vec<Name>), Problem> {
    let tokens = tokens(text)?;
    if tokens.len() == 1 {
        return Err(Problem::new(1, "the expression is empty"));
    }
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        dialect,
        steps: Vec::new(),
        names: Vec::new(),
    };
    parser.sum()?;
    match parser.next() {
        Token {
            kind: Kind::End, ..
        } => Ok((parser.steps, parser.names)),
        token => Err(unexpected(&token)),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    dialect: Dialect,
    steps: Vec<Step>,
    names: Vec<Name>,
}

impl Parser {
    fn sum(&mut self) -> Result<(), Problem> {
        self.term()?;
        while let Some((operator, column)) =
            self.operator(&[("+", Operator::Add), ("-", Operator::Subtract)])
        {
            self.term()?;
            self.push(Action::Binary(operator), column);
        }
        Ok(())
    }

    fn term(&mut self) -> Result<(), Problem> {
        self.factor()?;
        while let Some((operator, column)) = self.operator(&[
            ("*", Operator::Multiply),
            ("/", Operator::Divide),
            ("%", Operator::Modulo),
        ]) {
            self.factor()?;
            self.push(Action::Binary(operator), column);
        }
        Ok(())
    }

    /// A sign binds looser than the power to its right: `-2**2` is -4.
    fn factor(&mut self) -> Result<(), Problem> {
        let column = self.peek().column;
        self.deeper(column, |parser| {
            if parser.accept("-") {
                parser.factor()?;
                parser.push(Action::Negate, column);
                Ok(())
            } else if parser.accept("+") {
                parser.factor()?;
                parser.push(Action::Plus, column);
                Ok(())
            } else {
                parser.power()
            }
        })
    }

    /// A power binds tighter than the sign to its left and looser than the one to its right.
    fn power(&mut self) -> Result<(), Problem> {
        self.primary()?;
        if let Some((operator, column)) = self.operator(&[("**", Operator::Power)]) {
            self.factor()?;
            self.push(Action::Binary(operator), column);
        }
        Ok(())
    }

    fn primary(&mut self) -> Result<(), Problem> {
        let token = self.next();
        match &token.kind {
            Kind::Int(value) => self.push(Action::Int(*value), token.column),
            Kind::Float(value) => self.push(Action::Float(*value), token.column),
            Kind::Name(name) if self.peek().kind == Kind::Operator("(") => {
                self.call(name, token.column)?;
            }
            Kind::Name(name) if name.contains('.') => self.constant(name, token.column)?,
            Kind::Name(name) => self.name(name, token.column),
            Kind::Operator("(") => {
                self.sum()?;
                self.close(")", token.column)?;
            }
            Kind::Operator("[") if self.dialect == Dialect::Parameter => {
                let n_elements = self.arguments("]", token.column)?;
                self.push(Action::List(n_elements), token.column);
            }
            Kind::Operator("[") => {
                return Err(Problem::new(token.column, "a rate can't have a list")
                    .hint("define a parameter of type `age_varying` and name it here"));
            }
            _ => return Err(unexpected(&token)),
        }
        Ok(())
    }

    fn name(&mut self, name: &str, column: usize) {
        let index = self
            .names
            .iter()
            .position(|known| known.name == name)
            .unwrap_or_else(|| {
                self.names.push(Name {
                    name: name.to_owned(),
                    column,
                });
                self.names.len() - 1
            });
        self.push(Action::Name(index), column);
    }

    fn call(&mut self, name: &str, column: usize) -> Result<(), Problem> {
        self.check_functions_allowed(name, column)?;
        let Some(function) = Function::find(name) else {
            return Err(unknown_function(name, column));
        };
        self.at += 1;
        let n_arguments = self.arguments(")", column)?;
        let arity = function.arity();
        if !arity.contains(&n_arguments) {
            let (low, high) = (arity.start(), arity.end());
            let expected = if low == high {
                low.to_string()
            } else {
                format!("{low} or {high}")
            };
            let message = format!("`{name}` takes {expected} argument(s), found {n_arguments}");
            return Err(Problem::new(column, message));
        }
        self.push(Action::Call(function, n_arguments), column);
        Ok(())
    }

    fn constant(&mut self, name: &str, column: usize) -> Result<(), Problem> {
        self.check_functions_allowed(name, column)?;
        match name
            .strip_prefix("np.")
            .or_else(|| name.strip_prefix("numpy."))
        {
            Some("pi") => self.push(Action::Float(std::f64::consts::PI), column),
            Some("e") => self.push(Action::Float(std::f64::consts::E), column),
            _ if Function::find(name).is_some() => {
                let message = format!("`{name}` is a function and needs its arguments");
                return Err(Problem::new(column, message).hint(format!("write `{name}(…)`")));
            }
            _ => return Err(unknown_function(name, column)),
        }
        Ok(())
    }

    fn check_functions_allowed(&self, name: &str, column: usize) -> Result<(), Problem> {
        if self.dialect == Dialect::Parameter {
            return Ok(());
        }
        Err(Problem::new(column, format!("a rate can't use `{name}`"))
            .hint("define a parameter of type `calculated` with it and name that here"))
    }

    /// Elements up to the closing bracket; returns how many.
    fn arguments(&mut self, close: &'static str, opened: usize) -> Result<usize, Problem> {
        let mut n = 0;
        loop {
            if self.accept(close) {
                return Ok(n);
            }
            self.sum()?;
            n += 1;
            if !self.accept(",") {
                self.close(close, opened)?;
                return Ok(n);
            }
        }
    }

    fn close(&mut self, close: &'static str, opened: usize) -> Result<(), Problem> {
        if self.accept(close) {
            return Ok(());
        }
        let token = self.peek();
        if token.kind == Kind::End {
            return Err(Problem::new(
                opened,
                format!("the bracket is never closed by `{close}`"),
            ));
        }
        Err(unexpected(token))
    }

    fn operator(&mut self, among: &[(&'static str, Operator)]) -> Option<(Operator, usize)> {
        let column = self.peek().column;
        among
            .iter()
            .find(|(text, _)| self.accept(text))
            .map(|&(_, operator)| (operator, column))
    }

    fn accept(&mut self, operator: &'static str) -> bool {
        let matches = self.peek().kind == Kind::Operator(operator);
        self.at += usize::from(matches);
        matches
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn push(&mut self, action: Action, column: usize) {
        self.steps.push(Step { action, column });
    }

    fn deeper(
        &mut self,
        column: usize,
        inner: impl FnOnce(&mut Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        if self.depth == MAX_DEPTH {
            let message = format!("the expression is nested more than {MAX_DEPTH} deep");
            return Err(Problem::new(column, message));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }
}

fn unexpected(token: &Token) -> Problem {
    let text = match &token.kind {
        Kind::End => return Problem::new(token.column, "the expression ends too early"),
        Kind::Operator("//") => {
            return Problem::new(token.column, "`//` is not supported")
                .hint("use `np.floor(a / b)`")
                .of_python();
        }
        Kind::Operator(operator) => (*operator).to_owned(),
        Kind::Name(name) => name.clone(),
        Kind::Int(value) => value.to_string(),
        Kind::Float(value) => value.to_string(),
    };
    Problem::new(token.column, format!("`{text}` is not expected here"))
}

fn unknown_function(name: &str, column: usize) -> Problem {
    let mut problem = Problem::new(column, format!("`{name}` is not available"));
    problem.is_python = name.starts_with("np.");
    let known = Function::names();
    let candidates = known.iter().copied();
    match nearest(name, candidates).or_else(|| nearest(&format!("np.{name}"), known)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(format!(
            "there are {}, np.pi and np.e",
            Function::names().join(", ")
        )),
    }
}
