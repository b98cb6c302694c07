//! Law 5: missing is a policy; the score says what it rests on.

use proptest::prelude::*;
use vointi::{Flag, Index, index::Reason};

use super::{
    config,
    generate::{positions, readings, spec},
};

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn there_is_a_score_where_the_rules_are_met(spec in spec(), positions in positions()) {
        let definition = spec.definition().unwrap();
        let readings = readings(&spec, &positions);
        let score = Index::new(&definition).unwrap().score(&spec.person(&definition, &readings).unwrap()).unwrap();
        let is_observed = |at: usize| spec.is_observed(at, &readings[at]);
        for at in 0..spec.leaves.len() {
            prop_assert_eq!(score.indicator(&format!("i{at}")).is_some(), is_observed(at));
        }
        let (has_score, coverage) = spec.tree().observed(&is_observed);
        prop_assert_eq!(score.value().is_some(), has_score);
        prop_assert!((score.coverage() - coverage).abs() < 1e-12, "{} {}", score.coverage(), coverage);
        let reason = match (has_score, coverage > 0.0) {
            (true, _) => Reason::None,
            (false, true) => Reason::TooFew,
            (false, false) => Reason::NothingScored,
        };
        prop_assert_eq!(score.reason(), reason);
        prop_assert_eq!(score.flags().contains(Flag::Partial), has_score && coverage < 1.0 - 1e-9);
    }

    #[test]
    fn dropping_readings_never_raises_the_coverage(spec in spec(), positions in positions(), at in 0usize..6, k in 0usize..4) {
        let definition = spec.definition().unwrap();
        let index = Index::new(&definition).unwrap();
        let mut readings = readings(&spec, &positions);
        let before = index.score(&spec.person(&definition, &readings).unwrap()).unwrap();
        let at = at % readings.len();
        let k = k % readings[at].len();
        readings[at][k] = f64::NAN;
        let after = index.score(&spec.person(&definition, &readings).unwrap()).unwrap();
        prop_assert!(after.coverage() <= before.coverage() + 1e-12);
        prop_assert!(before.value().is_some() || after.value().is_none());
    }
}
