//! Laws of weights that are learned.

use proptest::prelude::*;

use super::*;
use crate::{
    definition::parts::{Aggregate, Child, NodeKind, PowerMean},
    index::{
        aggregate::{Join, Lesson},
        columns,
    },
    num::{
        correlation,
        importance::{Bins, covariance_share},
    },
};

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn node(size: usize, weighting: Weighting, aggregate: Aggregate) -> Node {
    Node {
        id: "index".to_owned(),
        kind: NodeKind::Index,
        title: String::new(),
        children: (0..size).map(|at| (Child::Indicator(at), 1.0 / size as f64)).collect(),
        aggregate,
        at_least: 1.0,
        weighting,
    }
}

/// Uniform on (0, 1).
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    ((*state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// Scores between 1 and 99 of children that go together, each to its own degree.
fn scores(seed: u64, size: usize, rows: usize) -> Vec<Vec<f64>> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..3).for_each(|_| {
        uniform(&mut state);
    });
    let common: Vec<f64> = (0..rows).map(|_| uniform(&mut state)).collect();
    let own: Vec<(f64, f64)> =
        (0..size).map(|_| (0.3 + 0.4 * uniform(&mut state), 20.0 + 60.0 * uniform(&mut state))).collect();
    own.iter()
        .map(|(share, range)| {
            common.iter().map(|f| 10.0 + range * (share * f + (1.0 - share) * uniform(&mut state))).collect()
        })
        .collect()
}

fn learned(node: &Node, columns: &[Vec<f64>]) -> OrRefusal<Found> {
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    of_complete(node, &Complete::of(NAMES[..columns.len()].to_vec(), &views))
}

fn weights(weighting: &Weighting, columns: &[Vec<f64>]) -> Vec<f64> {
    let node = node(columns.len(), weighting.clone(), Aggregate::ARITHMETIC);
    learned(&node, columns).unwrap_or_else(|refusal| panic!("{weighting:?}: {}", refusal.what)).weights
}

fn refusal(weighting: Weighting, columns: &[Vec<f64>]) -> String {
    match learned(&node(columns.len(), weighting, Aggregate::ARITHMETIC), columns) {
        Ok(found) => panic!("not refused: {:?}", found.weights),
        Err(refusal) => refusal.what,
    }
}

fn targets(seed: u64, size: usize) -> Vec<f64> {
    let mut state = seed.wrapping_add(99).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    normalised((0..size).map(|_| 0.05 + uniform(&mut state)).collect())
}

fn every(seed: u64, size: usize) -> Vec<Weighting> {
    vec![
        Weighting::Pca,
        Weighting::PcaSquared,
        Weighting::Entropy,
        Weighting::Critic,
        Weighting::Sd,
        Weighting::Importance { targets: targets(seed, size) },
    ]
}

fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: proptest::test_runner::RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() })]

    /// They sum to 1, none is below 0, and what a child weighs does not depend on where it stands.
    #[test]
    fn weights_are_shares_of_their_children(seed in 0u64..1_000_000, size in 2usize..6, shift in 1usize..5) {
        let columns = scores(seed, size, 120);
        for weighting in every(seed, size) {
            let found = weights(&weighting, &columns);
            prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{weighting:?} {found:?}");
            prop_assert!(found.iter().all(|weight| *weight >= 0.0), "{weighting:?} {found:?}");
            let turn = |all: &[f64]| -> Vec<f64> { (0..size).map(|at| all[(at + shift) % size]).collect() };
            let turned: Vec<Vec<f64>> = (0..size).map(|at| columns[(at + shift) % size].clone()).collect();
            let weighting = match weighting {
                Weighting::Importance { targets } => Weighting::Importance { targets: turn(&targets) },
                other => other,
            };
            prop_assert!(apart(&weights(&weighting, &turned), &turn(&found)) < 1e-9, "{weighting:?}");
        }
    }

    /// Another unit of a child, and another zero, change nothing in what looks at correlations or at ranges.
    #[test]
    fn units_do_not_count(seed in 0u64..1_000_000, size in 2usize..6, factor in 0.1..10.0, offset in -50.0..50.0) {
        let columns = scores(seed, size, 120);
        let mut moved = columns.clone();
        moved[0].iter_mut().for_each(|x| *x = offset + factor * *x);
        for weighting in [Weighting::Pca, Weighting::PcaSquared, Weighting::Critic] {
            let (one, other) = (weights(&weighting, &columns), weights(&weighting, &moved));
            prop_assert!(apart(&one, &other) < 1e-9, "{weighting:?} {one:?} {other:?}");
        }
    }

    /// Below an arithmetic mean every target is reached, and the objective is that of the weights.
    #[test]
    fn shares_reach_their_targets(seed in 0u64..1_000_000, size in 2usize..6, against in any::<bool>()) {
        let mut columns = scores(seed, size, 120);
        if against {
            // A child that runs against the others still has a weight above 0.
            columns[0].iter_mut().for_each(|x| *x = 100.0 - *x);
        }
        let wanted = targets(seed, size);
        let node = node(size, Weighting::Importance { targets: wanted.clone() }, Aggregate::ARITHMETIC);
        let Ok(found) = learned(&node, &columns) else { return Err(TestCaseError::fail("refused")) };
        let index: Vec<f64> = (0..120)
            .map(|row| columns.iter().zip(&found.weights).map(|(column, w)| w * column[row]).sum())
            .collect();
        let shares: Vec<f64> = columns.iter().zip(&found.weights)
            .map(|(column, w)| covariance_share(*w, column, &index).unwrap())
            .collect();
        prop_assert!(apart(&shares, &wanted) < 1e-10, "{shares:?} {wanted:?}");
        prop_assert!(found.objective.unwrap() < 1e-20);
        prop_assert!(found.weights.iter().all(|weight| *weight > 0.0));
    }
}

fn geometric() -> Aggregate {
    Aggregate::Power(PowerMean { power: 0.0, floor: 0.0 })
}

/// What the weights of a geometric mean give of importance, brought to a sum of 1.
fn ratios(columns: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let node = node(columns.len(), Weighting::Equal, geometric());
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let join = Join::new(&node.aggregate, Lesson::None).unwrap();
    let index = columns::of_node(&node, join, weights, &views);
    normalised(columns.iter().map(|column| Bins::of(column).ratio(&index).unwrap()).collect())
}

#[test]
fn ratios_reach_what_can_be_reached() {
    for seed in 0..6 {
        let columns = scores(seed, 3, 400);
        let known = targets(seed, 3);
        let wanted = ratios(&columns, &known);
        let node = node(3, Weighting::Importance { targets: wanted.clone() }, geometric());
        let Ok(found) = learned(&node, &columns) else { panic!("refused") };
        assert!(apart(&ratios(&columns, &found.weights), &wanted) < 1e-9, "{seed}: {:?}", found.objective);
        assert!(found.objective.unwrap() < 1e-18, "{seed}: {:?}", found.objective);
    }
}

/// Two children that go together cannot have 2 % and 98 %: the best there is, as a search over all weights has it.
#[test]
fn what_cannot_be_reached_is_come_near() {
    let columns = scores(3, 2, 400);
    let wanted = vec![0.02, 0.98];
    let node = node(2, Weighting::Importance { targets: wanted.clone() }, geometric());
    let Ok(found) = learned(&node, &columns) else { panic!("refused") };
    let off = |weights: &[f64]| -> f64 {
        ratios(&columns, weights).iter().zip(&wanted).map(|(a, b)| (a - b) * (a - b)).sum()
    };
    let best =
        (0..=1000).map(|k| f64::from(k) / 1000.0).map(|w| off(&[w, 1.0 - w])).fold(f64::INFINITY, f64::min);
    let objective = found.objective.unwrap();
    assert!(objective > 1e-3, "{objective}");
    assert!((objective - off(&found.weights)).abs() < 1e-14, "the objective is that at the optimum");
    assert!(objective <= best + 1e-5, "{objective} {best} {:?}", found.weights);
}

/// A target of 0 is a weight of 0.
#[test]
fn no_importance_is_no_weight() {
    let found = weights(&Weighting::Importance { targets: vec![0.5, 0.0, 0.5] }, &scores(1, 3, 50));
    assert_eq!(found[1], 0.0);
    assert!(found[0] > 0.0 && found[2] > 0.0);
}

/// By hand: correlations of two children have both loadings at 1/√2; spreads of 1 and 3 are a quarter and three.
#[test]
fn small_cases_by_hand() {
    let columns = [vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![30.0, 32.0, 36.0, 39.0, 41.0]];
    assert!(apart(&weights(&Weighting::Pca, &columns), &[0.5, 0.5]) < 1e-15);
    let columns = [vec![1.0, 2.0, 3.0], vec![30.0, 36.0, 33.0]];
    assert!(apart(&weights(&Weighting::Sd, &columns), &[0.25, 0.75]) < 1e-15);
    // Two children say the same to each other: CRITIC is left with the spreads of 0, ½, 1 and 0, 1, ½.
    assert!(apart(&weights(&Weighting::Critic, &columns), &[0.5, 0.5]) < 1e-15);
    assert!((correlation::matrix(&columns).get(0, 1) - 0.5).abs() < 1e-15);
    let entropy = |p: [f64; 3]| -> f64 { p.iter().map(|p| -p * p.ln()).sum::<f64>() / 3.0_f64.ln() };
    let off =
        [1.0 - entropy([1.0 / 6.0, 1.0 / 3.0, 0.5]), 1.0 - entropy([30.0 / 99.0, 36.0 / 99.0, 1.0 / 3.0])];
    assert!(apart(&weights(&Weighting::Entropy, &columns), &normalised(off.to_vec())) < 1e-13);
}

#[test]
fn what_has_no_weights_is_refused_by_name() {
    let fine = scores(5, 3, 40);
    let mut constant = fine.clone();
    constant[1].fill(50.0);
    let mut against = fine.clone();
    against[2].iter_mut().for_each(|x| *x = 100.0 - *x);
    let mut zero = fine.clone();
    zero[0][7] = 0.0;
    let mut gaps = fine.clone();
    gaps[0][2..].fill(f64::NAN);
    for weighting in every(5, 3) {
        assert!(refusal(weighting.clone(), &constant).starts_with("`b` is the same"), "{weighting:?}");
        let few = refusal(weighting, &gaps);
        assert!(few.contains("need 3 rows") && few.contains("and 2 have it"), "{few}");
    }
    assert!(refusal(Weighting::Pca, &against).starts_with("`c` has a negative loading"));
    assert!(refusal(Weighting::Entropy, &zero).starts_with("`a` has scores of 0 or less"));
    let same = [fine[0].clone(), fine[0].clone()];
    assert!(refusal(Weighting::Critic, &same).contains("all children say the same"));
    let unrelated = [vec![1.0, 2.0, 1.0, 2.0], vec![1.0, 1.0, 2.0, 2.0]];
    assert!(refusal(Weighting::Pca, &unrelated).contains("two explain the same"));
    let mirrored = [fine[0].clone(), fine[0].iter().map(|x| 100.0 - x).collect()];
    let even = Weighting::Importance { targets: vec![0.5, 0.5] };
    assert!(refusal(even, &mirrored).contains("cancel each other"));
}

/// Rows with a gap are left out, and counted.
#[test]
fn gaps_are_counted() {
    let mut columns = scores(8, 3, 40);
    columns[1][4] = f64::NAN;
    columns[2][9] = f64::NAN;
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let complete = Complete::of(NAMES[..3].to_vec(), &views);
    assert_eq!((complete.rows, complete.dropped), (38, 2));
}
