//! Expressions compiled together, to run over blocks of rows without allocating.
//!
//! What does not depend on a row is computed once, and a part that stands in several expressions is computed once a
//! row. Every row has the value, to the last bit, that [`Expression::evaluate`] gives it. Columns hold numbers; a text is
//! the same for every row.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use std::collections::HashMap;

use super::{
    Expression, SyntaxError, check,
    kernel::{and, larger, missing_or, not, or, settle, smaller},
    tree::{Form, Function, Key, Node, Operator},
};
use crate::num::exponential::exponentials;

/// What a name or a part stands for: the same number or text for every row, or a column of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    Number(f64),
    Text(String),
    Column(usize),
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    One(One, usize),
    Two(Two, Side, Side),
    If(usize, Side, Side),
    Lookup { x: usize, keys: Vec<f64>, values: Vec<Side>, otherwise: Side },
    Observed(Observed, Vec<Side>),
}

/// A number, or the column it stands in.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    Number(f64),
    Column(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum One {
    Negate,
    Not,
    Ln,
    Exp,
    Sqrt,
    Abs,
    Round,
    Floor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Two {
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
    Smaller,
    Larger,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Observed {
    Count,
    Mean,
    Sum,
    Smallest,
    Largest,
}

/// Named expressions over numbered columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    /// Each with the column it fills.
    steps: Vec<(usize, Step)>,
    columns: usize,
    names: HashMap<String, Meaning>,
}

/// The columns of a program for one block of rows.
#[derive(Debug, Default)]
pub(crate) struct Columns(Vec<Column>);

/// Numbers in a cache line: a column begins with one, so that no vector lies across two.
const LINE: usize = 8;

/// One column, within room that is a line longer.
#[derive(Debug, Default)]
struct Column {
    room: Vec<f64>,
    from: usize,
    rows: usize,
}

impl Column {
    fn fit(&mut self, rows: usize) {
        if self.rows != rows {
            self.room.resize(rows + LINE, f64::NAN);
            let from = self.room.as_ptr().align_offset(LINE * size_of::<f64>());
            (self.from, self.rows) = (from.min(LINE), rows);
        }
    }

    fn get(&self) -> &[f64] {
        self.room.get(self.from..self.from + self.rows).unwrap_or_default()
    }

    fn get_mut(&mut self) -> &mut [f64] {
        self.room.get_mut(self.from..self.from + self.rows).unwrap_or_default()
    }
}

impl Columns {
    /// Makes room for `rows` rows of every column of `program`.
    pub(crate) fn fit(&mut self, program: &Program, rows: usize) {
        self.0.resize_with(program.columns, Column::default);
        for column in &mut self.0 {
            column.fit(rows);
        }
    }

    pub(crate) fn get(&self, column: usize) -> &[f64] {
        self.0.get(column).map_or(&[], Column::get)
    }

    /// Takes a column out to be filled from others, and puts it back.
    #[inline(always)]
    pub(crate) fn fill(&mut self, column: usize, fill: impl FnOnce(&mut [f64], &Self)) {
        let mut own = self.0.get_mut(column).map(std::mem::take).unwrap_or_default();
        fill(own.get_mut(), self);
        if let Some(place) = self.0.get_mut(column) {
            *place = own;
        }
    }

    /// Takes two columns out to be filled together.
    #[inline(always)]
    pub(crate) fn fill_both(
        &mut self,
        first: usize,
        second: usize,
        fill: impl FnOnce(&mut [f64], &mut [f64], &Self),
    ) {
        let mut own = self.0.get_mut(second).map(std::mem::take).unwrap_or_default();
        self.fill(
            first,
            #[inline(always)]
            |out, columns| fill(out, own.get_mut(), columns),
        );
        if let Some(place) = self.0.get_mut(second) {
            *place = own;
        }
    }
}

impl Program {
    /// A column that is filled from outside, without a name.
    pub(crate) fn column(&mut self) -> usize {
        self.columns += 1;
        self.columns - 1
    }

    /// Lets a name stand for a number, a text or a column.
    pub(crate) fn name(&mut self, name: impl Into<String>, operand: Meaning) {
        self.names.insert(name.into(), operand);
    }

    /// What a name stands for.
    pub(crate) fn named(&self, name: &str) -> Option<&Meaning> {
        self.names.get(name)
    }

    /// The names as they are, to be restored after others were in their place.
    pub(crate) fn clone_names(&self) -> HashMap<String, Meaning> {
        self.names.clone()
    }

    pub(crate) fn restore_names(&mut self, names: HashMap<String, Meaning>) {
        self.names = names;
    }

    /// How many steps there are so far: those up to here fill everything compiled so far.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Compiles an expression over the names known so far.
    pub(crate) fn compile(&mut self, expression: &Expression) -> Result<Meaning, SyntaxError> {
        self.node(&expression.root)
    }

    /// Fills the columns of the steps in `range`, in their order.
    #[inline(always)]
    pub(crate) fn run(&self, range: std::ops::Range<usize>, columns: &mut Columns) {
        for (to, step) in self.steps.get(range).unwrap_or_default() {
            columns.fill(
                *to,
                #[inline(always)]
                |out, columns| step.run(out, columns),
            );
        }
    }

    /// Every column that the steps of `range` have to do with, and whether it is filled.
    pub(crate) fn visit(&mut self, range: std::ops::Range<usize>, visit: &mut dyn FnMut(&mut usize, bool)) {
        for (to, step) in self.steps.get_mut(range).unwrap_or_default() {
            let mut read = |side: &mut Side| {
                if let Side::Column(column) = side {
                    visit(column, false);
                }
            };
            match step {
                Step::Two(_, a, b) => [a, b].into_iter().for_each(read),
                Step::Observed(_, sides) => sides.iter_mut().for_each(read),
                Step::If(condition, a, b) => {
                    [a, b].into_iter().for_each(&mut read);
                    visit(condition, false);
                }
                Step::Lookup { x, values, otherwise, .. } => {
                    values.iter_mut().chain([otherwise]).for_each(&mut read);
                    visit(x, false);
                }
                Step::One(_, x) => visit(x, false),
            }
            visit(to, true);
        }
    }

    /// The columns are numbered anew, as [`visit`](Self::visit) left them: there are so many, and names no longer count.
    pub(crate) fn settle(&mut self, columns: usize) {
        self.columns = columns;
        self.names.clear();
    }

    fn node(&mut self, node: &Node) -> Result<Meaning, SyntaxError> {
        Ok(match &node.form {
            Form::Number(number) => Meaning::Number(settle(*number)),
            Form::Text(text) => Meaning::Text(text.clone()),
            Form::Name(name) => self.names.get(name).cloned().ok_or_else(|| check::unknown(node))?,
            Form::Negate(inner) => self.one(One::Negate, inner)?,
            Form::Not(inner) => self.one(One::Not, inner)?,
            Form::Binary(operator, left, right) => {
                let sides = (self.node(left)?, self.node(right)?);
                if let (Meaning::Text(a), Meaning::Text(b)) = &sides {
                    return match operator {
                        Operator::Equal => Ok(Meaning::Number(f64::from(a == b))),
                        Operator::NotEqual => Ok(Meaning::Number(f64::from(a != b))),
                        _ => Err(check::not_a_number(left, "this")),
                    };
                }
                let (a, b) = (side(&sides.0, left)?, side(&sides.1, right)?);
                self.two(two_of(*operator), a, b)
            }
            Form::Call(function, arguments) => self.call(node, *function, arguments)?,
        })
    }

    fn number(&mut self, node: &Node) -> Result<Side, SyntaxError> {
        let operand = self.node(node)?;
        side(&operand, node)
    }

    fn call(&mut self, node: &Node, function: Function, arguments: &[Node]) -> Result<Meaning, SyntaxError> {
        let kind = match function {
            Function::If => return self.choice(node, arguments),
            Function::Lookup => return self.lookup(node, arguments),
            Function::Ln => One::Ln,
            Function::Exp => One::Exp,
            Function::Sqrt => One::Sqrt,
            Function::Abs => One::Abs,
            Function::Round => One::Round,
            Function::Floor => One::Floor,
            Function::Min => return self.fold(node, Two::Smaller, arguments),
            Function::Max => return self.fold(node, Two::Larger, arguments),
            Function::Sum => return self.fold(node, Two::Add, arguments),
            Function::Mean => {
                let sum = self.fold(node, Two::Add, arguments)?;
                let sum = side(&sum, node)?;
                return Ok(self.two(Two::Divide, sum, Side::Number(arguments.len() as f64)));
            }
            Function::CountObserved => return self.observed(Observed::Count, arguments),
            Function::MeanObserved => return self.observed(Observed::Mean, arguments),
            Function::SumObserved => return self.observed(Observed::Sum, arguments),
            Function::MinObserved => return self.observed(Observed::Smallest, arguments),
            Function::MaxObserved => return self.observed(Observed::Largest, arguments),
        };
        self.one(kind, arguments.last().ok_or_else(|| check::miscalled(node))?)
    }

    fn choice(&mut self, node: &Node, arguments: &[Node]) -> Result<Meaning, SyntaxError> {
        let [condition, then, otherwise] = arguments else { return Err(check::miscalled(node)) };
        match self.number(condition)? {
            Side::Number(number) if number.is_nan() => Ok(Meaning::Number(f64::NAN)),
            Side::Number(number) => self.node(if number == 0.0 { otherwise } else { then }),
            Side::Column(column) => {
                let (a, b) = (self.number(then)?, self.number(otherwise)?);
                Ok(self.push(Step::If(column, a, b)))
            }
        }
    }

    fn lookup(&mut self, node: &Node, arguments: &[Node]) -> Result<Meaning, SyntaxError> {
        let [x, entries @ .., otherwise] = arguments else { return Err(check::miscalled(node)) };
        let operand = self.node(x)?;
        let keys = || entries.iter().step_by(2).map(Node::key);
        let values = || entries.iter().skip(1).step_by(2);
        let found = |wanted: Key<'_>| {
            let place = keys().position(|key| key == Some(wanted));
            place.and_then(|place| values().nth(place)).unwrap_or(otherwise)
        };
        match &operand {
            Meaning::Text(text) => self.node(found(Key::Text(text))),
            Meaning::Number(number) if number.is_nan() => Ok(Meaning::Number(f64::NAN)),
            Meaning::Number(number) => self.node(found(Key::Number(*number))),
            Meaning::Column(column) => {
                let number = |key: Option<Key<'_>>| match key {
                    Some(Key::Number(number)) => Ok(number),
                    _ => Err(check::miscalled(node)),
                };
                let keys = keys().map(number).collect::<Result<_, _>>()?;
                let values = values().map(|value| self.number(value)).collect::<Result<_, _>>()?;
                let otherwise = self.number(otherwise)?;
                Ok(self.push(Step::Lookup { x: *column, keys, values, otherwise }))
            }
        }
    }

    fn fold(&mut self, node: &Node, kind: Two, arguments: &[Node]) -> Result<Meaning, SyntaxError> {
        let mut folded: Option<Meaning> = None;
        for argument in arguments {
            let next = self.number(argument)?;
            folded = Some(match folded {
                None => next.into(),
                Some(before) => {
                    let before = side(&before, node)?;
                    self.two(kind, before, next)
                }
            });
        }
        folded.ok_or_else(|| check::miscalled(node))
    }

    fn observed(&mut self, kind: Observed, arguments: &[Node]) -> Result<Meaning, SyntaxError> {
        let sides = arguments.iter().map(|argument| self.number(argument)).collect::<Result<Vec<_>, _>>()?;
        let is_fixed = sides.iter().all(|side| matches!(side, Side::Number(_)));
        let step = Step::Observed(kind, sides);
        Ok(if is_fixed { Meaning::Number(step.once()) } else { self.push(step) })
    }

    fn one(&mut self, kind: One, inner: &Node) -> Result<Meaning, SyntaxError> {
        Ok(match self.number(inner)? {
            Side::Number(number) => Meaning::Number(one(kind, number)),
            Side::Column(column) => self.push(Step::One(kind, column)),
        })
    }

    fn two(&mut self, kind: Two, a: Side, b: Side) -> Meaning {
        let (kind, b) = match (kind, b) {
            (Two::Divide, Side::Number(by)) => {
                exact_inverse(by).map_or((kind, b), |by| (Two::Multiply, Side::Number(by)))
            }
            same => same,
        };
        let step = Step::Two(kind, a, b);
        match (a, b) {
            (Side::Number(_), Side::Number(_)) => Meaning::Number(step.once()),
            _ => self.push(step),
        }
    }

    /// The column of a step; a step that is there already is not taken again.
    fn push(&mut self, step: Step) -> Meaning {
        if let Some((column, _)) = self.steps.iter().find(|(_, known)| *known == step) {
            return Meaning::Column(*column);
        }
        let to = self.column();
        self.steps.push((to, step));
        Meaning::Column(to)
    }
}

impl From<Side> for Meaning {
    fn from(side: Side) -> Self {
        match side {
            Side::Number(number) => Self::Number(number),
            Side::Column(column) => Self::Column(column),
        }
    }
}

fn side(operand: &Meaning, node: &Node) -> Result<Side, SyntaxError> {
    match operand {
        Meaning::Number(number) => Ok(Side::Number(*number)),
        Meaning::Column(column) => Ok(Side::Column(*column)),
        Meaning::Text(_) => Err(check::not_a_number(node, "this")),
    }
}

/// One over a power of two: to multiply by it gives the bits of the division, many times sooner.
fn exact_inverse(by: f64) -> Option<f64> {
    let inverse = by.recip();
    let is_power = by.is_normal() && inverse.is_normal() && by.to_bits() << 12 == 0;
    is_power.then_some(inverse)
}

fn two_of(operator: Operator) -> Two {
    match operator {
        Operator::Or => Two::Or,
        Operator::And => Two::And,
        Operator::Equal => Two::Equal,
        Operator::NotEqual => Two::NotEqual,
        Operator::Less => Two::Less,
        Operator::LessEqual => Two::LessEqual,
        Operator::Greater => Two::Greater,
        Operator::GreaterEqual => Two::GreaterEqual,
        Operator::Add => Two::Add,
        Operator::Subtract => Two::Subtract,
        Operator::Multiply => Two::Multiply,
        Operator::Divide => Two::Divide,
        Operator::Power => Two::Power,
    }
}

fn one(kind: One, x: f64) -> f64 {
    let mut out = [f64::NAN];
    run_one(kind, &mut out, &[x]);
    let [value] = out;
    value
}

impl Step {
    /// Its value where no side is a column.
    fn once(&self) -> f64 {
        let mut out = [f64::NAN];
        self.run(&mut out, &Columns::default());
        let [value] = out;
        value
    }

    #[inline(always)]
    fn run(&self, out: &mut [f64], columns: &Columns) {
        match self {
            Self::One(kind, x) => run_one(*kind, out, columns.get(*x)),
            Self::Two(kind, a, b) => run_two(*kind, out, *a, *b, columns),
            Self::If(condition, a, b) => {
                let branch = |x: f64, a: f64, b: f64| {
                    let chosen = if x == 0.0 { b } else { a };
                    if x.is_nan() { f64::NAN } else { chosen }
                };
                let condition = columns.get(*condition);
                match (*a, *b) {
                    (Side::Number(a), Side::Number(b)) => {
                        out.iter_mut().zip(condition).for_each(|(out, x)| *out = branch(*x, a, b));
                    }
                    (Side::Column(a), Side::Number(b)) => {
                        let a = columns.get(a);
                        for ((out, x), a) in out.iter_mut().zip(condition).zip(a) {
                            *out = branch(*x, *a, b);
                        }
                    }
                    (Side::Number(a), Side::Column(b)) => {
                        let b = columns.get(b);
                        for ((out, x), b) in out.iter_mut().zip(condition).zip(b) {
                            *out = branch(*x, a, *b);
                        }
                    }
                    (Side::Column(a), Side::Column(b)) => {
                        let (a, b) = (columns.get(a), columns.get(b));
                        for (((out, x), a), b) in out.iter_mut().zip(condition).zip(a).zip(b) {
                            *out = branch(*x, *a, *b);
                        }
                    }
                }
            }
            Self::Lookup { x, keys, values, otherwise } => {
                for (row, (out, x)) in out.iter_mut().zip(columns.get(*x)).enumerate() {
                    let place = keys.iter().position(|key| key == x);
                    let chosen = place.and_then(|place| values.get(place)).unwrap_or(otherwise);
                    *out = if x.is_nan() { f64::NAN } else { at(*chosen, columns, row) };
                }
            }
            Self::Observed(kind, sides) => {
                for (row, out) in out.iter_mut().enumerate() {
                    *out = observed(*kind, sides.iter().map(|side| at(*side, columns, row)));
                }
            }
        }
    }
}

fn at(side: Side, columns: &Columns, row: usize) -> f64 {
    match side {
        Side::Number(number) => number,
        Side::Column(column) => columns.get(column).get(row).copied().unwrap_or(f64::NAN),
    }
}

/// The fold of what is not missing; the fold of nothing is missing.
fn observed(kind: Observed, values: impl Iterator<Item = f64>) -> f64 {
    let (mut folded, mut count) = (f64::NAN, 0.0);
    for next in values.filter(|next| !next.is_nan()) {
        folded = match kind {
            _ if count == 0.0 => next,
            Observed::Smallest => smaller(folded, next),
            Observed::Largest => larger(folded, next),
            Observed::Sum | Observed::Mean | Observed::Count => folded + next,
        };
        count += 1.0;
    }
    match kind {
        Observed::Count => count,
        Observed::Mean => settle(folded / count),
        Observed::Sum | Observed::Smallest | Observed::Largest => settle(folded),
    }
}

#[inline(always)]
fn run_one(kind: One, out: &mut [f64], x: &[f64]) {
    match kind {
        One::Negate => map(out, x, |x| -x),
        One::Not => map(out, x, not),
        One::Ln => map(out, x, libm::log),
        One::Exp => exponentials(out, x, settle),
        One::Sqrt => map(out, x, f64::sqrt),
        One::Abs => map(out, x, f64::abs),
        One::Round => map(out, x, f64::round),
        One::Floor => map(out, x, f64::floor),
    }
}

#[inline(always)]
fn map(out: &mut [f64], x: &[f64], f: impl Fn(f64) -> f64) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = settle(f(*x));
    }
}

#[inline(always)]
fn run_two(kind: Two, out: &mut [f64], a: Side, b: Side, columns: &Columns) {
    let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
    match kind {
        Two::Or => truths(out, a, b, columns, or),
        Two::And => truths(out, a, b, columns, and),
        Two::Equal => truths(out, a, b, columns, missing_or(|a, b| truth(a == b))),
        Two::NotEqual => truths(out, a, b, columns, missing_or(|a, b| truth(a != b))),
        Two::Less => truths(out, a, b, columns, missing_or(|a, b| truth(a < b))),
        Two::LessEqual => truths(out, a, b, columns, missing_or(|a, b| truth(a <= b))),
        Two::Greater => truths(out, a, b, columns, missing_or(|a, b| truth(a > b))),
        Two::GreaterEqual => truths(out, a, b, columns, missing_or(|a, b| truth(a >= b))),
        Two::Add => zip(out, a, b, columns, |a, b| a + b),
        Two::Subtract => zip(out, a, b, columns, |a, b| a - b),
        Two::Multiply => zip(out, a, b, columns, |a, b| a * b),
        Two::Divide => zip(out, a, b, columns, |a, b| a / b),
        Two::Power => zip(out, a, b, columns, missing_or(libm::pow)),
        Two::Smaller => zip(out, a, b, columns, missing_or(smaller)),
        Two::Larger => zip(out, a, b, columns, missing_or(larger)),
    }
}

#[inline(always)]
fn zip(out: &mut [f64], a: Side, b: Side, columns: &Columns, f: impl Fn(f64, f64) -> f64) {
    truths(out, a, b, columns, |a, b| settle(f(a, b)));
}

/// Of what gives 1, 0 or the one NaN there is nothing to settle.
#[inline(always)]
fn truths(out: &mut [f64], a: Side, b: Side, columns: &Columns, f: impl Fn(f64, f64) -> f64) {
    match (a, b) {
        (Side::Number(a), Side::Number(b)) => out.fill(f(a, b)),
        (Side::Column(a), Side::Number(b)) => {
            out.iter_mut().zip(columns.get(a)).for_each(|(out, a)| *out = f(*a, b));
        }
        (Side::Number(a), Side::Column(b)) => {
            out.iter_mut().zip(columns.get(b)).for_each(|(out, b)| *out = f(a, *b));
        }
        (Side::Column(a), Side::Column(b)) => {
            for ((out, a), b) in out.iter_mut().zip(columns.get(a)).zip(columns.get(b)) {
                *out = f(*a, *b);
            }
        }
    }
}
