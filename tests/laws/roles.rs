//! Law 4: a choice may not be an indicator.

use proptest::prelude::*;
use vointi::Definition;

use super::{config, generate::spec};

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn a_choice_may_not_rest_on_a_column_of_an_indicator(spec in spec(), at in 0usize..6, k in 0usize..4, through in 0usize..4) {
        let at = at % spec.leaves.len();
        let column = format!("x{at}_{}", k % spec.leaves[at].readings);
        // The column itself, in an expression, and in one or two derived columns.
        let choice = match through {
            0 => format!("[choice.habit]\ncolumn = \"{column}\"\n"),
            1 => format!("[choice.habit]\nfrom = \"if({column} > 1, 'much', 'little')\"\nlevels = [\"little\", \"much\"]\n"),
            2 => format!("[derived.half]\nfrom = \"{column} / 2\"\n[choice.habit]\nfrom = \"half + other\"\n"),
            _ => format!("[derived.half]\nfrom = \"{column} / 2\"\n[derived.more]\nfrom = \"half + other\"\n[choice.habit]\ncolumn = \"more\"\n"),
        };
        let error = Definition::from_toml(&(spec.toml() + &choice)).unwrap_err();
        let what = format!("the choice and the indicator `i{at}` both rest on the column `{column}`");
        prop_assert!(error.faults().iter().all(|fault| fault.what() == what), "{error}");
        let other = choice.replace(&column, "elsewhere");
        prop_assert!(Definition::from_toml(&(spec.toml() + &other)).is_ok());
    }
}
