"""The command `python -m kerasish inspect FILE`."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from kerasish.files.inspect import text
from kerasish.files.inspect.sources import opened


def add_parser(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    parser = commands.add_parser(
        "inspect",
        help="print what a model or weights file holds, without building the model",
        description="Print the layers, weights, shapes, dtypes, bytes and statistics in a file: "
        ".keras, HDF5 of any Keras, .weights.json, .safetensors, a model's .json, "
        "a SavedModel or a checkpoint of TensorFlow. Nothing in the file is run or imported.",
    )
    parser.add_argument("file", help="path of the file or folder; of a checkpoint of TensorFlow, without an ending")
    parser.add_argument(
        "--tensor",
        metavar="NAME",
        help="print the values of one weight (its full name, or an end of it that is unique)",
    )
    parser.add_argument("--tree", action="store_true", help="print the tree of names")
    parser.add_argument("--json", action="store_true", help="print JSON for other programs")
    parser.add_argument("--all", action="store_true", help="with --tensor: print every value")
    parser.add_argument("--no-statistics", action="store_true", help="read no values: quick for large files")
    parser.set_defaults(run=run)


def run(options: dict[str, Any]) -> int:
    """Do what the parsed `options` ask for.

    Returns the exit code: 0, or 1 for a file or name that can't be read (said in one line).
    """
    try:
        with opened(options.file) as report:
            for line in _lines(report, options):
                if not _printed(line):
                    break
    except (ValueError, OSError) as error:
        print(
            f"kerasish inspect: {' '.join(text.printable(part) for part in str(error).splitlines())}", file=sys.stderr
        )
        return 1
    return 0


def _printed(line):
    """Print a line; False where what reads the output (head, less) has seen enough."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at its end
        return False
    return True


def _lines(report, options):
    if options.tensor is not None:
        weight = report.find(options.tensor)
        if options.json:
            yield json.dumps(
                {
                    "name": weight.name,
                    "shape": list(weight.shape),
                    "dtype": weight.dtype,
                    "values": _nested(weight.read()),
                },
                allow_nan=False,
            )
        else:
            yield from text.values(weight, threshold=sys.maxsize if options.all else 1000)
    elif options.json:
        yield text.as_json(report, not options.no_statistics)
    elif options.tree:
        yield from text.tree(report)
    else:
        yield from text.overview(report, not options.no_statistics)


def _nested(array):
    """Nested lists of numbers that JSON has."""

    def plain(value):
        return [plain(item) for item in value] if isinstance(value, list) else text.finite(value)

    return plain(array.tolist())
