//! What a measure is divided by: `per`.

use serde::Serialize;

use super::{
    parts::Origin,
    source::{Faults, Node},
};

/// x / (column / scale).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Denominator {
    /// Of the file, or derived.
    pub(crate) column: String,
    pub(crate) scale: f64,
}

impl Denominator {
    /// The value per so much; none where there is no denominator, or one that none can be.
    pub(crate) fn apply(&self, x: f64, denominator: f64) -> Option<f64> {
        let value = x / (denominator / self.scale);
        (denominator > 0.0 && value.is_finite()).then_some(value)
    }

    pub(crate) fn in_words(&self) -> String {
        if self.scale == 1.0 {
            format!("per {}", self.column)
        } else {
            format!("per {} {}", self.scale, self.column)
        }
    }
}

pub(super) fn read(node: &Node, origin: &Origin, path: &str, faults: &mut Faults<'_>) -> Option<Denominator> {
    let found = node.get("per")?;
    let path = format!("{path}.per");
    let column = found.text().or_else(|| found.get("column")?.text())?.to_owned();
    let own = match origin {
        Origin::Columns(columns) => columns.contains(&column),
        Origin::From(formula) => {
            let only_name = matches!(formula.expression.names().as_slice(), [name] if *name == column);
            only_name && formula.text.trim().trim_matches('`') == column
        }
    };
    if own {
        let what = format!("`{column}` is divided by itself, which is 1 for everybody");
        faults.add(found.span.start, &path, what, "name another column");
    }
    if let Some(used) = node.get("use") {
        let what = "limits and errors of the registry are of the measure alone, not of a quotient";
        faults.add(used.span.start, &path, what, "leave out `use` and give `unit`, `limits` and `error`");
    }
    let scale = found.get("scale").and_then(Node::number).unwrap_or(1.0);
    if scale <= 0.0 {
        let at = found.get("scale").map_or(found.span.start, |scale| scale.span.start);
        faults.add(at, &format!("{path}.scale"), format!("{scale} is no scale"), "give a number above 0");
    }
    Some(Denominator { column, scale })
}
