//! Random expressions.

use epycloud_engine::expression::Dialect;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// An expression.
#[derive(Debug, Clone)]
pub(crate) enum Tree {
    /// A number or a name, as written.
    Leaf(String),
    Negative(Box<Tree>),
    Binary(Box<Tree>, &'static str, Box<Tree>),
    Call(&'static str, Vec<Tree>),
    /// An array of numbers.
    Array(Vec<String>),
}

impl Tree {
    /// With as few brackets as Python needs.
    pub(crate) fn shortest(&self) -> String {
        self.write(0, false)
    }

    /// With brackets around everything.
    pub(crate) fn bracketed(&self) -> String {
        self.write(0, true)
    }

    fn write(&self, outer: u8, always: bool) -> String {
        let (text, level) = match self {
            Self::Leaf(text) => (text.clone(), 9),
            Self::Array(elements) => (format!("np.array([{}])", elements.join(", ")), 9),
            Self::Call(name, arguments) => {
                let arguments: Vec<String> = arguments
                    .iter()
                    .map(|argument| argument.write(0, always))
                    .collect();
                (format!("{name}({})", arguments.join(", ")), 9)
            }
            Self::Negative(operand) => (format!("-{}", operand.write(3, always)), 3),
            Self::Binary(left, operator, right) => {
                let (level, left_level, right_level) = match *operator {
                    "+" | "-" => (1, 1, 2),
                    "**" => (4, 5, 3),
                    _ => (2, 2, 3),
                };
                let (left, right) = (
                    left.write(left_level, always),
                    right.write(right_level, always),
                );
                (format!("{left} {operator} {right}"), level)
            }
        };
        if level < outer || always && level < 9 {
            format!("({text})")
        } else {
            text
        }
    }
}

/// Expressions that a dialect accepts. Exponents are small, so that Python's whole numbers are.
pub(crate) fn tree(dialect: Dialect) -> BoxedStrategy<Tree> {
    let names: &[&str] = match dialect {
        Dialect::Parameter => &["a", "b", "x"],
        Dialect::Rate => &["a", "b", "x", "y"],
    };
    let name = select(names).prop_map(|name| Tree::Leaf(name.to_owned()));
    let leaf = match dialect {
        Dialect::Parameter => prop_oneof![number(), number(), name, array()].boxed(),
        // A rate of numbers alone is none that epydemix can evaluate.
        Dialect::Rate => prop_oneof![number(), name.clone(), name].boxed(),
    };
    let operators = select(&["+", "-", "*", "/", "%"][..]);
    leaf.prop_recursive(5, 24, 2, move |inner| {
        let negative = inner
            .clone()
            .prop_map(|operand| Tree::Negative(Box::new(operand)));
        let binary = (inner.clone(), operators.clone(), inner.clone()).prop_map(
            |(left, operator, right)| Tree::Binary(Box::new(left), operator, Box::new(right)),
        );
        let power = (inner.clone(), exponent())
            .prop_map(|(base, exponent)| Tree::Binary(Box::new(base), "**", Box::new(exponent)));
        match dialect {
            Dialect::Parameter => {
                prop_oneof![1 => negative, 4 => binary, 2 => power, 3 => call(inner)].boxed()
            }
            Dialect::Rate => prop_oneof![1 => negative, 5 => binary, 2 => power].boxed(),
        }
    })
    .boxed()
}

/// Arbitrary text, and text that looks like an expression.
pub(crate) fn any_text() -> BoxedStrategy<String> {
    let pieces = select(
        &[
            "a", "beta", "np.exp(", "np.", "np.pi", "scipy.x(", "(", ")", "[", "]", ",", "+", "-",
            "*", "**", "/", "//", "%", "^", "1", "0", "01", "1e", "1e-3", ".5", ".", "1_000", "é",
            " ", "\n", "if", "'", "=", "0x1f", "1j",
        ][..],
    );
    prop_oneof![
        any::<String>(),
        vec(pieces, 0..30).prop_map(|pieces| pieces.concat())
    ]
    .boxed()
}

fn number() -> BoxedStrategy<Tree> {
    prop_oneof![
        (0_u32..13).prop_map(|number| Tree::Leaf(number.to_string())),
        (0_u32..5_000).prop_map(|number| Tree::Leaf(format!("{:?}", f64::from(number) / 700.0))),
        select(&["1e-3", ".5", "2.", "1_0.5", "1E2", "0.0"][..])
            .prop_map(|number| Tree::Leaf(number.to_owned())),
    ]
    .boxed()
}

fn array() -> BoxedStrategy<Tree> {
    (0_u32..900, 1_u32..900)
        .prop_map(|(first, second)| {
            let shown = |number: u32| format!("{:?}", f64::from(number) / 300.0);
            Tree::Array(vec![shown(first), shown(second)])
        })
        .boxed()
}

fn exponent() -> BoxedStrategy<Tree> {
    let leaf = |text: &str| Tree::Leaf(text.to_owned());
    prop_oneof![
        select(&["2", "2.0", "0.5", "3", "1.5", "0", "1", "a", "x"][..]).prop_map(leaf),
        select(&["1", "1.0", "2", "0.5"][..]).prop_map(move |e| Tree::Negative(Box::new(leaf(e)))),
    ]
    .boxed()
}

/// Calls of functions, with a number that isn't whole among their arguments: numpy's functions of
/// whole numbers alone return whole numbers, which no experiment has.
fn call(inner: impl Strategy<Value = Tree> + Clone + 'static) -> BoxedStrategy<Tree> {
    let one = select(
        &[
            "np.exp",
            "np.sqrt",
            "np.log",
            "np.log10",
            "np.log2",
            "np.log1p",
            "np.expm1",
            "np.abs",
            "np.sin",
            "np.cos",
            "np.tan",
            "np.floor",
            "np.ceil",
            "np.round",
            "np.mean",
            "np.sum",
            "np.max",
            "np.min",
            "np.square",
        ][..],
    );
    let two = select(&["np.power", "np.minimum", "np.maximum"][..]);
    let float =
        |tree: Tree| Tree::Binary(Box::new(tree), "*", Box::new(Tree::Leaf("1.0".to_owned())));
    prop_oneof![
        3 => (one, inner.clone()).prop_map(move |(name, of)| Tree::Call(name, vec![float(of)])),
        1 => (two, inner.clone(), inner.clone()).prop_map(move |(name, left, right)| {
            Tree::Call(name, vec![float(left), float(right)])
        }),
        1 => (inner, 0_u32..4).prop_map(move |(of, decimals)| {
            Tree::Call("np.round", vec![float(of), Tree::Leaf(decimals.to_string())])
        }),
    ]
    .boxed()
}
