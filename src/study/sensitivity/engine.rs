//! The runs of a design: which differ, what each is, and all of them scored in fixed batches.

use std::{collections::HashMap, sync::Arc};

use super::{
    SensitivitySpec,
    design::Design,
    factor::{Change, Factor, Moved, moved},
    outcome::{Output, Standings},
    parallel::each,
    spread::{MOST_RUNS, Spreads},
};
use crate::{
    cohort::Cohort,
    definition::{Definition, parts::Band},
    error::{Error, ErrorKind, Fault, Result},
    index::{Calibration, Lessons, Shelf, Variant},
};

/// A definition whose runs are scored.
pub(super) struct Engine<'a> {
    pub(super) spec: &'a SensitivitySpec,
    pub(super) factors: &'a [Factor],
    pub(super) cohort: &'a Cohort,
    pub(super) basis: Basis<'a>,
    /// By the states of the factors that change the file.
    prepared: HashMap<Vec<u32>, Arc<Prepared>>,
    shelf: Shelf,
}

/// What the variants learn from.
#[derive(Clone, Copy)]
pub(super) enum Basis<'a> {
    /// Each from the persons themselves.
    Here,
    /// Each from others.
    Reference(&'a Cohort),
    /// None of them learns anything.
    Fixed(Option<&'a Calibration>),
}

/// A variant that is ready, and which factor moves which weight.
pub(super) struct Prepared {
    pub(super) variant: Variant,
    moved: Vec<Option<Moved>>,
}

impl Prepared {
    /// One multiplier a weight; none where no weight moves.
    pub(super) fn multipliers(&self, seed: u64, run: &[u32]) -> Vec<f64> {
        let of = |moved: &Option<Moved>| {
            moved.map_or(1.0, |moved| moved.multiplier(seed, run.get(moved.factor).copied().unwrap_or(0)))
        };
        self.moved.iter().map(of).collect()
    }
}

/// What came of the runs.
pub(super) struct Done {
    pub(super) nominal: Standings,
    /// By output, by run that differs.
    pub(super) outcomes: Vec<Vec<f64>>,
    /// Of the definition as it is.
    pub(super) nominal_outcomes: Vec<f64>,
    pub(super) spreads: Spreads,
    pub(super) is_whole: bool,
}

impl<'a> Engine<'a> {
    /// Resolves every alternative and every combination that is run, before anything runs.
    ///
    /// # Errors
    /// Every fault of an alternative, by factor and value; then every fault of a combination.
    pub(super) fn new(
        spec: &'a SensitivitySpec,
        factors: &'a [Factor],
        design: &Design,
        cohort: &'a Cohort,
        basis: Basis<'a>,
    ) -> Result<Self> {
        let mut engine =
            Self { spec, factors, cohort, basis, prepared: HashMap::new(), shelf: Shelf::default() };
        engine.check_alternatives()?;
        if factors.iter().all(|factor| factor.levels().is_some() || factor.is_of_weights()) {
            let mut all: Vec<Vec<u32>> = Vec::new();
            let mut known = std::collections::HashSet::new();
            for run in &design.distinct {
                let states = engine.states_of_files(run);
                if known.insert(states.clone()) {
                    all.push(states);
                }
            }
            let found = each(all.len(), |at| all.get(at).map(|states| engine.prepare(states)));
            let mut faults: Vec<Fault> = Vec::new();
            for (states, found) in all.into_iter().zip(found.into_iter().flatten()) {
                match found {
                    Ok(prepared) => {
                        engine.prepared.insert(states, Arc::new(prepared));
                    }
                    Err(error) => faults.extend(error.into_faults()),
                }
            }
            if !faults.is_empty() {
                return Err(Error::new(ErrorKind::Definition, some_of(faults)));
            }
        }
        Ok(engine)
    }

    /// Each value of each factor by itself, and both ends of each range.
    fn check_alternatives(&self) -> Result<()> {
        let mut asked: Vec<(usize, u32)> = Vec::new();
        for (at, factor) in self.factors.iter().enumerate().filter(|(_, factor)| !factor.is_of_weights()) {
            match factor.levels() {
                Some(levels) => asked.extend((0..levels).map(|level| (at, level))),
                None => asked.extend([(at, 0), (at, u32::MAX)]),
            }
        }
        let found = each(asked.len(), |at| {
            let (factor, state) = asked.get(at).copied()?;
            let factor = self.factors.get(factor)?;
            let error = self.cohort.definition().varied(&factor.change(state)).err()?;
            Some(self.faults_of(&[(factor, state)], error))
        });
        let faults: Vec<Fault> = found.into_iter().flatten().flatten().collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::new(ErrorKind::Definition, faults)) }
    }

    /// Faults of what some factors' states make of the definition, told as faults of the spec.
    fn faults_of(&self, states: &[(&Factor, u32)], error: Error) -> Vec<Fault> {
        let named =
            |(factor, state): &(&Factor, u32)| format!("{} = {}", factor.id, factor.state_text(*state));
        let with = states.iter().map(named).collect::<Vec<_>>().join(", ");
        let key = match states {
            [(factor, _)] => factor.key.as_str(),
            _ => "factor",
        };
        let told = |fault: Fault| {
            let place = fault.place().key().map_or_else(String::new, |key| format!("{key}: "));
            self.spec.fault(key, format!("with {with}: {place}{}", fault.what()), fault.remedy())
        };
        error.into_faults().into_iter().map(told).collect()
    }

    /// The states of a run that change the file of the definition; 0 for the others.
    fn states_of_files(&self, run: &[u32]) -> Vec<u32> {
        let of = |(factor, state): (&Factor, &u32)| if factor.is_of_weights() { 0 } else { *state };
        self.factors.iter().zip(run).map(of).collect()
    }

    /// Resolves, binds, learns and compiles what the states make of the definition.
    fn prepare(&self, states: &[u32]) -> Result<Prepared> {
        let change: Change =
            self.factors.iter().zip(states).flat_map(|(factor, state)| factor.change(*state)).collect();
        self.prepare_change(&change).map_err(|error| {
            let kind = error.kind();
            let other = |(factor, state): &(&Factor, u32)| !factor.change(*state).is_empty();
            let states: Vec<_> = self.factors.iter().zip(states.iter().copied()).filter(other).collect();
            Error::new(kind, self.faults_of(&states, error))
        })
    }

    fn prepare_change(&self, change: &Change) -> Result<Prepared> {
        let definition = self.cohort.definition().varied(change)?;
        let is_read_alike =
            change.iter().all(|(place, _)| place.is_of(&["treat", "indicator", "pillar", "domain", "index"]));
        let bound = |cohort: &Cohort| -> Result<Cohort> {
            if is_read_alike {
                Ok(cohort.under(&definition))
            } else {
                Cohort::new(&definition, cohort.table().clone())
            }
        };
        let cohort = bound(self.cohort)?;
        let variant = match self.basis {
            Basis::Here => Variant::new(&definition, &cohort, Lessons::Own, &self.shelf)?,
            Basis::Reference(reference) => {
                let reference = bound(reference)?;
                Variant::new(&definition, &cohort, Lessons::Reference(&reference), &self.shelf)?
            }
            Basis::Fixed(calibration) => {
                Variant::new(&definition, &cohort, Lessons::Fixed(calibration), &self.shelf)?
            }
        };
        Ok(Prepared { variant, moved: moved(self.factors, definition.parts()) })
    }

    /// The variant of a run, and the run's multipliers of weights.
    pub(super) fn variant(&self, run: &[u32]) -> Result<(Arc<Prepared>, Vec<f64>)> {
        let states = self.states_of_files(run);
        let prepared = match self.prepared.get(&states) {
            Some(prepared) => Arc::clone(prepared),
            None => Arc::new(self.prepare(&states)?),
        };
        let multipliers = prepared.multipliers(self.spec.seed, run);
        Ok((prepared, multipliers))
    }

    /// Runs everything.
    ///
    /// # Errors
    /// Runs in which something cannot be learned; more runs than histograms can count.
    pub(super) fn run(&self, design: &Design, outputs: &[Output]) -> Result<Done> {
        let bands = self.cohort.parts().bands.as_slice();
        let rows = self.cohort.rows();
        let mut nominal = Standings::default();
        self.prepare_change(&Vec::new())?.variant.score(&[], &mut nominal.scores)?;
        nominal.rank(&mut Vec::new());
        let is_whole = design.distinct.len().saturating_mul(rows) <= self.spec.cells;
        if !is_whole && design.runs() > MOST_RUNS {
            let what = format!("{} runs are more than the histograms of persons can count", design.runs());
            let help = format!("ask for fewer points, at most {MOST_RUNS} runs, or for more `cells`");
            return Err(Error::new(ErrorKind::Definition, vec![self.spec.fault("points", what, help)]));
        }
        let mut spreads = Spreads::new(&nominal, bands, is_whole);
        let mut outcomes = vec![Vec::with_capacity(design.distinct.len()); outputs.len()];
        // The batches depend on nothing but the persons: what is added is added in the same order for any number of threads.
        let batch = (CELLS_AT_ONCE / rows.max(1)).clamp(16, 1024);
        for (runs, times) in design.distinct.chunks(batch).zip(design.times.chunks(batch)) {
            let found =
                each(runs.len(), |at| runs.get(at).map(|run| self.run_one(run, &nominal, outputs, bands)));
            let mut batch = Vec::with_capacity(runs.len());
            let mut faults = Vec::new();
            for (found, times) in found.into_iter().flatten().zip(times) {
                match found {
                    Ok((standings, values)) => {
                        outcomes.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
                        batch.push((standings, *times));
                    }
                    Err(error) => faults.extend(error.into_faults()),
                }
            }
            if !faults.is_empty() {
                return Err(Error::new(ErrorKind::Calibration, some_of(faults)));
            }
            spreads.add(batch, bands);
        }
        let nominal_outcomes =
            outputs.iter().map(|output| nominal.outcome(*output, &nominal, bands)).collect();
        Ok(Done { nominal, outcomes, nominal_outcomes, spreads, is_whole })
    }

    fn run_one(
        &self,
        run: &[u32],
        nominal: &Standings,
        outputs: &[Output],
        bands: &[Band],
    ) -> Result<(Standings, Vec<f64>)> {
        let (prepared, multipliers) = self.variant(run)?;
        let mut standings = Standings::default();
        prepared.variant.score(&multipliers, &mut standings.scores)?;
        standings.rank(&mut Vec::new());
        let values = outputs.iter().map(|output| standings.outcome(*output, nominal, bands)).collect();
        Ok((standings, values))
    }

    /// The weights of a run, one for every child of every node.
    pub(super) fn weights(&self, run: &[u32]) -> Result<Vec<f64>> {
        let (prepared, multipliers) = self.variant(run)?;
        prepared.variant.weights(&multipliers)
    }

    pub(super) fn definition(&self) -> &Definition {
        self.cohort.definition()
    }
}

/// About how many scores of runs are in memory at once before they are added up.
const CELLS_AT_ONCE: usize = 1 << 20;
/// More faults than this say nothing more.
const MOST_FAULTS: usize = 20;

/// The first of many faults, each once.
fn some_of(faults: Vec<Fault>) -> Vec<Fault> {
    let mut found: Vec<Fault> = Vec::new();
    for fault in faults {
        if found.len() < MOST_FAULTS && !found.contains(&fault) {
            found.push(fault);
        }
    }
    found
}
