#!/usr/bin/env python3
"""Twenty questionnaires scored in polars: what a user would otherwise write, lazily and in one select.

    python benches/instruments.py FOLDER REPEATS

FOLDER holds one file of little-endian doubles an item, `INSTRUMENT.ITEM`, NaN where unanswered. Every scale's score and
number of answers are written there in the same way, `INSTRUMENT.SCALE.out` and `INSTRUMENT.SCALE.answered.out`, and the
milliseconds of every repeat are printed, by the clock and of the processor, for the engine in memory and the streaming
one. Reading, and NaN to null, are not timed. Needs numpy and polars.

    python benches/instruments.py FOLDER REPEATS PERSONS

draws the answers first, one in fifty unanswered.
"""

import pathlib
import sys
import time

import numpy as np
import polars as pl


def items(count, prefix=""):
    return [f"{prefix}{number}" for number in range(1, count + 1)]


REQ = ["detachment", "relaxation", "mastery", "control"]
OLBI_REVERSED = ["2", "3", "4", "6", "8", "9", "11", "12"]
# Items, lowest and highest answer (osss3's first item stops at 4), and by scale: items, reversed items, what is made of them.
INSTRUMENTS = {
    "who5": (items(5), 0, 5, {"total": (items(5), [], "sum", 4)}),
    "phq8": (items(8), 0, 3, {"total": (items(8), [], "sum", 1)}),
    "gad7": (items(7), 0, 3, {"total": (items(7), [], "sum", 1)}),
    "pss10": (
        items(10),
        0,
        4,
        {
            "total": (items(10), ["4", "5", "7", "8"], "sum", 1),
            "helplessness": (["1", "2", "3", "6", "9", "10"], [], "sum", 1),
            "self_efficacy": (["4", "5", "7", "8"], ["4", "5", "7", "8"], "sum", 1),
        },
    ),
    "swls": (items(5), 1, 7, {"total": (items(5), [], "sum", 1)}),
    "k6": (items(6), 0, 4, {"total": (items(6), [], "sum", 1)}),
    "k10": (items(10), 1, 5, {"total": (items(10), [], "sum", 1)}),
    "mspss": (
        items(12),
        1,
        7,
        {
            "total": (items(12), [], "mean", 1),
            "significant_other": (["1", "2", "5", "10"], [], "mean", 1),
            "family": (["3", "4", "8", "11"], [], "mean", 1),
            "friends": (["6", "7", "9", "12"], [], "mean", 1),
        },
    ),
    "jss4": (items(4), 0, 5, {"total": (items(4), [], "sum", 1)}),
    "auditc": (items(3), 0, 4, {"total": (items(3), [], "sum", 1)}),
    "cbi": (
        items(6, "p") + items(7, "w"),
        0,
        100,
        {"personal": (items(6, "p"), [], "at_least", 3), "work": (items(7, "w"), ["w7"], "at_least", 4)},
    ),
    "olbi": (
        items(16),
        1,
        4,
        {
            "total": (items(16), OLBI_REVERSED, "mean", 1),
            "exhaustion": (["2", "4", "5", "8", "10", "12", "14", "16"], OLBI_REVERSED, "mean", 1),
            "disengagement": (["1", "3", "6", "7", "9", "11", "13", "15"], OLBI_REVERSED, "mean", 1),
        },
    ),
    "req": (
        [item for block in REQ for item in items(4, f"{block}_")],
        1,
        5,
        {
            **{block: (items(4, f"{block}_"), [], "mean", 1) for block in REQ},
            "total": ([item for block in REQ for item in items(4, f"{block}_")], [], "mean", 1),
        },
    ),
    "wemwbs": (items(14), 1, 5, {"total": (items(14), [], "sum", 1)}),
    "isi": (items(7), 0, 4, {"total": (items(7), [], "sum", 1)}),
    "ess": (items(8), 0, 3, {"total": (items(8), [], "sum", 1)}),
    "nfr": (items(11), 0, 1, {"total": (items(11), ["4"], "share", 1)}),
    "phq4": (
        items(4),
        0,
        3,
        {
            "total": (items(4), [], "sum", 1),
            "anxiety": (["1", "2"], [], "sum", 1),
            "depression": (["3", "4"], [], "sum", 1),
        },
    ),
    "osss3": (items(3), 1, 5, {"total": (items(3), [], "sum", 1)}),
    "mhi5": (items(5), 1, 6, {"total": (items(5), ["3", "5"], "onto", 1)}),
}


def scale(instrument, name):
    """The score, null where an answer is missing that it needs, and the number of answers."""
    _, lowest, highest, scales = INSTRUMENTS[instrument]
    used, reverse, kind, by = scales[name]
    columns = [pl.col(f"{instrument}.{item}") for item in used]
    values = [lowest + highest - column if item in reverse else column for item, column in zip(used, columns)]
    answered = pl.sum_horizontal(column.is_not_null() for column in columns)
    if kind == "at_least":
        score = pl.when(answered >= by).then(pl.mean_horizontal(values))
    else:
        score = pl.sum_horizontal(values, ignore_nulls=False)
        if kind == "mean":
            score = score / len(used)
        elif kind == "share":
            score = 100 * score / len(used)
        elif kind == "onto":
            score = 100 * (score - lowest * len(used)) / ((highest - lowest) * len(used))
        elif by != 1:
            score = by * score
    return score.alias(f"{instrument}.{name}"), answered.alias(f"{instrument}.{name}.answered")


def draw(folder, persons):
    rng = np.random.default_rng(20)
    for instrument, (names, lowest, highest, _) in INSTRUMENTS.items():
        for item in names:
            if instrument == "cbi":
                answers = 25.0 * rng.integers(0, 5, persons)
            else:
                top = 4 if (instrument, item) == ("osss3", "1") else highest
                answers = rng.integers(lowest, top + 1, persons).astype(float)
            answers[rng.random(persons) < 0.02] = np.nan
            answers.astype("<f8").tofile(folder / f"{instrument}.{item}")


def timed(name, repeats, work):
    times, processor = [], []
    for _ in range(repeats):
        start, start_processor = time.perf_counter(), time.process_time()
        result = work()
        times.append(1e3 * (time.perf_counter() - start))
        processor.append(1e3 * (time.process_time() - start_processor))
    print(name, *(f"{milliseconds:.3f}" for milliseconds in times))
    print(f"processor_{name}", *(f"{milliseconds:.3f}" for milliseconds in processor))
    return result


def main():
    folder, repeats = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        folder.mkdir(parents=True, exist_ok=True)
        draw(folder, int(sys.argv[3]))
    print(
        f"python {sys.version.split()[0]}, numpy {np.__version__}, polars {pl.__version__}, {pl.thread_pool_size()} threads"
    )
    columns = {
        f"{instrument}.{item}": np.fromfile(folder / f"{instrument}.{item}", dtype="<f8")
        for instrument, (names, *_) in INSTRUMENTS.items()
        for item in names
    }
    answers = pl.DataFrame(columns, nan_to_null=True)
    del columns
    wanted = [column for instrument, (*_, scales) in INSTRUMENTS.items() for name in scales for column in scale(instrument, name)]
    query = answers.lazy().select(wanted)
    print(f"{answers.height} persons, {answers.width} items, {len(wanted) // 2} scales")
    result = timed("scores", repeats, query.collect)
    streamed = timed("scores_streaming", repeats, lambda: query.collect(engine="streaming"))
    assert streamed.equals(result)
    for column in result:
        column.cast(pl.Float64).fill_null(float("nan")).to_numpy().astype("<f8").tofile(folder / f"{column.name}.out")


if __name__ == "__main__":
    main()
