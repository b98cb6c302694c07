//! Findings and standings laid out as pages, Markdown and tables.

use insta::assert_snapshot;
use vointi::{
    Cohort, Definition, ErrorKind, Index, Scores,
    definition::Audience,
    explain::{
        self, Baseline, ChoiceEffects, Difference, Findings, INTENDED_USE, LeftOut, Standing, TermEstimate,
    },
    report::{self, CsvStyle},
    study::Summary,
    table::Table,
};

const FORBIDDEN: &str = include_str!("fixtures/pages/forbidden.txt");

/// A scored cohort.
struct Study {
    cohort: Cohort,
    index: Index,
    scores: Scores,
}

impl Study {
    fn of(definition: &Definition, cohort: Cohort) -> Self {
        let index = Index::new(definition).expect("an index");
        let scores = index.score_cohort(&cohort).expect("scores");
        Self { cohort, index, scores }
    }

    fn nhanes() -> Self {
        let definition = Definition::builtin("nhanes").expect("a definition");
        let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv").expect("a cohort");
        Self::of(&definition, cohort)
    }

    fn summary(&self) -> Summary {
        let summary = Summary::of(&self.cohort, &self.index, &self.scores).expect("a summary");
        summary.calibrated_from("shipped with the definition")
    }

    fn findings(&self) -> Findings {
        Findings::of(&self.cohort, &self.index, &self.scores, Audience::Research)
            .expect("findings")
            .calibrated_from("shipped with the definition")
    }

    /// Rows with an index and every choice and adjuster.
    fn complete(&self) -> Vec<usize> {
        let table = self.cohort.with_scores(&self.scores).expect("a table");
        let names: Vec<&str> =
            self.cohort.choices().names().filter(|name| *name != "person").chain(["index"]).collect();
        let observed = |row: usize| {
            names.iter().all(|name| {
                let column = table.column(name).expect("a column");
                column.number(row).is_some() || column.text_at(row).is_some()
            })
        };
        (0..table.rows()).filter(|row| observed(*row)).collect()
    }

    fn with_model(&self) -> Findings {
        let used = self.complete();
        let left_out = LeftOut::of(&self.cohort, &self.scores, &used).expect("both groups");
        self.findings()
            .with_choices(effects(self.index.definition(), 1.0, used.len(), self.cohort.rows()), left_out)
            .without_overlap(effects(self.index.definition(), 0.9, used.len() + 60, self.cohort.rows()))
    }

    fn standing(&self, id: &str) -> Standing {
        let person = self.cohort.person(id).expect("a person");
        let why = explain::contributions(&self.index, &person, &Baseline::mean(&self.scores)).expect("why");
        Standing::of(&self.index, &person, Audience::Clinic)
            .expect("a standing")
            .explained(&why)
            .among(&self.summary())
    }

    fn with_suggestions(&self, id: &str) -> Standing {
        let person = self.cohort.person(id).expect("a person");
        let all = explain::proposals(&person).into_iter().map(|proposal| {
            let (estimate, low, high) = match proposal.choice.as_str() {
                "sleep_hours" => (0.14, 0.02, 0.26),
                "smoking" => (0.54, -0.61, 1.69),
                "vigorous_recreation" => (2.76, 1.86, 3.65),
                "sitting_minutes" => (0.37, 0.26, 0.49),
                _ => (0.1, -1.0, 1.2),
            };
            (proposal, Difference { estimate, low, high, n: 3974, outside_data: false })
        });
        let adjusters = ["age", "sex", "education", "income_ratio"].map(str::to_owned);
        self.standing(id).suggesting(all.collect::<Vec<_>>(), &adjusters)
    }
}

/// A fit of the shipped people as R 4.2.2 gives it: `lm`, HC3. `of` makes another one of it.
fn effects(definition: &Definition, of: f64, n: usize, persons: usize) -> ChoiceEffects {
    let term = |column: &str, estimate: f64, std_error: f64, p: f64| {
        let (estimate, half) = (of * estimate, 1.960_6 * std_error);
        TermEstimate::new(column, estimate)
            .std_error(std_error)
            .interval(estimate - half, estimate + half)
            .p(p)
    };
    let terms = [
        term("(intercept)", 71.600_707, 1.390_454, 0.0),
        term("sleep_hours", 0.273_574, 0.121_267, 0.024_128),
        term("vigorous_recreation", 2.758_049, 0.457_136, 1.8e-9).level("yes", "no"),
        term("moderate_recreation", 0.918_548, 0.391_185, 0.018_918).level("yes", "no"),
        term("sitting_minutes", -0.006_209, 0.000_992, 4.3e-10),
        term("smoking", -2.335_472, 0.451_923, 2.5e-7).level("former", "never"),
        term("smoking", -2.877_582, 0.552_115, 2.0e-7).level("current", "never"),
        term("alcohol_none", -0.520_488, 0.497_304, 0.295_339).level("none", "some"),
        term("alcohol_g", -0.003_187, 0.009_671, 0.741_737),
        term("diet", -7.715_893, 0.877_951, 2.2e-18).level("poor", "good"),
        term("diet", -4.331_802, 0.471_057, 5.9e-20).level("fair", "good"),
        term("diet", 4.333_362, 0.473_962, 9.5e-20).level("very good", "good"),
        term("diet", 6.483_383, 0.682_966, 3.8e-21).level("excellent", "good"),
        term("age", -0.111_234, 0.011_261, 9.2e-23),
    ];
    ChoiceEffects::new(definition, "index", n, 0.95, &terms)
        .covariance("hc3")
        .r2(0.223_249)
        .dropped("missing_value", persons - n)
}

fn csv_of(fill: impl FnOnce(&mut Vec<u8>) -> vointi::Result<()>) -> String {
    let mut file = Vec::new();
    fill(&mut file).expect("a table");
    String::from_utf8(file).expect("UTF-8")
}

/// Every output of a study, with its name.
fn outputs(study: &Study, id: &str) -> Vec<(&'static str, String)> {
    let (findings, standing) = (study.with_model(), study.with_suggestions(id));
    let figures = study.summary().for_employer();
    let style = CsvStyle::default();
    vec![
        ("findings.html", report::findings_html(&findings)),
        ("findings.md", report::findings_markdown(&findings)),
        ("findings.csv", csv_of(|out| report::findings_csv(&findings, style, out))),
        ("findings.json", serde_json::to_string(&findings).expect("JSON")),
        ("standing.html", report::standing_html(&standing)),
        ("standing.md", report::standing_markdown(&standing)),
        ("standing.csv", csv_of(|out| report::standing_csv(&standing, style, out))),
        ("standing.json", serde_json::to_string(&standing).expect("JSON")),
        ("figures.html", report::figures_html(&figures)),
        ("figures.md", report::figures_markdown(&figures)),
        ("figures.csv", csv_of(|out| report::figures_csv(&figures, style, out))),
        ("figures.txt", report::figures_text(&figures)),
    ]
}

/// A page a tag a line, without its style sheet; runs of like hexagons or dots as their number.
fn legible(page: &str) -> String {
    let start = page.find("<style>").expect("a style sheet") + "<style>".len();
    let end = page.find("</style>").expect("a style sheet");
    let page = format!("{}…{}", &page[..start], &page[end..]).replace("><", ">\n<");
    let mut lines: Vec<String> = Vec::new();
    let mut run = 0;
    for line in page.lines() {
        let is_mark =
            ["<path class=\"cell\"", "<circle class=\"person\""].iter().any(|mark| line.starts_with(mark));
        if is_mark || (run > 0 && ["</path>", "</circle>"].contains(&line)) {
            run += usize::from(is_mark);
            continue;
        }
        if run > 0 {
            lines.push(format!("({run} marks)"));
            run = 0;
        }
        lines.push(line.to_owned());
    }
    lines.join("\n")
}

#[test]
fn pages_of_the_shipped_people() {
    let study = Study::nhanes();
    for (name, text) in outputs(&study, "3") {
        if name.ends_with(".html") {
            assert_snapshot!(name, legible(&text));
        } else if name.ends_with(".md") || name == "findings.csv" || name == "standing.csv" {
            assert_snapshot!(name, text);
        }
        if let Ok(folder) = std::env::var("VOINTI_PAGES") {
            std::fs::write(std::path::Path::new(&folder).join(name), text).expect("a file");
        }
    }
}

#[test]
fn findings_without_a_model() {
    assert_snapshot!(report::findings_markdown(&Study::nhanes().findings()));
}

#[test]
fn no_output_uses_a_forbidden_word() {
    let words: Vec<&str> =
        FORBIDDEN.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(words.len() > 20);
    let mut checked = 0;
    for (name, text) in outputs(&Study::nhanes(), "3") {
        // A CSS property is no word to anybody.
        let text = match (text.find("<style>"), text.find("</style>")) {
            (Some(start), Some(end)) => format!("{}{}", &text[..start], &text[end..]),
            _ => text,
        };
        assert_eq!(text.contains(INTENDED_USE), !["figures.csv", "figures.txt"].contains(&name), "{name}");
        let text = text.replace(INTENDED_USE, "").to_lowercase();
        for word in &words {
            let found = text.match_indices(word).find(|(at, _)| {
                !text[..*at].chars().next_back().is_some_and(|letter| letter.is_alphanumeric())
            });
            if let Some((at, _)) = found {
                let around: String =
                    text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
                panic!("{name}: “{word}” after “{around}”");
            }
            checked += 1;
        }
    }
    assert!(checked > 200);
}

#[test]
fn the_guide_has_the_text_on_intended_use() {
    let guide = include_str!("../src/guide/intended_use.md");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(guide).contains(&words(INTENDED_USE)));
}

#[test]
fn wherever_something_is_found_its_grounds_are_said() {
    let study = Study::nhanes();
    for (name, text) in outputs(&study, "3") {
        if name.starts_with("findings") && !name.ends_with(".json") {
            for ground in ["one cross-section", "3974", "ssociation", "income"] {
                let text = text.replace(",974", "974");
                assert!(text.contains(ground), "{name}: {ground}");
            }
        }
        if name == "standing.html" || name == "standing.md" {
            for ground in ["n = 3,974", "one cross-section", "not what would happen to you", "income ratio"] {
                assert!(text.contains(ground), "{name}: {ground}");
            }
        }
    }
}

/// Names that would break out of a page, a Markdown table or a sheet if nobody took care.
const NASTY: &str = r#"
schema = 1
id = "nasty"
title = "<script>alert('title')</script> & \"co\""
population = "</p><img src=x onerror=alert(1)>"
[person]
id = "person"
[instrument.mood]
use = "who5"
columns = ["w1", "w2", "w3", "w4", "w5"]
[measure.pulse]
unit = "/min"
limits = [25, 150]
[indicator.mood]
title = "<script>mood</script> | & \"m\""
scale = "mood.total"
utility = "linear"
[indicator.pulse]
title = "</title><script>pulse</script>"
measure = "pulse"
utility = { goalposts = [100, 50] }
[pillar.felt]
title = "</svg><script>felt</script>"
children = ["mood"]
[pillar.measured]
title = "measured & more"
children = ["pulse"]
[index]
children = ["felt", "measured"]
bands = { "<b>low" = [0, 50], high = [50, 101] }
[choice.habit]
title = "<script>habit</script>"
levels = ["<i>no", "yes & no"]
reference = "<i>no"
favours = ["yes & no"]
source = "nobody"
"#;

fn nasty() -> Study {
    let definition = Definition::from_toml(NASTY).expect("a definition");
    let people = 40;
    let value = |k: usize| Some((k * 7 % 6) as f64);
    let mut table = Table::builder().text("person", (0..people).map(|k| Some(format!("<img src={k}>"))));
    for item in 1..=5 {
        table = table.number(format!("w{item}"), (0..people).map(|k| value(k + item)));
    }
    let table = table
        .number("pulse", (0..people).map(|k| (k % 9 > 0).then(|| 50.0 + (k * 11 % 37) as f64)))
        .text("habit", (0..people).map(|k| Some(if k % 3 == 0 { "<i>no" } else { "yes & no" })))
        .build()
        .expect("a table");
    let cohort = Cohort::new(&definition, table).expect("a cohort");
    Study::of(&definition, cohort)
}

#[test]
fn names_are_escaped() {
    let study = nasty();
    let habit = TermEstimate::new("habit", 1.0).level("yes & no", "<i>no").interval(0.5, 1.5);
    let fit = ChoiceEffects::new(study.index.definition(), "index", 30, 0.95, &[habit])
        .dropped("<script>reason", 10)
        .remark("<script>remark")
        .adjusted_for(["<script>age"]);
    let left = LeftOut::of(&study.cohort, &study.scores, &(0..30).collect::<Vec<_>>()).expect("both groups");
    let findings = study.findings().calibrated_from("<script>file").with_choices(fit, left);
    let person = study.cohort.person("<img src=0>").expect("a person");
    let look = Difference { estimate: 1.0, low: 0.5, high: 1.5, n: 30, outside_data: true };
    let standing = study.standing("<img src=0>").suggesting(
        explain::proposals(&person).into_iter().map(|one| (one, look)),
        &["<script>age".to_owned()],
    );
    assert_eq!(standing.suggestions.len(), 1);
    for page in [
        report::findings_html(&findings),
        report::standing_html(&standing),
        report::figures_html(&study.summary().for_employer()),
        report::findings_markdown(&findings),
        report::standing_markdown(&standing),
    ] {
        for bad in ["<script", "<img", "<i>", "<b>low", "</title><script", "& more", "yes & no"] {
            assert!(!page.contains(bad), "{bad}");
        }
        assert!(page.contains("&lt;") || page.contains("Group figures"));
    }
}

#[test]
fn a_page_asks_for_nothing_from_outside() {
    let mut seen = 0;
    for (name, text) in outputs(&Study::nhanes(), "3").into_iter().filter(|(name, _)| name.ends_with(".html"))
    {
        let lower = text.to_lowercase();
        for bad in [
            "http:",
            "https:",
            "//",
            "<script",
            "<link",
            "@import",
            "@font-face",
            "<iframe",
            "<img",
            "<object",
            "<embed",
            " on",
        ] {
            let found = lower.match_indices(bad).find(|(at, _)| {
                // " onload=" and its like, but not the word "on".
                bad != " on"
                    || lower[at + 1..]
                        .split(|c: char| !c.is_alphanumeric())
                        .next()
                        .is_some_and(|word| lower[at + 1 + word.len()..].starts_with('='))
            });
            assert!(found.is_none(), "{name}: {bad}");
        }
        for part in lower.split("url(").skip(1) {
            assert!(part.starts_with('#'), "{name}: only what is on the page");
        }
        assert!(lower.contains("<html lang=\"en-gb\">"));
        assert!(lower.contains("default-src 'none'"), "{name}");
        let pictures = lower.matches("<svg").count();
        assert_eq!(lower.matches("role=\"img\"").count(), pictures);
        assert_eq!(lower.matches("<desc").count(), pictures);
        assert_eq!(
            lower.matches("<details").count() * 2,
            pictures,
            "a table behind each, which is drawn twice"
        );
        let ids: Vec<&str> =
            lower.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let distinct: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "{name}");
        assert!(text.len() < 400_000, "{name}: {} bytes", text.len());
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn an_employer_sees_figures_of_groups_and_nothing_else() {
    let study = Study::nhanes();
    let refused = Findings::of(&study.cohort, &study.index, &study.scores, Audience::Employer).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Audience);
    let person = study.cohort.person("17").expect("a person");
    let refused = Standing::of(&study.index, &person, Audience::Employer).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Audience);
    assert!(!refused.to_string().contains("17"));

    let figures = study.summary().for_employer();
    for page in [report::figures_html(&figures), report::figures_markdown(&figures)] {
        let page = page.replace(figures.hash.as_str(), "");
        for hidden in ["felt", "measured", "mood", "partial", "5,265", "443", "quartile", "interval", "<svg"]
        {
            let page = page.split("</style>").last().unwrap_or_default();
            assert!(!page.contains(hidden), "{hidden}");
        }
        assert!(page.contains("4,822"));
    }

    let definition = Definition::builtin("nhanes").expect("a definition");
    let nine = std::fs::read_to_string("data/nhanes/adults.csv").expect("a file");
    let nine: Vec<&str> = nine.lines().take(10).collect();
    let table =
        Cohort::csv_options(&definition).read_bytes(nine.join("\n").as_bytes(), "nine").expect("a table");
    let few = Study::of(&definition, Cohort::new(&definition, table).expect("a cohort"));
    let figures = few.summary().for_employer();
    for page in [report::figures_html(&figures), report::figures_markdown(&figures)] {
        assert!(page.contains("Fewer than 10 people"));
        assert!(!page.contains("band"), "nothing else is shown");
    }
}

#[test]
fn small_and_empty_cohorts_have_pages_too() {
    let study = nasty();
    let sides = study.findings().two_sides.expect("two sides");
    assert_eq!(sides.cloud.points.len(), sides.between.n);
    assert!(report::findings_html(&study.findings()).contains("Each dot is a person"));
    let json = serde_json::to_string(&study.findings()).expect("JSON");
    assert!(!json.contains("points"), "dots are for a picture only");

    let definition = Definition::from_toml(NASTY).expect("a definition");
    let mut table = Table::builder().text("person", [Some("a"), Some("b")]);
    for item in ["w1", "w2", "w3", "w4", "w5", "pulse"] {
        table = table.number(item, [None, None]);
    }
    let table = table.text("habit", [None::<&str>, None]).build().expect("a table");
    let empty = Study::of(&definition, Cohort::new(&definition, table).expect("a cohort"));
    let page = report::findings_html(&empty.findings());
    assert!(page.contains("Of 2 people nobody has an index.") && !page.contains("NaN"));
    let page = report::standing_html(
        &Standing::of(&empty.index, &empty.cohort.person("a").unwrap(), Audience::Clinic).unwrap(),
    );
    assert!(page.contains("There is no index") && !page.contains("NaN"));
    assert!(!report::findings_markdown(&empty.findings()).contains("NaN"));
}

#[test]
fn nothing_of_a_person_is_in_debug() {
    let study = nasty();
    let standing = study.standing("<img src=0>");
    let shown = format!("{standing:?} {:?} {:?}", standing.lifts, standing.pillars);
    assert!(!shown.contains("img") && !shown.chars().any(|c| c == '.'), "{shown}");
    assert!(format!("{:?}", study.findings()).contains("Cloud("));
}
