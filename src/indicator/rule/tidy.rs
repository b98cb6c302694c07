//! What nobody reads is not computed, and a column is used again once nobody reads it any more: a block stays in the
//! processor's nearest cache.

use std::collections::HashSet;

use super::{
    engine::Engine,
    stage::{Reason, Side, Stage},
    terms::Picked,
};
use crate::expression::program::Program;

/// The column of something that is not computed.
const NOWHERE: usize = usize::MAX;

impl Engine {
    /// Leaves the stages that its results need, and as few columns as they can do with.
    pub(super) fn tidy(mut self) -> Self {
        let mut stages: Vec<Stage> = Vec::new();
        for stage in std::mem::take(&mut self.stages) {
            match stage {
                Stage::Program(steps) => stages.extend(steps.map(|step| Stage::Program(step..step + 1))),
                stage => stages.push(stage),
            }
        }
        self.stages = self.needed(stages);
        self.settle_columns();
        self
    }

    /// The columns that are looked at in the end.
    fn results(&mut self) -> impl Iterator<Item = &mut usize> {
        let parts = self.parts.iter_mut().map(|part| &mut part.column);
        let flags = self.flags.iter_mut().flat_map(|flag| &mut flag.columns);
        let reasons = self.keeps_reasons.then_some(&mut self.note);
        [&mut self.value]
            .into_iter()
            .chain(reasons)
            .chain(&mut self.observed)
            .chain(&mut self.class)
            .chain(parts)
            .chain(flags)
    }

    /// The stages something of which is read, by a later one or in the end.
    fn needed(&mut self, stages: Vec<Stage>) -> Vec<Stage> {
        let mut read: HashSet<usize> = self.results().map(|column| *column).collect();
        let mut needed = Vec::new();
        for mut stage in stages.into_iter().rev() {
            let mut is_read = false;
            stage.visit(&mut self.program, &mut |column, is_written| {
                is_read |= is_written && read.contains(column);
            });
            if is_read {
                stage.visit(&mut self.program, &mut |column, _| {
                    read.insert(*column);
                });
                needed.push(stage);
            }
        }
        needed.reverse();
        needed
    }

    /// Gives every column a place from its first stage to its last.
    fn settle_columns(&mut self) {
        let mut stages = std::mem::take(&mut self.stages);
        let mut last: Vec<usize> = Vec::new();
        let mut seen = |column: usize, stage: usize| {
            if last.len() <= column {
                last.resize(column + 1, 0);
            }
            last.iter_mut().skip(column).take(1).for_each(|last| *last = stage);
        };
        for input in &self.inputs {
            seen(input.raw, 0);
        }
        for (at, stage) in stages.iter_mut().enumerate() {
            stage.visit(&mut self.program, &mut |column, _| seen(*column, at));
        }
        let end = stages.len();
        self.results().for_each(|column| seen(*column, end));
        let mut places = Places { of: vec![NOWHERE; last.len()], free: Vec::new(), count: 0 };
        for input in &mut self.inputs {
            places.settle(&mut input.raw);
        }
        for (at, stage) in stages.iter_mut().enumerate() {
            let mut done = Vec::new();
            stage.visit(&mut self.program, &mut |column, _| {
                if last.get(*column) == Some(&at) && !done.contains(column) {
                    done.push(*column);
                }
                places.settle(column);
            });
            for column in done {
                places.free.extend(places.of.get(column));
            }
        }
        for column in self.results() {
            places.settle(column);
        }
        self.program.settle(places.count);
        self.stages = stages;
    }
}

/// Where columns are.
struct Places {
    of: Vec<usize>,
    free: Vec<usize>,
    count: usize,
}

impl Places {
    /// Tells a column its place; it gets one if it has none yet.
    fn settle(&mut self, column: &mut usize) {
        let Some(place) = self.of.get_mut(*column) else { return };
        if *place == NOWHERE {
            *place = self.free.pop().unwrap_or(self.count);
            self.count = self.count.max(*place + 1);
        }
        *column = *place;
    }
}

type Visit<'v> = dyn FnMut(&mut usize, bool) + 'v;

impl Stage {
    /// Every column it has to do with, and whether it writes to it.
    fn visit(&mut self, program: &mut Program, visit: &mut Visit<'_>) {
        match self {
            Self::Program(steps) => program.visit(steps.clone(), visit),
            Self::Absent { from, to, marked, .. } => {
                visit(from, false);
                visit(to, true);
                visit(marked, true);
            }
            Self::Stratum { to, when } => {
                for side in when.iter_mut() {
                    side.visit(visit);
                }
                visit(to, true);
            }
            Self::Pick { to, stratum, .. } => {
                visit(stratum, false);
                visit(to, true);
            }
            Self::Clear { note: to } | Self::Blank { to } => visit(to, true),
            Self::Missing { note, of } => {
                for (column, _) in of.iter_mut() {
                    visit(column, false);
                }
                visit(note, true);
            }
            Self::Note { note, why, .. } => {
                why.visit(visit);
                visit(note, true);
            }
            Self::Terms { to, terms } => {
                for (of, coefficient, part) in terms {
                    of.visit(visit);
                    if let Picked::By(column) | Picked::OfStratum(column, _) = coefficient {
                        visit(column, false);
                    }
                    for part in part.iter_mut() {
                        visit(part, true);
                    }
                }
                visit(to, true);
            }
            Self::Bands { to, x: side, .. }
            | Self::Line { to, x: side, .. }
            | Self::Copy { to, from: side } => {
                side.visit(visit);
                visit(to, true);
            }
            Self::BandsWhere { to, x, by, .. } => {
                x.visit(visit);
                visit(by, false);
                visit(to, true);
            }
            Self::Norm { to, value, age, sex, censored, .. } => {
                [value].into_iter().chain(age).chain(sex).for_each(|column| visit(column, false));
                visit(to, true);
                visit(censored, true);
            }
            Self::Deduct { to, input: from, .. } | Self::Without { to, note: from } => {
                visit(from, false);
                visit(to, true);
            }
            Self::Combine { to, observed, parts, .. } => {
                for part in parts.iter_mut() {
                    visit(part, false);
                }
                visit(observed, true);
                visit(to, true);
            }
            Self::Class { to, result, when } => {
                for side in when.iter_mut() {
                    side.visit(visit);
                }
                visit(result, false);
                visit(to, true);
            }
        }
    }
}

impl Side {
    fn visit(&mut self, visit: &mut Visit<'_>) {
        if let Self::Column(column) = self {
            visit(column, false);
        }
    }
}

impl Reason {
    fn visit(&mut self, visit: &mut Visit<'_>) {
        match self {
            Self::True(side) => side.visit(visit),
            Self::Missing(x)
            | Self::Below(x, _)
            | Self::AtLeast(x, _)
            | Self::Outside(x, _)
            | Self::NotAmong(x, _)
            | Self::Of(x, _) => visit(x, false),
        }
    }
}
