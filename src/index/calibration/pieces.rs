//! A calibration put together from what single indicators learned.

use std::collections::BTreeMap;

use super::{Calibration, File, nodes::LearnedNodes};

impl Calibration {
    /// What pieces teach, each of one indicator alone, together with what nodes learned. It belongs to no definition.
    pub(in crate::index) fn joined<'a>(
        pieces: impl IntoIterator<Item = &'a Self>,
        node: LearnedNodes,
    ) -> Self {
        let mut file = File { schema: 1, node, ..File::default() };
        for piece in pieces {
            // Named one by one, so that nothing that is learned can be forgotten here.
            let File {
                schema: _,
                definition: _,
                version: _,
                definition_hash: _,
                rows,
                screened,
                scale,
                measure,
                indicator,
                imputed,
                health: _,
                node: _,
                personal: _,
                learned,
            } = &piece.file;
            (file.rows, file.screened) = (*rows, *screened);
            extend(&mut file.scale, scale);
            extend(&mut file.measure, measure);
            extend(&mut file.indicator, indicator);
            extend(&mut file.imputed, imputed);
            extend(&mut file.learned, learned);
        }
        file.personal = file.holds_persons();
        Self { file }
    }
}

fn extend<T: Clone>(all: &mut BTreeMap<String, T>, more: &BTreeMap<String, T>) {
    all.extend(more.iter().map(|(name, learned)| (name.clone(), learned.clone())));
}
