"""The same Markov chains in ninefold and in stormpy, side by side: time and correct digits.

Development only. Needs stormpy (`pip install stormpy` in a virtual environment outside of the repository):

    python benches/storm.py target/release/ninefold [--limit SECONDS]

Each topology is exported once (`ninefold convert --to drn`) and read by stormpy, so that both solve the same chain. A row of stormpy is
a process of its own. Digits are counted against ninefold's value, whose relative error is proven to be below 1e-11.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time

# The size of the crew, the units that a group needs, and the units of each group. Every group has times of its own, so that nothing
# is alike and no product form applies.
MODELS = {"two pairs, one crew": (1, 1, [2, 2]), "four pairs, one crew": (1, 1, [2, 2, 2, 2]),
          "five pairs, one crew": (1, 1, [2, 2, 2, 2, 2]), "groups of 5, 5 and 4, crew of two": (2, 2, [5, 5, 4]),
          "a group of three and four pairs, one crew": (1, 1, [3, 2, 2, 2, 2])}
MODES = ["default", "plain", "exact"]


def topology(crew, need, sizes):
    parts = [f"[crew.oncall]\nsize = {crew}\n"]
    for number, size in enumerate(sizes):
        time_of = 20 + 3 * number
        parts.append(f'[component.c{number}]\nmtbf = "{time_of}d"\nmttr = "{time_of}m"\n[group.g{number}]\n'
                     f'component = "c{number}"\nactive = {size}\nneed = {need}\ncrew = "oncall"\n')
    names = " and ".join(f"g{number}" for number in range(len(sizes)))
    return "".join(parts) + f'[system]\nup = "{names}"\n'


def storm(mode, path):
    """Runs in a process of its own; prints seconds of building, seconds of checking, and the value."""
    import stormpy

    begun = time.time()
    build = stormpy.build_model_from_drn
    model = build[stormpy.Rational](path) if mode == "exact" else build(path)
    built = time.time()
    formula = stormpy.parse_properties('LRA=? ["down"]')[0]
    # Without an environment stormpy asks for sound results; an environment as it is made does not.
    environment = stormpy.Environment() if mode == "plain" else None
    result = stormpy.model_checking(model, formula, environment=environment)
    value = result.get_value(model.initial_states[0])
    print(json.dumps([built - begun, time.time() - built, float(value)]))


def row(mode, path, limit, exact):
    try:
        run = subprocess.run([sys.executable, __file__, "--storm", mode, path], capture_output=True, text=True, timeout=limit)
        build, check, value = json.loads(run.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        return f"| | stormpy {mode} | | | none in {limit} s | |"
    except (IndexError, ValueError):
        return f"| | stormpy {mode} | | | failed: {run.stderr.strip().splitlines()[-1:]} | |"
    error = abs(value / exact - 1)
    digits = "all" if error == 0 else f"{max(0.0, -math.log10(error)):.1f}"
    return f"| | stormpy {mode} | {build:.2f} | {check:.2f} | {value:.12e} | {digits} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ninefold", nargs="?")
    parser.add_argument("path", nargs="?")
    parser.add_argument("--storm", metavar="MODE")
    parser.add_argument("--limit", type=float, default=100)
    arguments = parser.parse_args()
    if arguments.storm:
        storm(arguments.storm, arguments.ninefold)
        return
    print("| chain | tool | build [s] | solve [s] | U | correct digits |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, (crew, need, sizes) in MODELS.items():
            toml, drn = os.path.join(folder, "model.toml"), os.path.join(folder, "model.drn")
            with open(toml, "w", encoding="utf-8") as file:
                file.write(topology(crew, need, sizes))
            begun = time.time()
            limit = ["--max-states", "5000000"]
            report = subprocess.run([arguments.ninefold, "solve", toml, "--format", "json", *limit], capture_output=True,
                                    check=True)
            seconds = time.time() - begun
            result = json.loads(report.stdout)["result"]
            exact, accuracy = result["unavailability"], result["relative_accuracy"]
            subprocess.run([arguments.ninefold, "convert", toml, "--to", "drn", "-o", drn, *limit], check=True)
            print(f"| {name}: {result['states']} states | ninefold, whole process | | {seconds:.2f} | {exact:.12e} | "
                  f"{-math.log10(accuracy):.1f}, proven |", flush=True)
            for mode in MODES:
                print(row(mode, drn, arguments.limit, exact), flush=True)


main()
