"""
Validates the deployments of docs/scale.md against Kubernetes' own schemas, without a cluster, and its Slurm script against bash's grammar:

    python3 -m venv .venv && .venv/bin/pip install -r test/reference/deployments/requirements.txt
    .venv/bin/python test/reference/deployments/check.py

Strict: a field that Kubernetes does not know is an error. Exits with 1 where something is wrong.
"""
import copy
import re
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import yaml

VERSIONS = ("1.27", "1.37")
PAGE = Path(__file__).resolve().parents[3] / "docs" / "scale.md"


def blocks(text: str) -> dict[str, str]:
    """The indented blocks of code behind `<!-- name -->`, without their indentation."""
    found = re.finditer(r"<!-- ([a-z]+) -->\n\n((?:    .*\n|\n)+)", text)
    return {each[1]: "\n".join(line[4:] for line in each[2].rstrip().split("\n")) + "\n" for each in found}


def is_refused(resource: dict, version: str) -> bool:
    try:
        kubernetes_validate.validate(resource, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        print(f"  {version}: {'.'.join(map(str, error.path))}: {error.message}")
        return True
    return False


def main() -> int:
    found = blocks(PAGE.read_text())
    wrong = 0
    for name in ("kubernetes", "redis"):
        for resource in yaml.safe_load_all(found[name]):
            print(f"{resource['kind']} {resource['metadata']['name']}")
            wrong += sum(is_refused(resource, version) for version in VERSIONS)
            misspelled = copy.deepcopy(resource)
            misspelled["spec"]["misspelled"] = 1
            if not is_refused(misspelled, VERSIONS[-1]):
                print("  a field that does not exist was not refused: this check checks nothing")
                wrong += 1
    wrong += subprocess.run(["bash", "-n"], input=found["slurm"], text=True).returncode != 0
    print("as it should be" if wrong == 0 else f"{wrong} wrong")
    return int(wrong > 0)


sys.exit(main())
