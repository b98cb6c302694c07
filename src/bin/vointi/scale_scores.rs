//! `scales`.

use vointi::{
    Cohort,
    definition::Audience,
    report::{self, CsvStyle},
    scale,
};

use crate::{
    args::{self, Format},
    exit::{Failure, note},
    input,
    output::{self, Fill, Target, text_of},
    study::audience_of_people,
};

pub(crate) fn scales(asked: &args::Scales, format: Option<Format>) -> Result<(), Failure> {
    let (definition, file) = input::definition(&asked.definition)?;
    let audience = asked.audience.map_or(definition.audience(), Into::into);
    if asked.safety {
        audience_of_people(asked.audience, &definition, "a safety flag")?;
        if format.is_some_and(|format| format != Format::Csv) {
            return Err(Failure::usage("safety flags are written as CSV, in a file of their own"));
        }
    }
    let target = Target::new(asked.output.as_deref());
    let inputs: Vec<_> = file.iter().map(AsRef::as_ref).chain([asked.data.as_path()]).collect();
    output::check_places(&inputs, &[&target])?;
    let cohort = Cohort::new(&definition, input::table(&definition, &asked.data, &asked.reading)?)?;
    let scales = scale::score(&cohort);
    if asked.safety && scales.safety().is_empty() {
        return Err(Failure::usage(
            "no instrument of this definition has an answer that raises a safety flag",
        ));
    }
    let style = CsvStyle::from(asked.csv);
    let of_persons =
        format.unwrap_or(if audience == Audience::Employer { Format::Text } else { Format::Csv });
    let fill: Fill<'_> = match of_persons {
        Format::Csv if asked.safety => Box::new(|out| report::safety_csv(&cohort, &scales, style, out)),
        Format::Csv => {
            audience_of_people(asked.audience, &definition, "a person's scale score")?;
            for column in scales.iter().filter(|column| column.is_for_groups()) {
                note(&format!(
                    "note: {} is valid for groups alone: it has no rows of persons",
                    column.name()
                ));
            }
            Box::new(|out| report::scales_csv(&cohort, &scales, style, out))
        }
        Format::Text => text_of(report::scales_text(&scales.summary(audience))),
        Format::Json => text_of(output::json(&scales.summary(audience))?),
    };
    output::write(vec![(&target, fill)])
}
