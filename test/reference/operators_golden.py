"""The inputs and outputs of every operator of the standard domain, as the onnx package declares them: test/golden/onnx/operators.json.

A gradient rule says of each of them whether a gradient passes; the test compares with this list, so that none can be forgotten.
"""

import json
from pathlib import Path

import onnx
from onnx import defs

FLOATS = {"tensor(float)", "tensor(double)", "tensor(float16)", "tensor(bfloat16)"}
TARGET = Path(__file__).resolve().parents[1] / "golden" / "onnx" / "operators.json"


def port(schema: defs.OpSchema, formal: defs.OpSchema.FormalParameter) -> list[str]:
    """Name and marks: "floating" where its type may be, "variadic", "optional"."""
    constraints = {each.type_param_str: each.allowed_type_strs for each in schema.type_constraints}
    types = constraints.get(formal.type_str, [formal.type_str])
    option = defs.OpSchema.FormalParameterOption
    marks = {
        "floating": bool(FLOATS & set(types)),
        "variadic": formal.option == option.Variadic,
        "optional": formal.option == option.Optional,
    }
    return [formal.name, *(mark for mark, holds in marks.items() if holds)]


def main() -> None:
    operators: dict[str, list[dict]] = {}
    for schema in defs.get_all_schemas_with_history():
        if schema.domain != "" or schema.since_version > 23:
            continue
        operators.setdefault(schema.name, []).append(
            {
                "since": schema.since_version,
                "inputs": [port(schema, formal) for formal in schema.inputs],
                "outputs": [port(schema, formal) for formal in schema.outputs],
            }
        )
    rows = [
        json.dumps(name) + ": " + json.dumps(sorted(versions, key=lambda version: version["since"]))
        for name, versions in sorted(operators.items())
    ]
    made = json.dumps({"onnx": onnx.__version__})
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text('{\n"madeWith": ' + made + ',\n"operators": {\n' + ",\n".join(rows) + "\n}\n}\n")


if __name__ == "__main__":
    main()
