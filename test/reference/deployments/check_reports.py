"""Checks that the reports of `inference-lens check` are what their readers expect.

    inference-lens check my.check.json --junit junit.xml --sarif check.sarif
    pip install xmlschema==4.3.2 jsonschema==4.26.0
    python test/reference/deployments/check_reports.py --junit junit.xml --xsd junit-10.xsd --sarif check.sarif --schema sarif-schema-2.1.0.json

The schemas are not part of this project: junit-10.xsd is that of Jenkins' xUnit plugin (github.com/jenkinsci/xunit-plugin), sarif-schema-2.1.0.json
that of OASIS (github.com/oasis-tcs/sarif-spec, Schemata), against which GitHub validates uploads.
"""

import argparse
import json
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("junit", "xsd", "sarif", "schema"):
        parser.add_argument(f"--{name}", type=Path)
    options = parser.parse_args()
    if options.junit is not None:
        import xmlschema

        xmlschema.XMLSchema(str(options.xsd)).validate(str(options.junit))
        print(f"{options.junit}: valid")
    if options.sarif is not None:
        import jsonschema

        log, schema = (json.loads(path.read_text(encoding="utf-8")) for path in (options.sarif, options.schema))
        jsonschema.validators.validator_for(schema)(schema).validate(log)
        print(f"{options.sarif}: valid")


if __name__ == "__main__":
    main()
