//! The catalogue in words: what a reader is shown.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use vointi::{
    Definition,
    definition::{instrument, instrument_toml, instruments},
    report::{instrument_text, instruments_text},
    scale,
};

#[test]
fn every_worked_case_is_scored_as_published() {
    for one in instruments().unwrap() {
        let cases = scale::check(&one.id).unwrap();
        assert!(one.checks >= 3 && !cases.is_empty(), "{} has {} worked cases", one.id, one.checks);
        for case in cases {
            assert!(case.passes(), "{case:?}");
        }
    }
}

#[test]
fn the_catalogue_in_one_table() {
    assert_snapshot!("catalogue", instruments_text(&instruments().unwrap()));
}

#[test]
fn instruments_in_words() {
    for id in [
        "who5",
        "phq9",
        "pss10",
        "audit",
        "auditc",
        "psqi",
        "swemwbs",
        "cbi",
        "recommend_net",
        "eq5d5l",
        "ipaq_sf",
        "elo1",
    ] {
        assert_snapshot!(format!("explains_{id}"), instrument_text(&instrument(id).unwrap()));
    }
}

/// All of those named for shipping, and nobody's trade mark as an id.
#[test]
fn the_catalogue_is_whole() {
    let ids: BTreeSet<String> = instruments().unwrap().into_iter().map(|one| one.id).collect();
    let free = "who5 phq9 phq8 phq2 phq4 gad7 gad2 pss10 pss4 swls cantril ons4 rand36 mhi5 k6 k10 osss3 mspss jss4 audit \
                auditc ipaq_sf cbi olbi req elo1 recommend_net csat ces";
    let by_permission = "swemwbs wemwbs isi psqi ess nfr eq5d5l was";
    let expected: BTreeSet<String> =
        free.split_whitespace().chain(by_permission.split_whitespace()).map(str::to_owned).collect();
    assert_eq!(ids, expected);
    for id in by_permission.split_whitespace() {
        let key = instrument(id).unwrap();
        assert_eq!(key.licence.class, "C", "{id}");
        assert!(!key.licence.ask.is_empty(), "{id}");
    }
    for id in free.split_whitespace() {
        assert_ne!(instrument(id).unwrap().licence.class, "C", "{id}");
    }
}

/// Everything that is a figure says where it comes from, and every coding is named.
#[test]
fn every_figure_has_a_source() {
    for one in instruments().unwrap() {
        assert!(!one.coding.is_empty() && !one.about.is_empty() && !one.citation.is_empty(), "{}", one.id);
        for scale in &one.scales {
            let name = format!("{}.{}", one.id, scale.id);
            assert!(scale.bands.iter().all(|set| !set.source.is_empty()), "{name}: bands");
            assert!(scale.reliability.iter().all(|figure| !figure.source.is_empty()), "{name}: reliability");
            assert!(scale.norms.iter().all(|norm| !norm.source.is_empty()), "{name}: norm");
            assert!(scale.change.iter().all(|change| !change.source.is_empty()), "{name}: change");
            assert!(
                scale.bands.iter().all(|set| set.verified || !set.is_default),
                "{name}: an unverified default"
            );
        }
    }
}

#[test]
fn the_text_of_a_key_can_be_copied() {
    let text = instrument_toml("who5").unwrap();
    assert!(text.starts_with("schema"));
    assert!(instrument_toml("who6").unwrap_err().to_string().contains("did you mean `who5`?"));
}

/// What the README of the catalogue tells holders of a licence to write is a definition.
#[test]
fn the_template_for_holders_of_a_licence_can_be_read() {
    let readme = std::fs::read_to_string("data/instruments/README.md").unwrap();
    let template = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let scale = template.split("[instrument.ability.scale.").last().unwrap().split(']').next().unwrap();
    let text = format!(
        "schema = 1\nid = \"own\"\n[person]\nid = \"person\"\n{template}\n[indicator.it]\nscale = \"ability.{scale}\"\n\
         utility = \"linear\"\n[index]\nchildren = [\"it\"]\n"
    );
    let definition = Definition::from_toml(&text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(definition.conditions().next().map(|(id, ..)| id), Some("ability"));
}
