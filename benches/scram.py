"""Fault trees in ninefold and in SCRAM, side by side: time, memory and P(top).

Development only. Needs the Debian package `scram`, and a folder of Open-PSA files:

    python benches/scram.py target/release/ninefold FOLDER [--limit SECONDS]

SCRAM computes the probability by its decision diagram (`--bdd --probability 1`), which is what it is best at; ninefold does, beside it,
minimal cut sets, and importance measures.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time


def run(command, limit):
    begun = time.time()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None, limit, limit
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, time.time() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ninefold")
    parser.add_argument("folder")
    parser.add_argument("--limit", type=float, default=100)
    arguments = parser.parse_args()
    print("| tree | ninefold CPU [s] | SCRAM CPU [s] | ratio | P(top) ninefold | P(top) SCRAM |\n|---|---|---|---|---|---|")
    totals = [0.0, 0.0]
    for name in sorted(os.listdir(arguments.folder)):
        if not name.endswith(".xml"):
            continue
        path = os.path.join(arguments.folder, name)
        ours, _, our_time = run([arguments.ninefold, "solve", path, "--format", "json"], arguments.limit)
        theirs, _, their_time = run(["scram", "--bdd", "--probability", "1", path], arguments.limit)
        result = json.loads(ours.stdout)["result"] if ours and ours.stdout else {}
        value = result.get("unavailability")
        shown = f"{value:.12e}" if value else json.dumps(result.get("bounds", {}).get("unavailability"))
        found = re.search(r'<sum-of-products[^>]*probability="([^"]*)"', theirs.stdout) if theirs else None
        probability = found.group(1) if found else "none"
        if found:
            totals = [totals[0] + our_time, totals[1] + their_time]
        ratio = f"{their_time / max(our_time, 1e-2):.1f}" if found else ""
        print(f"| {name[:-4]} | {our_time:.2f} | {their_time:.2f} | {ratio} | {shown} | {probability} |", flush=True)
    print(f"| all that both solve | {totals[0]:.1f} | {totals[1]:.1f} | {totals[1] / totals[0]:.1f} | | |")


sys.exit(main())
